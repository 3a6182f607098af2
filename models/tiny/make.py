"""Make the tiny models of this folder and the vectors that sentence-transformers gives for texts.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install sentence-transformers==6.2.0 onnx onnxscript onnxruntime
    /tmp/golden/bin/python models/tiny/make.py

Weights are random and seeded, tokenizers are made from the sentences below: all of it is this project's own work.
Each model is a folder as sentence-transformers writes it, with its ONNX export in onnx/model.onnx. golden.json has the
vectors of `SentenceTransformer(folder).encode(texts)` in PyTorch, float32, with all texts of a model in one padded batch.
layers/ has what takes the place of files of the model `mean` to give it other poolings, and layers behind them.
"""

import json
import pathlib
import shutil
import tempfile
import warnings

import onnx
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Dropout, LayerNorm, Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2Model,
    RobertaConfig,
    RobertaModel,
)

HERE = pathlib.Path(__file__).resolve().parent
SENTENCES = [
    "The editor opens a file, and the compiler reads what was written in it.",
    "A library of numbers, matrices and graphs for programs in many languages.",
    "Rows of a table are sorted by name; those that repeat are left out.",
    "She sells the old house near the river and buys a boat with two sails.",
    "Music, pictures and letters from all over the world: 1, 2, 3 and so on!",
]
TEXTS = [
    "cat",
    "",
    " ",
    "The editor opens a file.",
    "A LIBRARY of numbers & graphs (version 2.0) for MANY languages",
    "Räder, naïve café, Ünïcödé ß, Œuvre",
    "日本語の文章 и немного русского текста",
    "emoji 😀 👨‍👩‍👧 🇩🇪 and words",
    "line one\nline two\ttabbed   spaces",
    "boat river boat",
    "The compiler reads rows of a table, and the editor sells old letters; " * 6,
    "numbers " * 40 + "at the end",
    "two words",
]
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24}
LENGTH = 24
PREFIX = "query: "
BEFORE = ("pooling_mode_max_tokens", "pooling_mode_cls_token", "pooling_mode_mean_sqrt_len_tokens")


def seeded(model_class, config):
    torch.manual_seed(7)
    model = model_class(config).eval()
    # Far from zero, so that attention and positions are seen in the vectors.
    for name, weight in model.named_parameters():
        torch.nn.init.normal_(weight, 1.0 if "norm" in name.lower() and "bias" not in name else 0.0, 0.4)
    return model


def wordpiece():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # Not trained: the trainer breaks ties another way each time.
    words = sorted({word.strip(".,;:!") for sentence in SENTENCES for word in sentence.lower().split()})
    letters = sorted(set("".join(words)))
    pieces = [*letters, *words[::2], *(f"##{letter}" for letter in letters), *(f"##{word[-3:]}" for word in words)]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys([*special, *".,;:!()&", *pieces]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


def bytes_of(special, template, **names):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in special if token in template.split()]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=ids)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def mean():
    tokenizer = wordpiece()
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=40, initializer_range=0.4, **SIZES)
    return seeded(BertModel, config), tokenizer, "mean", {}


def cls():
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    tokenizer = bytes_of(["<s>", "<pad>", "</s>", "<unk>"], "<s> $A </s>", **names)
    config = RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=42, pad_token_id=1, **SIZES)
    return seeded(RobertaModel, config), tokenizer, "cls", {}


def last():
    names = {"pad_token": "<|end|>", "eos_token": "<|end|>", "padding_side": "left"}
    tokenizer = bytes_of(["<|end|>"], "$A <|end|>", **names)
    config = Qwen2Config(
        vocab_size=len(tokenizer), max_position_embeddings=64, num_key_value_heads=2, use_cache=False, **SIZES
    )
    prompts = {"prompts": {"query": "find: ", "document": "In short: "}, "default_prompt_name": "document"}
    return seeded(Qwen2Model, config), tokenizer, "lasttoken", prompts


