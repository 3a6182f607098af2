"""Make Arrow files in a folder with each tool: sys.argv is the folder of this file, then that folder."""

import json
import os
import shutil
import sys

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from made_tables import all_types, random_table, write_values

ROWS = 600
values_of = {}


def open_table(name):
    with open(name, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    return (pa.ipc.open_file if is_file else pa.ipc.open_stream)(name).read_all()


def values(name, table=None, like=None):
    values_of[name] = values_of[like] if like else f"{name}.json"
    if like is None:
        write_values(open_table(name) if table is None else table, values_of[name])


def write(name, table, like=None, rows=250, stream=False, **options):
    create = pa.ipc.new_stream if stream else pa.ipc.new_file
    with create(name, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for start in range(0, max(table.num_rows, 1), rows):
            writer.write_table(table.slice(start, rows))
    values(name, table, like=like)


everything = all_types(ROWS, only_arrow=True).replace_schema_metadata({"about": "all types"})
EVERYTHING = "pyarrow-file.arrow"
write(EVERYTHING, everything)
for codec in (None, "lz4", "zstd"):
    write(f"pyarrow-stream-{codec}.arrow", everything, EVERYTHING, stream=True, compression=codec)
    write(f"pyarrow-file-{codec}.arrow", everything, EVERYTHING, compression=codec)
n = range(ROWS)
only_arrow = {
    "union": pa.UnionArray.from_dense(pa.array([i % 2 for i in n], pa.int8()), pa.array([i // 2 for i in n], pa.int32()), [pa.array(n), pa.array([f"t{i}" for i in n])]),
    "sparse": pa.UnionArray.from_sparse(pa.array([i % 2 for i in n], pa.int8()), [pa.array(n), pa.array([f"t{i}" for i in n])]),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([200, 450, 600], pa.int32()), pa.array(["a", None, "c"])),
    "list_view": pa.array([[i] * (i % 3) if i % 5 else None for i in n], pa.list_view(pa.int32())),
    "large_list_view": pa.array([[f"{i}"] * (i % 3) for i in n], pa.large_list_view(pa.string())),
    "text": pa.array([f"row {i}" for i in n]),
    "id": pa.array([bytes([i % 256]) * 16 for i in n], pa.uuid()),
    "words": pa.array([[f"w{i % 3}"] for i in n], pa.list_(pa.dictionary(pa.int16(), pa.string()))),
}
rare = pa.table(only_arrow)
write("pyarrow-rare.arrow", rare.drop(["list_view", "large_list_view"]), rows=ROWS)
values_of.pop("pyarrow-rare.arrow")
write("pyarrow-list-views.arrow", rare.select(["list_view", "large_list_view", "text", "id", "words"]))
write("pyarrow-no-rows.arrow", everything.slice(0, 0))
write("pyarrow-old.arrow", all_types(50), metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True, stream=True)
twice = pa.Table.from_arrays([pa.array(["a", "b", "c"]), pa.array([1, 2, 3]), pa.array([4, 5, 6])], names=["text", "x", "x"])
write("pyarrow-same-name.arrow", twice)
with pa.ipc.new_stream("pyarrow-no-batch.arrow", everything.schema):
    pass
values("pyarrow-no-batch.arrow")

words = pa.array([f"a word of more than twelve letters, {i}" for i in range(90)], pa.string_view())
views = pa.table({"text": pa.concat_arrays([words, words.slice(5), words])})
write("pyarrow-views.arrow", views, rows=1000)
with pa.ipc.new_file("pyarrow-noted.arrow", everything.schema, metadata={"who": "us"}) as writer:
    writer.write_table(everything, max_chunksize=100)
values("pyarrow-noted.arrow", like=EVERYTHING)
grown = pa.schema([("c", pa.dictionary(pa.int8(), pa.string())), ("n", pa.int64())])
for name, options in (("delta", {"emit_dictionary_deltas": True}), ("replaced", {})):
    with pa.ipc.new_stream(f"pyarrow-{name}.arrow", grown, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for end in (2, 4, 5):
            entries = [f"entry {i}" for i in range(end)]
            c = pa.DictionaryArray.from_arrays(pa.array([end - 1, 0, None], pa.int8()), entries)
            writer.write_batch(pa.record_batch([c, pa.array([end, 0, -end])], schema=grown))
    values(f"pyarrow-{name}.arrow")

for seed in range(12):
    rng, table = random_table(seed + 100)
    write(f"random-{seed}.arrow", table, rows=rng.choice([5, 64]), stream=rng.random() < 0.5, compression=rng.choice([None, "lz4", "zstd"]))

frame = pd.DataFrame(
    {
        "text": [f"row {i}" for i in n],
        "label": pd.Categorical([f"c{i % 4}" for i in n], categories=["unused", "c3", "c2", "c1", "c0"], ordered=True),
        "when": pd.date_range("2020", periods=ROWS, freq="h", tz="Asia/Tokyo"),
        "vector": [np.arange(3, dtype=np.float32) * i for i in n],
    }
)
for codec in ("lz4", "zstd", "uncompressed"):
    frame.to_feather(f"pandas-{codec}.feather", compression=codec)
    values(f"pandas-{codec}.feather")
pl_frame = pl.DataFrame(
    {
        "text": [f"row {i} " * (i % 4) for i in n],
        "category": pl.Series([f"c{i % 5}" for i in n], dtype=pl.Categorical),
        "enum": pl.Series([f"c{i % 3}" for i in n], dtype=pl.Enum(["unused", "c0", "c1", "c2"])),
        "list": [list(range(i % 4)) for i in n],
        "struct": [{"x": i, "y": f"{i}"} for i in n],
        "decimal": pl.Series(list(n), dtype=pl.Decimal(20, 3)),
        "binary": [bytes([255, i % 256]) * (i % 9) for i in n],
        "when": pl.Series(list(n), dtype=pl.Datetime("ns", "UTC")),
    }
)
for codec in ("uncompressed", "lz4", "zstd"):
    pl_frame.write_ipc(f"polars-{codec}.ipc", compression=codec)
    pl_frame.write_ipc_stream(f"polars-stream-{codec}.arrow", compression=codec)
    values(f"polars-{codec}.ipc")
    values(f"polars-stream-{codec}.arrow")
dataset = datasets.Dataset.from_dict(
    {
        "text": [f"row {i}" for i in range(2500)],
        "label": [i % 2 for i in range(2500)],
        "messages": [[{"role": "user", "content": f"{i}"}] * (i % 3) for i in range(2500)],
    },
    features=datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["no", "yes"]),
            "messages": [{"role": datasets.Value("string"), "content": datasets.Value("string")}],
        }
    ),
)
dataset.save_to_disk("dataset", num_shards=4)
for i in range(4):
    name = f"data-{i:05}-of-00004.arrow"
    shutil.move(f"dataset/{name}", name)
    values(name)
names = [name for name in sorted(os.listdir()) if name.endswith((".arrow", ".feather", ".ipc"))]
print(json.dumps({name: values_of.get(name) for name in names}))
