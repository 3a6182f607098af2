"""Debian's package descriptions in English and other languages, one JSON line each: id, language, section, text.

Usage: python3 debian-translations.py OUT.jsonl COUNT LANGUAGE …, on Debian; for each language COUNT packages at random, the
same each time, or all where there are fewer. A text is the short description and the long one. The translations are free
software, under the licences of the packages that they describe or freer ones."""
import bz2, json, lzma, random, re, subprocess, sys, urllib.request

SUITE = "bookworm"
site = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", f"Codename: {SUITE}"],
                      capture_output=True, check=True, text=True).stdout.split()[0]


def fetch(path):
    with urllib.request.urlopen(f"{site}/dists/{SUITE}/main/{path}") as response:
        return response.read()


def entries(text):
    """The fields of each entry; the lines that go on with a field behind its first."""
    for entry in text.split("\n\n"):
        fields = re.findall(r"^([\w-]+): (.*(?:\n .*)*)", entry, re.MULTILINE)
        if fields:
            yield dict(fields)


def paragraphs(description):
    short, *long = description.split("\n")
    text = "\n".join(line.strip() for line in long)
    return "\n".join([short.strip(), *(" ".join(part.split()) for part in re.split(r"\n\.\n", text) if part.strip())])


out, count, *languages = sys.argv[1:]
packages = lzma.decompress(fetch("binary-amd64/Packages.xz")).decode()
section = {entry["Package"]: entry["Section"] for entry in entries(packages)}
with open(out, "w") as lines:
    for language in languages:
        ending, unpack = ("xz", lzma.decompress) if language == "en" else ("bz2", bz2.decompress)
        texts = unpack(fetch(f"i18n/Translation-{language}.{ending}")).decode()
        rows = [(entry["Package"], paragraphs(entry[f"Description-{language}"])) for entry in entries(texts)]
        rows = sorted({name: text for name, text in rows if name in section}.items())
        random.Random(0).shuffle(rows)
        for name, text in rows[:int(count)]:
            row = {"id": name, "language": language, "section": section[name], "text": text}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
