"""Vectors of a folder of multilingual-e5-small, as coreset makes them, without batches."""

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

PROMPT = "query: "


def vectors(folder, texts, most=512):
    """Unit float32 rows of texts with the prompt, cut after `most` tokens."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(most)
    session = onnxruntime.InferenceSession(folder / "onnx/model_quantized.onnx")
    rows = []
    for text in texts:
        ids = np.array([tokenizer.encode(PROMPT + text).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        rows.append(session.run(None, feeds)[0][0].mean(axis=0))
    return np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
