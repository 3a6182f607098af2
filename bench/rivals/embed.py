"""Python's usual way: one onnxruntime session with two threads, length-sorted batches of 32."""

import json
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

model, path = sys.argv[1:3]
texts = json.load(open(path, encoding="utf-8"))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(f"{model}/onnx/model_quantized.onnx", options)
tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
tokenizer.enable_truncation(256)
tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")


def embed():
    result = np.empty((len(texts), 384), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        encoded = tokenizer.encode_batch([texts[i] for i in rows])
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, feeds)[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        result[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    return result


embed()
seconds = []
for _ in range(3):
    start = time.perf_counter()
    embed()
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds}))
