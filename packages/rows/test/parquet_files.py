"""Make Parquet files in a folder with each tool: sys.argv is the folder of this file, then that folder."""

import base64
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])

import datasets
import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from made_tables import all_types, random_table, some, write_values

ROWS = 600
values_of = {}


def values(name, table=None, like=None):
    """Note what the values of a file are: those that pyarrow reads, or those of another file."""
    values_of[name] = values_of[like] if like else f"{name}.json"
    if like is None:
        write_values(pq.read_table(name) if table is None else table, values_of[name])


def write(name, table, like=None, **options):
    pq.write_table(table, name, **options)
    values(name, like=like)


everything = all_types(ROWS)
EVERYTHING = "pyarrow-one-page.parquet"
write(EVERYTHING, everything, use_compliant_nested_type=False)
for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    for version in ("1.0", "2.0"):
        name = f"pyarrow-{codec}-page-v{version[0]}.parquet"
        write(name, everything, EVERYTHING, compression=codec, data_page_version=version, row_group_size=250, data_page_size=600, write_batch_size=40)
write("pyarrow-plain.parquet", everything, EVERYTHING, use_dictionary=False, write_page_index=True, compression="snappy")
flat = everything.select(["text", "int8", "int32", "int64", "uint64", "float16", "float32", "float64", "binary", "fixed", "bool", "ts_ns"])
delta = {
    **dict.fromkeys(["int8", "int32", "int64", "uint64", "ts_ns"], "DELTA_BINARY_PACKED"),
    **dict.fromkeys(["text"], "DELTA_BYTE_ARRAY"),
    **dict.fromkeys(["binary"], "DELTA_LENGTH_BYTE_ARRAY"),
    **dict.fromkeys(["float16", "float32", "float64"], "BYTE_STREAM_SPLIT"),
    **dict.fromkeys(["fixed"], "DELTA_BYTE_ARRAY"),
    "bool": "RLE",
}
for version in ("1.0", "2.0"):
    write(
        f"pyarrow-delta-v{version[0]}.parquet", flat, use_dictionary=False, column_encoding=delta, data_page_version=version
    )
split = {name: "BYTE_STREAM_SPLIT" for name in ("int32", "int64", "fixed")}
write("pyarrow-split.parquet", flat.select(list(split)), use_dictionary=False, column_encoding=split)
required = pa.schema([pa.field(f.name, f.type, nullable=False, metadata={"unit": "mm"}) for f in pa.schema([("text", pa.string()), ("n", pa.int16())])])
write("pyarrow-required.parquet", pa.table({"text": ["a", "b", "c", "d"], "n": pa.array([1, 2, 3, 4], pa.int16())}, schema=required))
write("pyarrow-no-rows.parquet", everything.slice(0, 0))
with pq.ParquetWriter("pyarrow-empty-group.parquet", everything.schema) as writer:
    writer.write_table(everything.slice(0, 10))
    writer.write_table(everything.slice(0, 0))
    writer.write_table(everything.slice(10, 10))
values("pyarrow-empty-group.parquet")
with pq.ParquetWriter("pyarrow-no-group.parquet", everything.schema):
    pass
values("pyarrow-no-group.parquet")
long_texts = [f"{i} " + "word " * (40 + i % 90) for i in range(6000)]
write("pyarrow-large-dictionary.parquet", pa.table({"text": long_texts, "label": [i % 3 for i in range(6000)]}))
write("pyarrow-long-texts.parquet", pa.table({"text": ["long " * 400_000, None, "short", "x" * 3_000_000]}), compression="zstd")
write("pyarrow-many-groups.parquet", pa.table({"text": long_texts[:900], "c": pa.array([f"c{i % 4}" for i in range(900)]).dictionary_encode()}), row_group_size=30)
write("pyarrow-int96.parquet", pa.table({"text": ["a", "b", "c"], "when": pa.array([0, -1, 1_700_000_000_123_456_789], pa.timestamp("ns"))}), use_deprecated_int96_timestamps=True)
twice = pa.Table.from_arrays([pa.array(["a", "b", "c"]), pa.array([1, 2, 3]), pa.array([4.5, 5, 6])], names=["text", "x", "x"])
pq.write_table(twice, "pyarrow-same-name.parquet")
values("pyarrow-same-name.parquet", twice)
odd_names = {"": ["a", "b", "c"], "__proto__": ["x", "y", "z"], "a.b": [1, 2, 3], "constructor": [True, False, None]}
write("pyarrow-odd-names.parquet", pa.table({**odd_names, "struct": pa.array([{"__proto__": 1, "toString": 2}] * 3)}))
write("pyarrow-uuid.parquet", pa.table({"id": pa.array([bytes(range(i, 16 + i)) for i in range(5)], pa.uuid())}))
write("pyarrow-not-a-number.parquet", pa.table({"x": [float("nan"), float("inf"), -0.0, None, 1.5] * 20}))
write("pyarrow-many-categories.parquet", pa.table({"c": pa.DictionaryArray.from_arrays(pa.array([5, 0, None, 4070], pa.int16()), [f"category {i}" for i in range(5000)])}))
pq.write_table(everything.slice(0, 100).append_column("more", pa.array(range(100))), "other-columns.parquet")
for i in range(3):
    pq.write_table(everything.slice(i * 100, 100), f"shard-{i}.parquet", compression=["snappy", "zstd", "none"][i])