class Hidden(torch.nn.Module):
    """What the ONNX files of the hub give: the last hidden state."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def export(model, path):
    model.set_attn_implementation("eager")
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    axes = {0: torch.export.Dim("batch", max=512), 1: torch.export.Dim("tokens", max=LENGTH + 8)}
    program = torch.onnx.export(
        Hidden(model),
        (ids, mask),
        input_names=["input_ids", "attention_mask"],
        output_names=["last_hidden_state"],
        dynamic_shapes=(axes, axes),
        opset_version=18,
        dynamo=True,
    )
    path.parent.mkdir(parents=True)
    program.save(path, external_data=False)
    # Three quarters of the file are remarks of the exporter.
    onnx_model = onnx.load(path)
    graph = onnx_model.graph
    del graph.value_info[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.initializer, graph, onnx_model):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(onnx_model, path)


def encoded(folder, changes=(), overlay=None, prompt=None):
    """Vectors of the folder, with JSON files of it changed as given, or files of another folder in place of its own."""
    with tempfile.TemporaryDirectory() as other:
        shutil.copytree(folder, other, dirs_exist_ok=True)
        for file, fields in changes:
            path = pathlib.Path(other) / file
            changed = {**json.loads(path.read_text()), **fields}
            path.write_text(json.dumps({name: value for name, value in changed.items() if value is not None or name != "pooling_mode"}))
        if overlay:
            shutil.copytree(overlay, other, dirs_exist_ok=True)
        vectors = SentenceTransformer(other, device="cpu").encode(
            TEXTS, batch_size=len(TEXTS), convert_to_numpy=True, prompt=prompt
        )
    return [[round(float(value), 7) for value in vector] for vector in vectors]


def layered():
    """What stands behind the transformer, by a name that says so."""
    width = SIZES["hidden_size"]
    none, tanh, relu = torch.nn.Identity(), torch.nn.Tanh(), torch.nn.ReLU()
    several = ("weightedmean", "cls", "max")
    return {
        "max": [Pooling(width, "max")],
        "root": [Pooling(width, "mean_sqrt_len_tokens"), Dropout(0.3)],
        "weighted": [Pooling(width, "weightedmean"), Normalize()],
        "several": [Pooling(width, several), Normalize(), Dropout(0.5)],
        "dense": [Pooling(width, "mean"), Dense(width, 12, activation_function=tanh), Normalize()],
        "deep": [
            Pooling(width, ("mean", "lasttoken")),
            Dense(2 * width, 8, bias=False, activation_function=torch.nn.GELU(), use_residual=True),
            LayerNorm(8),
        ],
        "middle": [
            Pooling(width, "cls"),
            LayerNorm(width),
            Dense(width, width, activation_function=relu, use_residual=True),
            Normalize(),
            Dropout(0.1),
            Dense(width, 20, activation_function=none),
        ],
    }


def with_layers(source, name, layers):
    """Write the files of the layers alone. @returns their folder"""
    torch.manual_seed(11)
    for layer in layers:
        for weight in layer.parameters():
            torch.nn.init.normal_(weight, 0.2, 0.5)
    folder = HERE / "layers" / name
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as whole:
        transformer = Transformer(source)
        transformer.max_seq_length = LENGTH
        SentenceTransformer(modules=[transformer, *layers], device="cpu").save(whole, create_model_card=False)
        for path in pathlib.Path(whole).iterdir():
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
        shutil.copy(pathlib.Path(whole) / "modules.json", folder)
    return folder


def add_layers(golden, source):
    for name, layers in layered().items():
        overlay = with_layers(source, name, layers)
        golden["overlays"][f"mean, layers {name}"] = f"layers/{name}"
        golden["vectors"][f"mean, layers {name}"] = encoded(source, overlay=overlay)


def activated():
    points = [-6.5, -3.0, -1.0, -0.25, 0.0, 0.1, 0.5, 1.0, 2.0, 6.5]
    names = ["Identity", "Tanh", "Sigmoid", "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Softplus"]
    values = torch.tensor(points, dtype=torch.float64)
    return {"points": points, "values": {name: getattr(torch.nn, name)()(values).tolist() for name in names}}


def as_before(folder):
    """The pooling and the limit as earlier versions of sentence-transformers write them."""
    modes = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    pooling = {f"pooling_mode_{mode}": mode == "cls_token" for mode in modes}
    write(folder / "1_Pooling/config.json", {"word_embedding_dimension": SIZES["hidden_size"], **pooling})
    write(folder / "sentence_bert_config.json", {"max_seq_length": LENGTH, "do_lower_case": False})
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    write(folder / "tokenizer_config.json", {**settings, "model_max_length": 512})


def write(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    golden = {"texts": TEXTS, "vectors": {}, "overlays": {}, "prefixes": {}, "activations": activated()}
    variants = {
        "mean": {
            "without the prompt": [
                ["1_Pooling/config.json", {"include_prompt": False}],
                [
                    "config_sentence_transformers.json",
                    {"prompts": {"short": "In short: "}, "default_prompt_name": "short"},
                ],
            ],
            "several of before": [
                ["1_Pooling/config.json", {"pooling_mode": None, **dict.fromkeys(BEFORE, True)}],
            ],
            "weighted without the prompt": [
                ["1_Pooling/config.json", {"include_prompt": False, "pooling_mode": ["weightedmean", "cls"]}],
                [
                    "config_sentence_transformers.json",
                    {"prompts": {"short": "In short: "}, "default_prompt_name": "short"},
                ],
            ],
        },
        "cls": {"in small letters": [["sentence_bert_config.json", {"do_lower_case": True}]]},
        "last": {"without prompt": [["config_sentence_transformers.json", {"default_prompt_name": None}]]},
    }
    prefixed = {
        "mean": {
            "with a prefix": [],
            "with a prefix that is not pooled": [["1_Pooling/config.json", {"include_prompt": False}]],
        },
        "cls": {},
        "last": {"with a prefix": []},
    }
    for make in (mean, cls, last):
        model, tokenizer, pooling, prompts = make()
        folder = HERE / make.__name__
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory() as source:
            model.save_pretrained(source)
            tokenizer.save_pretrained(source)
            transformer = Transformer(source)
            transformer.max_seq_length = LENGTH
            layers = [transformer, Pooling(transformer.get_embedding_dimension(), pooling), Normalize()]
            SentenceTransformer(modules=layers, device="cpu", **prompts).save(str(folder), create_model_card=False)
        if make is cls:
            as_before(folder)
        golden["vectors"][make.__name__] = encoded(folder)
        for name, changes in variants[make.__name__].items():
            golden["vectors"][f"{make.__name__}, {name}"] = encoded(folder, changes)
        for name, changes in prefixed[make.__name__].items():
            golden["prefixes"][f"{make.__name__}, {name}"] = PREFIX
            golden["vectors"][f"{make.__name__}, {name}"] = encoded(folder, changes, prompt=PREFIX)
            variants[make.__name__][name] = changes
        if make is mean:
            add_layers(golden, folder)
        export(model, folder / "onnx" / "model.onnx")
        (folder / "model.safetensors").unlink()
    golden["changes"] = {f"{model}, {name}": changes for model, own in variants.items() for name, changes in own.items()}
    write(HERE / "golden.json", golden)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
