"""Make the tiny static models of this folder and the vectors that Python gives for texts.

    python3 -m venv /tmp/static && /tmp/static/bin/pip install "model2vec[distill,quantization]==0.10.0" \\
        sentence-transformers==6.2.0
    /tmp/static/bin/python models/tiny-static/make.py

Tables are random and seeded, tokenizers are made from the sentences below: all of it is this project's own work. Each
model is a folder as `save_pretrained` of Model2Vec or sentence-transformers writes it. golden.json has the vectors of
`StaticModel.from_pretrained(folder).encode(texts, max_length=None)`, or of `SentenceTransformer(folder).encode(texts)`.
"""

import json
import pathlib
import shutil
import tempfile
import warnings

import numpy as np
import torch
from model2vec import StaticModel
from model2vec.distill import distill
from model2vec.model import quantize_model
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
SENTENCES = [
    "The editor opens a file, and the compiler reads what was written in it.",
    "A library of numbers, matrices and graphs for programs in many languages.",
    "Rows of a table are sorted by name; those that repeat are left out.",
    "She sells the old house near the river and buys a boat with two sails.",
    "Music, pictures and letters from all over the world: 1, 2, 3 and so on!",
    "Немного русского текста о книгах и реке.",
    "日本語の文章を読む",
    "한국어 문장",
    "ภาษาไทย",
    "نص عربي قصير",
]
TEXTS = [
    "cat",
    "",
    " ",
    "The editor opens a file.",
    "A LIBRARY of numbers & graphs (version 2.0) for MANY languages",
    "Räder, naïve café, Ünïcödé ß, Œuvre, İstanbul ΟΔΟΣ ﬁne ① ㎏",
    "日本語の文章 и немного русского текста",
    "中文没有空格，全部都是词。𠮷野家",
    "ภาษาไทยไม่มีช่องว่าง",
    "نص عربي قصير مع تشكيلٌ",
    "한국어 문장입니다",
    "emoji 😀 👨‍👩‍👧 🇩🇪 and words",
    "😀😀😀",
    "ჰჰჰ",
    "line one\nline two\ttabbed   spaces \r\n end",
    "def read(path: str) -> list[int]:\n    return [int(x) for x in open(path)]  # numbers\n",
    "nul \u0000 inside, \u200b zero width, \ufeff mark, \u00ad soft, \ufffd unknown, \u00a0 hard, \u3000 wide",
    "a [UNK] token, [PAD] and <s> or </s>, new york and NEW YORK city",
    "boat river boat",
    "The compiler reads rows of a table, and the editor sells old letters; " * 60,
    "x" * 300,
    "snake_case camelCase don't can't 12,345.67 100% e-mail@host.org",
]
COLS = 8


def write(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def wordpiece():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    normalizer = normalizers.BertNormalizer(lowercase=True)
    words = sorted({word.strip(".,;:!") for line in SENTENCES for word in normalizer.normalize_str(line).split()})
    letters = sorted(set("".join(words)) - set("ภาษไทย"))
    pieces = [*letters, *words[::2], *(f"##{letter}" for letter in letters), *(f"##{word[-3:]}" for word in words)]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys([*special, *".,;:!()&'_0456789", *pieces]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens([AddedToken("new york", normalized=True)])
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=220, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 2, trainer)
    return tokenizer


def byte_pairs():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def table(tokenizer, cols=COLS):
    return np.random.default_rng(7).normal(size=(tokenizer.get_vocab_size(), cols)).astype(np.float32)


def static(tokenizer, **settings):
    return StaticModel(table(tokenizer), tokenizer, config={"model_type": "model2vec"}, **settings)


def save(name, model):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    if isinstance(model, StaticModel):
        model.save_pretrained(folder)
    else:
        model.save(str(folder), create_model_card=False)
    (folder / "README.md").unlink(missing_ok=True)
    return folder


def distilled():
    tokenizer = wordpiece()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    torch.manual_seed(7)
    model = BertModel(BertConfig(vocab_size=len(fast), max_position_embeddings=40, initializer_range=0.4, **sizes))
    with tempfile.TemporaryDirectory() as folder:
        model.eval().save_pretrained(folder)
        fast.save_pretrained(folder)
        return distill(folder, pca_dims=COLS, device="cpu", vocabulary=["house boat", "readings"])


def main():
    folders = {
        "wordpiece": save("wordpiece", static(wordpiece(), normalize=True)),
        "int8": save("int8", quantize_model(static(wordpiece(), normalize=True), quantize_to="int8")),
        "mapped": save(
            "mapped",
            quantize_model(static(wordpiece(), normalize=True), vocabulary_quantization=40, quantize_to="float16"),
        ),
        "unigram": save("unigram", static(unigram(), normalize=False)),
        "bytes": save("bytes", quantize_model(static(byte_pairs(), normalize=True), quantize_to="float64")),
        "distilled": save("distilled", distilled()),
    }
    golden = {name: StaticModel.from_pretrained(folder).encode(TEXTS, max_length=None) for name, folder in folders.items()}
    for name, tokenizer in (("layers", wordpiece()), ("plain", unigram())):
        layers = [StaticEmbedding(tokenizer, embedding_weights=table(tokenizer))]
        prompts = {"prompts": {"short": "in short: "}, "default_prompt_name": "short"} if name == "layers" else {}
        if name == "layers":
            layers.append(Normalize())
        folder = save(name, SentenceTransformer(modules=layers, device="cpu", **prompts))
        golden[name] = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    # As earlier versions of sentence-transformers write it: the layer has a folder of its own.
    nested = HERE / "layers"
    inner = nested / "0_StaticEmbedding"
    inner.mkdir()
    for file in ("model.safetensors", "tokenizer.json"):
        (nested / file).rename(inner / file)
    modules = json.loads((nested / "modules.json").read_text())
    modules[0].update(path="0_StaticEmbedding", type="sentence_transformers.models.StaticEmbedding")
    write(nested / "modules.json", modules)
    assert np.array_equal(golden["layers"], SentenceTransformer(str(nested), device="cpu").encode(TEXTS))
    # Brain floats, which torch alone knows.
    plain = HERE / "plain" / "model.safetensors"
    save_file({name: tensor.bfloat16() for name, tensor in load_file(plain).items()}, plain)
    golden["plain"] = SentenceTransformer(str(HERE / "plain"), device="cpu").float().encode(TEXTS)
    vectors = {name: [[round(float(value), 7) for value in row] for row in rows] for name, rows in golden.items()}
    write(HERE / "golden.json", {"texts": TEXTS, "vectors": vectors})


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