try:
    from pyarrow.parquet.encryption import CryptoFactory, EncryptionConfiguration, KmsClient, KmsConnectionConfig

    class Plain(KmsClient):
        def wrap_key(self, key, _):
            return base64.b64encode(key)

        def unwrap_key(self, key, _):
            return base64.b64decode(key)

    factory = CryptoFactory(lambda _: Plain())
    for name, is_plain in (("encrypted.parquet", False), ("encrypted-column.parquet", True)):
        config = EncryptionConfiguration("k", column_keys={"k": ["text"]}, plaintext_footer=is_plain)
        properties = factory.file_encryption_properties(KmsConnectionConfig(), config)
        with pq.ParquetWriter(name, flat.schema, encryption_properties=properties) as writer:
            writer.write_table(flat)
except ImportError:
    pass

for seed in range(30):
    rng, table = random_table(seed)
    options = {
        "compression": rng.choice(["none", "snappy", "zstd", "lz4"]),
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "row_group_size": rng.choice([1000, 50, 9]),
        "data_page_size": rng.choice([1 << 20, 100]),
        "write_batch_size": rng.choice([1024, 5]),
        "use_dictionary": rng.random() < 0.6,
        "dictionary_pagesize_limit": rng.choice([1 << 20, 200]),
    }
    write(f"random-{seed}.parquet", table, **options)

frame = pd.DataFrame(
    {
        "text": [f"row {i}" for i in range(ROWS)],
        "label": pd.Categorical([f"c{i % 4}" for i in range(ROWS)], categories=["unused", "c3", "c2", "c1", "c0"], ordered=True),
        "when": pd.date_range("2020", periods=ROWS, freq="h", tz="Asia/Tokyo"),
        "nullable": pd.array(some(range(ROWS)), dtype="Int16"),
        "flag": pd.array(some([i % 2 == 0 for i in range(ROWS)]), dtype="boolean"),
        "vector": [np.arange(3, dtype=np.float32) * i for i in range(ROWS)],
        "mixed": [{"a": i} if i % 2 else None for i in range(ROWS)],
    },
    index=pd.Index([f"id {i}" for i in range(ROWS)], name="key"),
)
frame.to_parquet("pandas.parquet")
frame.reset_index(drop=True).to_parquet("pandas-range-index.parquet", compression="gzip")
frame.drop(columns=["vector", "mixed"])[lambda f: f.label == "c1"].to_parquet("pandas-filtered.parquet", row_group_size=100)

