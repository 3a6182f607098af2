"""Make files with each tool: sys.argv is the folder of this file, then where they go. Prints a case per file or folder."""

import csv
import gzip
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])

import datasets
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.feather
import pyarrow.parquet as pq
import safetensors
import safetensors.numpy
import zstandard

datasets.disable_progress_bars()
ROWS = 120
n = range(ROWS)
cases = []


def case(format, tool, how, path, texts=None, fold=None, **options):
    """A file, several by a pattern, or a folder. `texts` are what the field `text` holds, by row."""
    cases.append({"format": format, "tool": tool, "how": how, "path": path, "texts": TEXTS if texts is None else texts, "fold": fold or how, **options})


def place(*names):
    path = "/".join(["files", *names])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


TEXTS = [f'row {i}, "quoted" ä€😀' + ("\nsecond line" if i % 4 == 1 else "") for i in n]
PLAIN = [f"row {i} ä€" for i in n]
wide = {
    "text": pa.array(TEXTS),
    "id": pa.array([2**60 + i for i in n], pa.int64()),
    "small": pa.array([None if i % 7 == 6 else i - 60 for i in n], pa.int8()),
    "unsigned": pa.array([i * 500 for i in n], pa.uint16()),
    "half": pa.array([np.float16(i / 8) for i in n], pa.float16()),
    "price": pa.array([i * 101 for i in n], pa.decimal128(12, 0)).cast(pa.decimal128(15, 2)),
    "day": pa.array([i * 300 for i in n], pa.date32()),
    "when": pa.array([1_700_000_000_123_456 + i for i in n], pa.timestamp("us", "UTC")),
    "nanos": pa.array([1_700_000_000_123_456_789 + i for i in n], pa.timestamp("ns")),
    "picture": pa.array([bytes([255, 216, i]) for i in n], pa.binary()),
    "kind": pa.array([f"kind {i % 3}" for i in n]).dictionary_encode(),
    "tags": pa.array([None if i % 5 == 4 else [f"t{i}"] * (i % 3) for i in n], pa.list_(pa.string())),
    "vector": pa.array([[i / 4, -i] for i in n], pa.list_(pa.float32())),
    "messages": pa.array([[{"role": "user", "content": f"{i}"}] * (i % 2 + 1) for i in n]),
}
table = pa.table(wide).replace_schema_metadata({"about": "all kinds of columns"})
frame = pd.DataFrame({"text": TEXTS, "id": [2**60 + i for i in n], "price": [i / 7 for i in n], "flag": [i % 2 == 0 for i in n], "note": [None if i % 4 else f"n{i}" for i in n]})
nested = pd.DataFrame({**frame, "when": pd.date_range("2020", periods=ROWS, freq="h", tz="Asia/Tokyo"), "label": pd.Categorical([f"c{i % 3}" for i in n]), "tags": [[f"t{i}"] * (i % 3) for i in n]})
pl_frame = pl.DataFrame({"text": TEXTS, "id": [2**60 + i for i in n], "price": [i / 7 for i in n], "flag": [i % 2 == 0 for i in n], "note": [None if i % 4 else f"n{i}" for i in n]})
pl_nested = pl_frame.with_columns(
    pl.Series("kind", [f"k{i % 3}" for i in n], dtype=pl.Categorical),
    pl.Series("tags", [[f"t{i}"] * (i % 3) for i in n]),
    pl.Series("point", [{"x": i, "y": f"{i}"} for i in n]),
)
dataset = datasets.Dataset.from_dict(
    {"text": TEXTS, "label": [i % 2 for i in n], "messages": [[{"role": "user", "content": f"{i}"}] for i in n], "image": [{"bytes": bytes([137, 80, i]), "path": None} for i in n]},
    features=datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"]), "messages": [{"role": datasets.Value("string"), "content": datasets.Value("string")}], "image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}}),
)
flat = dataset.remove_columns(["messages", "image"])
database = duckdb.connect()
database.execute("SET preserve_insertion_order = true; SET threads = 1")
database.register("frame", frame)
DUCK = "SELECT text, id, price, flag, note, id % 3 AS part, TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL 1 HOUR * (id % 100) AS moment, 1.5::DECIMAL(9, 2) AS cost, [text] AS tags FROM frame"
DUCK_FLAT = "SELECT text, id, price, flag, note FROM frame"

