"""A BERT encoder of 384 columns as an ONNX graph with fused attention, in int8.

Each linear layer becomes an int8 product with one scale per *token* (row of activations), not per batch, so that a
text's vector does not depend on what else is in its batch.
"""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HIDDEN, HEADS, EPSILON = 384, 12, 1e-12
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


def int8_words(graph, table):
    """Vectors of the tokens from a float32 table, with one scale per token."""
    values, scale = quantise(table, 1)
    words = graph.add("Gather", [graph.constant("words", values), "input_ids"], "word.i8")
    scales = graph.add("Gather", [graph.constant("words.scale", scale), "input_ids"], "word.scale")
    return graph.add("Mul", [graph.add("Cast", [words], "word.f32", to=TensorProto.FLOAT), scales], "word")


def embeddings(graph, weights, words):
    word = words(graph, weights["embeddings.word_embeddings.weight"])
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


def build(name, weights, layers, words=int8_words, ir_version=8):
    """The encoder as an ONNX model.

    weights: float32 arrays by their names in Hugging Face's BertModel
    words: adds the look-up of a token's vector, of the weights of that name
    """
    graph = Graph()
    current = embeddings(graph, weights, words)
    graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for layer in range(layers):
        current = encoder_layer(graph, weights, layer, current, f"layer{layer + 1}")
    graph.add("Reshape", [current, "hidden.shape"], "last_hidden_state")
    axes = ["batch_size", "sequence_length"]
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    made = helper.make_graph(
        graph.nodes,
        name,
        [helper.make_tensor_value_info(asked, TensorProto.INT64, axes) for asked in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*axes, HIDDEN])],
        list(graph.constants.values()),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=ir_version, producer_name="coreset")


def mark_batch_invariant(folder):
    """Tell the embedder that a text's vector has the same bits in any batch of texts of its length."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["coreset_batch_invariant"] = True
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