pl_frame = pl.DataFrame(
    {
        "text": [f"row {i}" for i in range(ROWS)],
        "category": pl.Series([f"c{i % 5}" for i in range(ROWS)], dtype=pl.Categorical),
        "enum": pl.Series(some([f"c{i % 3}" for i in range(ROWS)]), dtype=pl.Enum(["unused", "c0", "c1", "c2"])),
        "list": some([list(range(i % 4)) for i in range(ROWS)]),
        "vector": pl.Series([[i / 2, 1.0] for i in range(ROWS)], dtype=pl.Array(pl.Float32, 2)),
        "struct": [{"x": i, "y": f"{i}"} for i in range(ROWS)],
        "structs": [[{"x": i, "y": None}] * (i % 3) for i in range(ROWS)],
        "decimal": pl.Series([i for i in range(ROWS)], dtype=pl.Decimal(20, 3)),
        "time": pl.Series([i * 10**9 for i in range(ROWS)], dtype=pl.Time),
        "duration": pl.Series([i * 10**9 for i in range(ROWS)], dtype=pl.Duration("us")),
        "binary": [bytes([255, i % 256]) for i in range(ROWS)],
        "when": pl.Series(list(range(ROWS)), dtype=pl.Datetime("ns", "UTC")),
        "u8": pl.Series([i % 256 for i in range(ROWS)], dtype=pl.UInt8),
        "null": [None] * ROWS,
    }
)
for codec in ("zstd", "lz4", "snappy", "gzip", "brotli", "uncompressed"):
    pl_frame.write_parquet(f"polars-{codec}.parquet", compression=codec, row_group_size=250, data_page_size=2000)
    values(f"polars-{codec}.parquet", like=None if codec == "zstd" else "polars-zstd.parquet")

DUCKDB_ROWS = f"""
SELECT 'row ' || i AS text, i::UTINYINT AS u8, i::UBIGINT AS u64, i::HUGEINT AS huge, i / 3 AS double, (i / 4)::DECIMAL(18, 3) AS decimal,
  DATE '1999-12-31' + i::INTEGER AS day, TIME '12:34:56.789' AS time, make_timestamp(i * 1000003) AS moment,
  make_timestamp(i * 1000003)::TIMESTAMP_NS AS moment_ns, make_timestamp(i * 1000003)::TIMESTAMPTZ AS moment_tz,
  'x'::BLOB AS bytes, [i, NULL, i + 1] AS list, {{'a': i, 'b': [{{'c': 'x'}}]}} AS struct, map {{'k' || i: i, 'z': NULL}} AS map,
  (['a', 'b', 'c'])[1 + i % 3]::ENUM ('a', 'b', 'c', 'unused') AS enum, '{{"a": 1}}'::JSON AS json,
  '00000000-0000-4000-8000-0000000000aa'::UUID AS id FROM range(180) t(i)
"""
for codec in ("snappy", "zstd", "gzip", "brotli", "lz4_raw", "uncompressed"):
    for version in ("V1", "V2"):
        name = f"duckdb-{codec}-{version.lower()}.parquet"
        duckdb.sql(f"COPY ({DUCKDB_ROWS}) TO '{name}' (FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048)")
        values(name, like=None if name == "duckdb-snappy-v1.parquet" else "duckdb-snappy-v1.parquet")
duckdb.sql("COPY (SELECT 'text ' || i AS text, INTERVAL (i) MONTH + INTERVAL 3 DAY AS wait FROM range(9) t(i)) TO 'duckdb-interval.parquet'")

dataset = datasets.Dataset.from_dict(
    {
        "text": [f"row {i}" for i in range(200)],
        "label": [i % 2 for i in range(200)],
        "image": [{"bytes": bytes([137, 80, 78, 71, i]), "path": f"{i}.png"} for i in range(200)],
        "messages": [[{"role": "user", "content": f"{i}"}] * (i % 3) for i in range(200)],
    },
    features=datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["no", "yes"]),
            "image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
            "messages": [{"role": datasets.Value("string"), "content": datasets.Value("string")}],
        }
    ),
)
dataset.to_parquet("datasets.parquet", batch_size=64)

plain_frame = frame.drop(columns=["vector", "mixed"]).reset_index(drop=True)
plain_frame["text"] = plain_frame["text"].astype(object)
for times in ("int64", "int96"):
    for codec in ("SNAPPY", "GZIP", "ZSTD", "LZ4", "UNCOMPRESSED"):
        name = f"fastparquet-{times}-{codec.lower()}.parquet"
        fastparquet.write(name, plain_frame, compression=codec, times=times, row_group_offsets=[0, 200, 400])
        values(name, like=None if codec == "SNAPPY" else f"fastparquet-{times}-snappy.parquet")
for name in ("pandas", "pandas-range-index", "pandas-filtered", "datasets"):
    values(f"{name}.parquet")
print(json.dumps({name: values_of.get(name) for name in sorted(os.listdir()) if name.endswith(".parquet")}))
