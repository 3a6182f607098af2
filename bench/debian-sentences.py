"""Distinct sentences and list items of Debian's long package descriptions, one JSON line each.

Usage: python3 debian-sentences.py OUT.jsonl, after `apt-get update` (Debian, with -o Acquire::Languages=en)."""
import glob, json, re, subprocess, sys

seen = {}
files = sorted(glob.glob("/var/lib/apt/lists/*Translation-en*"))
text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", *files], capture_output=True, check=True).stdout.decode()
for entry in text.split("\n\n"):
    body = entry.partition("Description-en: ")[2].split("\n")
    paragraph = []
    for line in [*body[1:], " ."]:
        item = re.match(r"  +[*-] ?", line)
        if line.strip() == "." or item:
            for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(paragraph)):
                if 20 <= len(sentence) <= 400:
                    seen.setdefault(sentence, None)
            paragraph = [line[item.end():].strip()] if item else []
        else:
            paragraph.append(line.strip())
    if body[0].strip():
        seen.setdefault(body[0].strip(), None)
with open(sys.argv[1], "w") as out:
    for sentence in seen:
        out.write(json.dumps({"text": sentence}) + "\n")
print(len(seen), "sentences")
