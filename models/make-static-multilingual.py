"""Make models/static-multilingual, a static model in the form of Model2Vec, from a folder of multilingual-e5-small.

    npm run model multilingual
    python3 -m venv /tmp/export && /tmp/export/bin/pip install -r models/multilingual-requirements.txt
    /tmp/export/bin/python models/make-static-multilingual.py models/multilingual-e5-small models/static-multilingual

It takes some five minutes on two cores. Each piece of the vocabulary goes through the transformer as
`<s> query: piece </s>`, of which the vector of the piece itself counts. Then principal components, of pieces as often
as texts have them; weights a / (a + p), p being the piece's probability in the Unigram model; and pieces of nearly the
same vector share a row.
"""

import argparse
import json
import pathlib
import shutil

import numpy as np
import onnxruntime
from safetensors.numpy import save_file
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent
COLUMNS = 320
ROWS = 38_000
COMMON = 1e-4  # a piece of this probability has half the weight of a rare one
EVEN = 0.25  # columns are divided by their variance to this power
RARE = 0.35  # how much a rare piece counts when rows are shared: its share of texts to this power
COARSE, COARSE_ROUNDS, ROUNDS = 256, 8, 6
SEED = 0
BATCH = 512


def piece_vectors(folder, count):
    """Unit float32 rows: what the transformer makes of each piece alone."""
    before = Tokenizer.from_file(str(folder / "tokenizer.json")).encode("query:").ids
    ids = np.array([*before[:-1], 0, before[-1]], np.int64)
    session = onnxruntime.InferenceSession(folder / "onnx/model_quantized.onnx")
    rows = []
    for start in range(0, count, BATCH):
        pieces = np.arange(start, min(start + BATCH, count))
        batch = np.tile(ids, (len(pieces), 1))
        batch[:, -2] = pieces
        feeds = {"input_ids": batch, "attention_mask": np.ones_like(batch), "token_type_ids": np.zeros_like(batch)}
        rows.append(session.run(None, feeds)[0][:, -2])
    vectors = np.concatenate(rows)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def components(vectors, shares):
    """Vectors on their principal axes, those of pieces as often as `shares` says; columns made more even."""
    centred = vectors - shares @ vectors
    weighted = centred * np.sqrt(shares)[:, None]
    variances, axes = np.linalg.eigh((weighted.T @ weighted).astype(np.float64))
    first = np.argsort(-variances)[:COLUMNS]
    return (centred @ axes[:, first] * variances[first] ** -EVEN).astype(np.float32)


def nearest(vectors, centres, batch=20_000):
    """The number of the nearest centre of each vector."""
    half = (centres**2).sum(axis=1) / 2
    parts = np.split(vectors, range(batch, len(vectors), batch))
    return np.concatenate([(part @ centres.T - half).argmax(axis=1) for part in parts])


def k_means(vectors, weights, k, rounds, random):
    """Centres, and the number of the centre of each vector."""
    if k >= len(vectors):
        return vectors, np.arange(len(vectors))
    centres = vectors[random.choice(len(vectors), k, replace=False, p=weights / weights.sum())].copy()
    for _ in range(rounds):
        groups = nearest(vectors, centres)
        order = np.argsort(groups, kind="stable")
        used, starts = np.unique(groups[order], return_index=True)
        sums = np.add.reduceat((vectors * weights[:, None])[order], starts, axis=0)
        centres[used] = sums / np.bincount(groups, weights, k)[used, None]
    return centres, nearest(vectors, centres)


def rows_of(groups, weights):
    """How many rows each coarse group gets: by its pieces and by their weight, never more than it has pieces."""
    pieces, mass = np.bincount(groups, minlength=COARSE), np.bincount(groups, weights, COARSE)
    share = np.sqrt(pieces * mass)
    rows = np.minimum(pieces, 1)
    while rows.sum() < ROWS:
        room = rows < pieces
        more = (share * room / (share * room).sum() * (ROWS - rows.sum())).astype(int)
        if not more.any():
            break
        rows = np.minimum(pieces, rows + more)
    return rows


def shared_rows(vectors, weights):
    """Rows, at most ROWS, and the row of each vector: k-means within the groups of a coarser k-means."""
    random = np.random.default_rng(SEED)
    _, groups = k_means(vectors, weights, COARSE, COARSE_ROUNDS, random)
    mapping, tables, count = np.zeros(len(vectors), np.int32), [], 0
    for group, rows in enumerate(rows_of(groups, weights)):
        members = np.flatnonzero(groups == group)
        if len(members) == 0:
            continue
        centres, of = k_means(vectors[members], weights[members], rows, ROUNDS, random)
        mapping[members] = count + of
        tables.append(centres)
        count += len(centres)
    return np.concatenate(tables), mapping


def main():
    parser = argparse.ArgumentParser(description="Make a static model from multilingual-e5-small")
    parser.add_argument("model", type=pathlib.Path, help="folder of multilingual-e5-small")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pieces", type=pathlib.Path, help="an .npy file to keep the vectors of the pieces in")
    options = parser.parse_args()
    tokenizer = json.loads((options.model / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    if options.pieces and options.pieces.exists():
        vectors = np.load(options.pieces)
    else:
        vectors = piece_vectors(options.model, len(vocabulary))
        if options.pieces:
            np.save(options.pieces, vectors)
    probability = np.exp(np.array([score for _, score in vocabulary]))
    special = [token["id"] for token in tokenizer["added_tokens"]]
    probability[special] = 0
    weights = COMMON / (COMMON + probability)
    weights[special] = 0
    shares = probability * weights / (probability * weights).sum()
    table, mapping = shared_rows(components(vectors, shares.astype(np.float32)), (shares + 1e-9) ** RARE)
    # A row is 127 times its direction by the largest number; its length goes to the weights of its pieces.
    lengths = np.abs(table).max(axis=1)
    options.out.mkdir(parents=True, exist_ok=True)
    tensors = {
        "embeddings": np.rint(table / lengths[:, None] * 127).astype(np.int8),
        "mapping": mapping,
        "weights": (weights * lengths[mapping]).astype(np.float32),
    }
    save_file(tensors, options.out / "model.safetensors")
    tokenizer["post_processor"] = None
    tokenizer["model"]["vocab"] = [[piece, round(score, 3)] for piece, score in vocabulary]
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (options.out / "tokenizer.json").write_text(text, encoding="utf-8")
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": "intfloat/multilingual-e5-small",
        "apply_pca": COLUMNS,
        "sif_coefficient": COMMON,
        "hidden_dim": COLUMNS,
        "seq_length": 1000000,
        "normalize": True,
        "max_length": None,
        "embedding_dtype": "int8",
        "vocabulary_quantization": len(table),
    }
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(options.model / "LICENSE", options.out / "LICENSE")


if __name__ == "__main__":
    main()