# Parquet
for codec in ("snappy", "none", "gzip", "brotli", "zstd", "lz4"):
    how = "default" if codec == "snappy" else codec
    pq.write_table(table, place("pyarrow", f"{codec}.parquet"), **({} if codec == "snappy" else {"compression": codec}))
    case("Parquet", "pyarrow", how, f"files/pyarrow/{codec}.parquet", fold="default" if codec == "snappy" else "every codec")
for name, how, options in (
    ("v2", "pages of version 2", {"data_page_version": "2.0", "compression": "zstd"}),
    ("plain", "without dictionaries", {"use_dictionary": False}),
    ("groups", "several row groups", {"row_group_size": 50, "data_page_size": 1000}),
    ("delta", "delta encodings", {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY", "id": "DELTA_BINARY_PACKED"}}),
):
    pq.write_table(table, place("pyarrow", f"{name}.parquet"), **options)
    case("Parquet", "pyarrow", how, f"files/pyarrow/{name}.parquet")
pq.write_table(table.slice(0, 0), place("pyarrow", "no-rows.parquet"))
case("Parquet", "pyarrow", "no rows", "files/pyarrow/no-rows.parquet", [])
by_lang = pa.table({**wide, "lang": ["de" if i < 50 else "en" for i in n]})
pa.dataset.write_dataset(by_lang, "files/pyarrow/hive", format="parquet", partitioning=["lang"], partitioning_flavor="hive")
case("Parquet", "pyarrow", "a hive folder", "files/pyarrow/hive", each=True)
os.makedirs("files/pyarrow/shards")
for i in range(4):
    pq.write_table(table.slice(i * 30, 30), f"files/pyarrow/shards/data-{i:05}-of-00004.parquet")
case("Parquet", "pyarrow", "shards", "files/pyarrow/shards/data-*-of-00004.parquet", one="kept.parquet", each=True)

nested.to_parquet(place("pandas", "default.parquet"))
nested.set_index("note").to_parquet(place("pandas", "index.parquet"), compression="gzip")
case("Parquet", "pandas", "default", "files/pandas/default.parquet")
case("Parquet", "pandas", "with an index, gzip", "files/pandas/index.parquet")
parted = nested.assign(part=[f"p {i % 2}" for i in n])
parted.to_parquet("files/pandas/hive", partition_cols=["part"])
case("Parquet", "pandas", "a hive folder (`partition_cols`)", "files/pandas/hive", [*TEXTS[::2], *TEXTS[1::2]], each=True)
for name, options in (("default", {}), ("gzip", {"compression": "gzip"}), ("groups", {"row_group_offsets": 50})):
    frame.to_parquet(place("fastparquet", f"{name}.parquet"), engine="fastparquet", **options)
    case("Parquet", "fastparquet", {"groups": "several row groups"}.get(name, name), f"files/fastparquet/{name}.parquet")
for name in ("zstd", "snappy", "uncompressed"):
    pl_nested.write_parquet(place("polars", f"{name}.parquet"), compression=name)
    case("Parquet", "polars", "default" if name == "zstd" else name, f"files/polars/{name}.parquet")
for name, options in (("default", ""), ("zstd", ", COMPRESSION zstd"), ("v2", ", PARQUET_VERSION v2")):
    database.execute(f"COPY ({DUCK}) TO '{place('duckdb', f'{name}.parquet')}' (FORMAT parquet{options})")
    case("Parquet", "DuckDB", {"v2": "version 2"}.get(name, name), f"files/duckdb/{name}.parquet")
database.execute(f"COPY ({DUCK}) TO 'files/duckdb/hive' (FORMAT parquet, PARTITION_BY (part))")
case("Parquet", "DuckDB", "a hive folder", "files/duckdb/hive", [text for part in range(3) for i, text in enumerate(TEXTS) if (2**60 + i) % 3 == part], each=True)
dataset.to_parquet(place("datasets", "default.parquet"))
case("Parquet", "datasets", "default", "files/datasets/default.parquet")
for i in range(2):
    dataset.shard(2, i, contiguous=True).to_parquet(place("datasets", "shards", f"train-{i:05}-of-00002.parquet"))
case("Parquet", "datasets", "shards", "files/datasets/shards", one="kept.parquet", each=True)

# Arrow
for name, stream, codec in (("file", False, None), ("file-lz4", False, "lz4"), ("file-zstd", False, "zstd"), ("stream", True, None), ("stream-zstd", True, "zstd")):
    create = pa.ipc.new_stream if stream else pa.ipc.new_file
    with create(place("pyarrow", f"{name}.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table, max_chunksize=50)
    case("Arrow", "pyarrow", name.replace("-", ", "), f"files/pyarrow/{name}.arrow")
pa.feather.write_feather(table, place("pyarrow", "default.feather"))
case("Arrow", "pyarrow", "Feather", "files/pyarrow/default.feather")
nested.to_feather(place("pandas", "default.feather"))
case("Arrow", "pandas", "default (`to_feather`)", "files/pandas/default.feather")
pl_nested.write_ipc(place("polars", "default.arrow"))
case("Arrow", "polars", "default (`write_ipc`)", "files/polars/default.arrow")
pl_nested.write_ipc(place("polars", "zstd.arrow"), compression="zstd")
case("Arrow", "polars", "zstd", "files/polars/zstd.arrow")
pl_nested.write_ipc_stream(place("polars", "stream.arrow"))
case("Arrow", "polars", "stream", "files/polars/stream.arrow")
dataset.save_to_disk("files/datasets/saved", num_shards=4)
case("Arrow", "datasets", "`save_to_disk`", "files/datasets/saved", one="kept.arrow", each=True)
dataset.map(lambda row: {"length": len(row["text"])}, cache_file_name=place("datasets", "cache.arrow"))
case("Arrow", "datasets", "a file of the cache", "files/datasets/cache.arrow")

# CSV and TSV
for name, how, dialect, options, newline in (
    ("default", "default (line ends CRLF)", {}, {}, ""),
    ("lf", "line ends LF", {"lineterminator": "\n"}, {}, ""),
    ("semicolon", "semicolons", {"delimiter": ";"}, {}, ""),
    ("pipe", "pipes", {"delimiter": "|"}, {}, ""),
    ("quoted", "all quoted", {"quoting": csv.QUOTE_ALL}, {}, ""),
    ("bom", "UTF-8 with a mark", {}, {"encoding": "utf-8-sig"}, ""),
    ("utf-16", "UTF-16", {"delimiter": ";"}, {"encoding": "utf-16"}, ""),
    ("windows-1252", "Windows-1252 (`--encoding`)", {"delimiter": ";"}, {"encoding": "windows-1252"}, ""),
):
    texts = [text.replace("😀", "") for text in TEXTS] if name == "windows-1252" else TEXTS
    with open(place("csv", f"{name}.csv"), "w", newline=newline, **{"encoding": "utf-8", **options}) as file:
        writer = csv.writer(file, **dialect)
        writer.writerow(["id", "text", "note"])
        writer.writerows([i, text, "" if i % 2 else f"n{i}"] for i, text in enumerate(texts))
    read = {"encoding": "utf-8", **options, **dialect}
    case("CSV", "csv", how, f"files/csv/{name}.csv", texts, read={key: value for key, value in read.items() if key in ("encoding", "delimiter")}, open={"encoding": "windows-1252"} if name == "windows-1252" else {})
with open(place("csv", "default.tsv"), "w", newline="", encoding="utf-8") as file:
    csv.writer(file, dialect="excel-tab").writerows([["id", "text"], *([i, text] for i, text in enumerate(TEXTS))])
case("TSV", "csv", "`excel-tab`", "files/csv/default.tsv", read={"encoding": "utf-8", "delimiter": "\t"})
for name, how, options in (
    ("default.csv", "default, with the nameless index", {}),
    ("no-index.csv", "without the index", {"index": False}),
    ("semicolon.csv", "semicolons", {"index": False, "sep": ";"}),
    ("utf-16.csv", "UTF-16", {"index": False, "encoding": "utf-16"}),
    ("bom.csv", "UTF-8 with a mark", {"index": False, "encoding": "utf-8-sig"}),
    ("packed.csv.gz", "gzip", {"index": False}),
    ("packed.csv.zst", "zstd", {"index": False}),
    ("default.tsv", "default", {"index": False, "sep": "\t"}),
):
    frame.to_csv(place("pandas", name), **options)
    case("TSV" if name.endswith(".tsv") else "CSV", "pandas", how, f"files/pandas/{name}", read={key: value for key, value in options.items() if key in ("sep", "encoding")})
for name, how, options in (("default.csv", "default", {}), ("semicolon.csv", "semicolons, a mark", {"separator": ";", "include_bom": True}), ("default.tsv", "default", {"separator": "\t"})):
    pl_frame.write_csv(place("polars", name), **options)
    case("TSV" if name.endswith(".tsv") else "CSV", "polars", how, f"files/polars/{name}", read={key: value for key, value in options.items() if key == "separator"})
for name, how, options in (("default.csv", "default", ""), ("pipe.csv", "pipes, all quoted", ", DELIMITER '|', FORCE_QUOTE *"), ("packed.csv.gz", "gzip", ""), ("packed.csv.zst", "zstd", ", COMPRESSION zstd"), ("default.tsv", "default", ", DELIMITER '\t'")):
    database.execute(f"COPY ({DUCK_FLAT}) TO '{place('duckdb', name)}' (FORMAT csv, HEADER{options})")
    case("TSV" if name.endswith(".tsv") else "CSV", "DuckDB", how, f"files/duckdb/{name}", read={"delimiter": "|"} if name == "pipe.csv" else {"delimiter": "\t"} if name == "default.tsv" else {})
flat.to_csv(place("datasets", "default.csv"))
case("CSV", "datasets", "default", "files/datasets/default.csv", read={})
pa.csv.write_csv(table.select(["text", "id", "price"]), place("pyarrow", "default.csv"))
case("CSV", "pyarrow", "default", "files/pyarrow/default.csv")

# JSON
records = [{"text": text, "id": 2**60 + i, "score": float("nan") if i % 5 == 0 else i / 7, "tags": ["t"] * (i % 3), "meta": {"ä": None}} for i, text in enumerate(TEXTS)]
for name, how, options in (("default.jsonl", "default, with `NaN`", {}), ("unicode.jsonl", "`ensure_ascii=False`", {"ensure_ascii": False}), ("tight.ndjson", "without spaces", {"separators": (",", ":")})):
    with open(place("json", name), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, **options) + "\n" for record in records)
    case("JSON lines", "json", how, f"files/json/{name}")
lines = "".join(json.dumps(record) + "\n" for record in records).encode()
with open(place("json", "crlf.jsonl"), "wb") as file:
    file.write(lines.replace(b"\n", b"\r\n"))
case("JSON lines", "json", "line ends CRLF", "files/json/crlf.jsonl")
with gzip.open(place("json", "packed.jsonl.gz"), "wb") as file:
    file.write(lines)
case("JSON lines", "json", "gzip", "files/json/packed.jsonl.gz")
with open(place("json", "packed.jsonl.zst"), "wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
    packed.write(lines)
case("JSON lines", "json", "zstd", "files/json/packed.jsonl.zst")
with open(place("json", "broken.jsonl"), "wb") as file:
    file.write(lines)
    file.write(b'{"text": "cut sh')
case("JSON lines", "json", "a broken last line (`--on-bad-row skip`)", "files/json/broken.jsonl", [*TEXTS, None], skip=True)
for name, how, options in (("default.json", "default", {}), ("indent.json", "indented", {"indent": 2, "ensure_ascii": False})):
    with open(place("json", name), "w", encoding="utf-8") as file:
        json.dump(records, file, **options)
    case("JSON", "json", how, f"files/json/{name}")
for name, how, options in (("records.jsonl", "`lines=True`", {"orient": "records", "lines": True}), ("packed.jsonl.gz", "gzip", {"orient": "records", "lines": True}), ("packed.jsonl.zst", "zstd", {"orient": "records", "lines": True}), ("records.json", "`orient=\"records\"`", {"orient": "records"})):
    frame.to_json(place("pandas", name), **options)
    case("JSON lines" if "jsonl" in name else "JSON", "pandas", how, f"files/pandas/{name}", read={"lines": "jsonl" in name})
pl_frame.write_ndjson(place("polars", "default.jsonl"))
pl_frame.write_json(place("polars", "default.json"))
case("JSON lines", "polars", "default (`write_ndjson`)", "files/polars/default.jsonl")
case("JSON", "polars", "default (`write_json`)", "files/polars/default.json")
for name, how, options in (("default.json", "default (lines in .json)", ""), ("lines.jsonl.zst", "zstd", ", COMPRESSION zstd"), ("array.json", "`ARRAY true`", ", ARRAY true")):
    database.execute(f"COPY ({DUCK_FLAT}) TO '{place('duckdb', name)}' (FORMAT json{options})")
    case("JSON" if "array" in name else "JSON lines", "DuckDB", how, f"files/duckdb/{name}")
flat.to_json(place("datasets", "default.json"))
flat.to_json(place("datasets", "default.jsonl"))
flat.to_json(place("datasets", "array.json"), lines=False)
case("JSON lines", "datasets", "default", "files/datasets/default.jsonl")
case("JSON lines", "datasets", "named .json", "files/datasets/default.json")
case("JSON", "datasets", "`lines=False`", "files/datasets/array.json", read={"lines": False})

# Text
text = "".join(line + "\n" for line in PLAIN)
for name, how, content in (("lf.txt", "line ends LF", text.encode()), ("crlf.txt", "line ends CRLF", text.replace("\n", "\r\n").encode()), ("utf-16.txt", "UTF-16", text.encode("utf-16"))):
    with open(place("text", name), "wb") as file:
        file.write(content)
    case("text", "open", how, f"files/text/{name}", PLAIN, encoding="utf-16" if "16" in name else "utf-8")
with gzip.open(place("text", "packed.txt.gz"), "wb") as file:
    file.write(text.encode())
case("text", "open", "gzip", "files/text/packed.txt.gz", PLAIN, encoding="utf-8")

# Vectors
vectors = np.random.default_rng(0).normal(size=(ROWS, 8))
for type_ in ("f2", "f4", "f8", "i1", "u1"):
    values = (abs(vectors) * 20 if type_ == "u1" else vectors * 20).astype(type_)
    np.save(place("numpy", f"{type_}.npy"), values)
    case(".npy", "numpy", {"f2": "float16", "f4": "float32", "f8": "float64", "i1": "int8", "u1": "uint8"}[type_], f"files/numpy/{type_}.npy", values.astype("f4").tolist())
np.save(place("numpy", "fortran.npy"), np.asfortranarray(vectors))
case(".npy", "numpy", "Fortran order", "files/numpy/fortran.npy", vectors.astype("f4").tolist())
for save, name, how in ((np.savez, "plain.npz", "`savez`"), (np.savez_compressed, "packed.npz", "`savez_compressed`")):
    save(place("numpy", name), emb=vectors.astype("f4"), ids=np.arange(ROWS))
    case(".npz", "numpy", how, f"files/numpy/{name}", vectors.astype("f4").tolist())
for type_ in ("float32", "float16"):
    values = vectors.astype(type_)
    safetensors.numpy.save_file({"emb": values}, place("safetensors", f"{type_}.safetensors"), metadata={"model": "m"})
    case(".safetensors", "safetensors", type_, f"files/safetensors/{type_}.safetensors", values.astype("f4").tolist())
bits = (vectors.astype("f4").view("u4") >> 16).astype("u2")
with open(place("safetensors", "bfloat16.safetensors"), "wb") as file:
    file.write(safetensors.serialize({"emb": safetensors.TensorSpec(dtype="bfloat16", shape=list(bits.shape), data_ptr=bits.ctypes.data, data_len=bits.nbytes)} if hasattr(safetensors, "TensorSpec") else {"emb": {"dtype": "bfloat16", "shape": list(bits.shape), "data": bits.tobytes()}}))
case(".safetensors", "safetensors", "bfloat16", "files/safetensors/bfloat16.safetensors", (bits.astype("u4") << 16).view("f4").tolist())
print(json.dumps(cases))
