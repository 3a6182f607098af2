"""Make folders of Arrow files that belong together: sys.argv is the folder of this file, then where they go."""

import os
import sys

os.chdir(sys.argv[2])

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa


def write(name, table, stream=False, rows=40, **options):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    create = pa.ipc.new_stream if stream else pa.ipc.new_file
    with create(name, table.schema, options=pa.ipc.IpcWriteOptions(unify_dictionaries=not stream, **options)) as writer:
        writer.write_table(table, max_chunksize=rows)


def table(shard, rows=100, index=pa.int8()):
    """Dictionaries that overlap with those of other shards, in another order; one with nulls in it, one within lists."""
    n = range(rows)
    words = [f"w{i}" for i in range(shard * 3, shard * 3 + 7)][:: 1 if shard % 2 else -1]
    at = pa.array([None if i % 11 == 5 else i % 7 for i in n], index)
    long_words = pa.array([w * 9 for w in words], pa.string_view())
    inner = pa.DictionaryArray.from_arrays(pa.array([i % 7 for i in range(rows * 2)], pa.int32()), pa.array(words, pa.large_string()))
    return pa.table(
        {
            "text": [f"shard {shard} row {i}" for i in n],
            "word": pa.DictionaryArray.from_arrays(at, pa.array(words)),
            "number": pa.DictionaryArray.from_arrays(at, pa.array([shard * 2 + i for i in range(6)] + [None], pa.int64())),
            "flag": pa.DictionaryArray.from_arrays(pa.array([i % 2 for i in n], pa.uint16()), pa.array([shard % 2 == 0, shard % 2 == 1])),
            "long": pa.DictionaryArray.from_arrays(at, long_words),
            "words": pa.ListArray.from_arrays(pa.array(range(0, rows * 2 + 1, 2), pa.int32()), inner),
            "point": pa.DictionaryArray.from_arrays(at, pa.array([{"x": shard + i, "y": [f"{i}"] * (i % 3)} for i in range(7)])),
        },
    ).replace_schema_metadata({"about": "shards", "shard": str(shard)})


for shard in range(3):
    write(f"files/{shard}.arrow", table(shard))
    write(f"zstd/{shard}.arrow", table(shard), compression="zstd")
    write(f"streams/{shard}.arrow", table(shard).combine_chunks(), stream=True, compression="lz4")
    write(f"mixed/{shard}.arrow", table(shard), stream=shard == 1)
    write(f"mixed-from-stream/{shard}.arrow", table(shard), stream=shard == 0)
    write(f"equal/{shard}.arrow", table(1), compression=[None, "lz4", "zstd"][shard])
write("empty-first/0.arrow", table(0).slice(0, 0))
write("empty-first/1.arrow", table(1))

grown = pa.schema([("text", pa.string()), ("word", pa.dictionary(pa.int8(), pa.string()))])
for shard, name in enumerate(["replaced/0.arrow", "replaced/1.arrow"]):
    os.makedirs("replaced", exist_ok=True)
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=shard == 0)
    with (pa.ipc.new_file if shard == 0 else pa.ipc.new_stream)(name, grown, options=options) as writer:
        for end in (2, 4, 5):
            entries = [f"{'entry' if shard == 0 or end < 5 else 'other'} {i}" for i in range(end)]
            word = pa.DictionaryArray.from_arrays(pa.array([end - 1, 0, None], pa.int8()), entries)
            writer.write_batch(pa.record_batch([pa.array(["a", "b", "c"]), word], schema=grown))

# Columns get their numbers in the order of the fields; here the schema of one has its dictionaries in another order.
for shard in range(2):
    frame = pl.DataFrame(
        {
            "text": [f"row {shard} {i}" for i in range(60)],
            "category": pl.Series([f"c{(i + shard) % 5} of a long name" for i in range(60)], dtype=pl.Categorical),
            "enum": pl.Series([f"c{i % 3}" for i in range(60)], dtype=pl.Enum(["unused", "c0", "c1", "c2"])),
        }
    )
    os.makedirs("polars", exist_ok=True)
    frame.write_ipc(f"polars/polars-{shard}.arrow", compression="zstd")
    os.makedirs("pandas", exist_ok=True)
    ordered = pd.Categorical([f"c{i % 3}" for i in range(60)], categories=["c2", "c1", "c0"], ordered=True)
    pd.DataFrame({"text": frame["text"].to_list(), "grade": ordered}).to_feather(f"pandas/{shard}.feather")
other = pd.Categorical(["c0"], categories=["c0", "c1", "c2"], ordered=True)
pd.DataFrame({"text": ["x"], "grade": other}).to_feather("other-order.feather")
many = [pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), [f"{shard} {i}" for i in range(100)]) for shard in range(2)]
for shard in range(2):
    write(f"too-many/{shard}.arrow", pa.table({"text": ["a"], "label": many[shard]}))
write("types/0.arrow", pa.table({"text": ["a"], "when": pa.array([1], pa.timestamp("us", "UTC"))}))
write("types/1.arrow", pa.table({"text": ["a"], "when": pa.array([1], pa.timestamp("us"))}))
write("more/0.arrow", pa.table({"text": ["a"]}))
write("more/1.arrow", pa.table({"text": ["a"], "n": [1]}))

features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])})
rows = {"text": [f"row {i}" for i in range(2500)], "label": [i % 2 for i in range(2500)]}
datasets.Dataset.from_dict(rows, features=features).save_to_disk("dataset", num_shards=4)
print("null")
