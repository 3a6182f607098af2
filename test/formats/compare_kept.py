"""Compare kept files with what the tool itself would take: sys.argv is the folder of this file, then one with jobs.json.

Prints for each job what differs, null where nothing does.
"""

import csv
import gzip
import json
import os
import sys

os.chdir(sys.argv[2])

import datasets
import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq
import safetensors
import zstandard

datasets.disable_progress_bars()
NEWLINES = pa.csv.ParseOptions(newlines_in_values=True)
database = duckdb.connect()
database.execute("SET TimeZone = 'UTC'; SET threads = 1")


def content(path):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".gz"):
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if path.endswith(".zst") else data


def ipc(path):
    with open(path, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    return is_file, (pa.ipc.open_file if is_file else pa.ipc.open_stream)(path)


def equal_tables(before, after, kept):
    """Tables of pyarrow."""
    after.validate(full=True)
    if not after.schema.equals(before.schema, check_metadata=True):
        return "the schema"
    for i, name in enumerate(before.column_names):
        old, new = before.column(i), after.column(i)
        try:
            equal = new.equals(old.take(pa.array(kept, pa.int64())))
        except pa.ArrowNotImplementedError:  # of types that pyarrow cannot take yet
            equal = False
        if not equal:
            values = old.to_pylist()
            equal = repr(new.to_pylist()) == repr([values[row] for row in kept])
        if not equal:
            return f"the column {name}"


def equal_frames(before, after, kept):
    expected = before.iloc[kept]
    if isinstance(before.index, pd.RangeIndex):
        expected = expected.reset_index(drop=True)
    pd.testing.assert_frame_equal(after, expected, check_exact=True)


def equal_polars(before, after, kept):
    if before.schema != after.schema:
        return "the schema"
    if not after.equals(before[kept]):
        return "values"


def equal_duckdb(read):
    def equal(inputs, outputs, kept):
        before, after = ([database.sql(f"SELECT * FROM {read(path)}") for path in paths] for paths in (inputs, outputs))
        if [str(type_) for type_ in before[0].types] != [str(type_) for type_ in after[0].types] or before[0].columns != after[0].columns:
            return "the schema"
        rows, found = ([row for one in relations for row in one.fetchall()] for relations in (before, after))
        if repr(found) != repr([rows[row] for row in kept]):
            return "values"

    return equal


def equal_datasets(read):
    def equal(inputs, outputs, kept):
        before, after = (datasets.concatenate_datasets([read(path) for path in paths]) for paths in (inputs, outputs))
        if before.features != after.features:
            return "the features"
        if before.select(kept).to_list() != after.to_list():
            return "values"

    return equal


def together(read, concat, equal):
    return lambda inputs, outputs, kept: equal(concat([read(path) for path in inputs]), concat([read(path) for path in outputs]), kept)


def frames(read):
    def concat(parts):
        return pd.concat(parts, ignore_index=all(isinstance(part.index, pd.RangeIndex) for part in parts))

    return together(read, concat, equal_frames)


def polars(read):
    return together(read, pl.concat, equal_polars)


def parquet_file(inputs, outputs, kept):
    """What is in a Parquet file beside the values: its schema, the metadata, the compression."""
    before, after = ([pq.ParquetFile(path) for path in paths] for paths in (inputs, outputs))
    if before[0].schema != after[0].schema:
        return "the Parquet schema"
    if before[0].metadata.metadata != after[0].metadata.metadata:
        return "the metadata"
    codecs = [{file.metadata.row_group(g).column(0).compression for file in files for g in range(file.num_row_groups)} for files in (before, after)]
    if kept and codecs[0] != codecs[1]:
        return "the compression"
    return equal_tables(pa.concat_tables([file.read() for file in before]), pa.concat_tables([file.read() for file in after]), kept)


def arrow_file(inputs, outputs, kept):
    if ipc(inputs[0])[0] != ipc(outputs[0])[0]:
        return "the container"
    return together(lambda path: ipc(path)[1].read_all(), pa.concat_tables, equal_tables)(inputs, outputs, kept)


def lines(encoding="utf-8"):
    """Kept lines have the bytes that they had."""

    def equal(inputs, outputs, kept):
        before, after = ("".join(content(path).decode(encoding) for path in paths) for paths in (inputs, outputs))
        rows = before.split("\n")
        expected = "".join(rows[row] + "\n" for row in kept)
        if after != expected or (encoding == "utf-16" and content(outputs[0])[:2] != content(inputs[0])[:2]):
            return "bytes"

    return equal


def records(encoding, delimiter):
    """Kept records of CSV have the characters that they had, with the header before them."""

    def raw(path):
        text = content(path).decode("utf-8" if encoding == "utf-8-sig" else encoding)
        physical = [line + "\n" for line in text.removesuffix("\n").split("\n")]
        reader, found, start = csv.reader(physical, delimiter=delimiter), [], 0
        for _ in reader:
            found.append("".join(physical[start : reader.line_num]))
            start = reader.line_num
        return found

    def equal(inputs, outputs, kept):
        before, after = raw(inputs[0]), raw(outputs[0])
        if after != [before[0], *[before[row + 1] for row in kept]]:
            return "bytes"

    return equal


def json_lists(read):
    def equal(inputs, outputs, kept):
        before, after = read(inputs[0]), read(outputs[0])
        if repr(after) != repr([before[row] for row in kept]):
            return "values"

    return equal


def csv_rows(options):
    def equal(inputs, outputs, kept):
        def read(path):
            with open(path, newline="", encoding=options["encoding"]) as file:
                return list(csv.reader(file, delimiter=options.get("delimiter", ",")))

        before = read(inputs[0])
        if read(outputs[0]) != [before[0], *[before[row + 1] for row in kept]]:
            return "values"

    return equal


def arrays(inputs, outputs, kept):
    before, after = np.load(inputs[0]), np.load(outputs[0])
    members = zip(before.values(), after.values()) if inputs[0].endswith(".npz") else [(before, after)]
    if inputs[0].endswith(".npz") and before.files != after.files:
        return "the members"
    for old, new in members:
        if old.dtype != new.dtype or old.flags.fnc != new.flags.fnc:
            return "the type"
        if not np.array_equal(old[kept], new):
            return "values"


def tensors(inputs, outputs, kept):
    (before, after), heads = ([safetensors.deserialize(content(path)) for path in (inputs[0], outputs[0])], [])
    for path in (inputs[0], outputs[0]):
        data = content(path)
        heads.append(json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__"))
    if heads[0] != heads[1]:
        return "the metadata"
    for (name, old), (new_name, new) in zip(before, after, strict=True):
        if (name, old["dtype"]) != (new_name, new["dtype"]) or new["shape"] != [len(kept), *old["shape"][1:]]:
            return "the tensors"
        width = len(old["data"]) // old["shape"][0]
        if bytes(new["data"]) != b"".join(bytes(old["data"][row * width : (row + 1) * width]) for row in kept):
            return "values"


def checks(case):
    """What is compared: the file, then what its own tool reads from it."""
    format_, tool, read = case["format"], case["tool"], case.get("read", {})
    cache = {"cache_dir": "datasets-cache"}
    if format_ == "Parquet":
        return [parquet_file, {
            "pandas": frames(pd.read_parquet),
            "fastparquet": frames(lambda path: fastparquet.ParquetFile(path).to_pandas()),
            "polars": polars(pl.read_parquet),
            "DuckDB": equal_duckdb(lambda path: f"read_parquet('{path}')"),
            "datasets": equal_datasets(lambda path: datasets.Dataset.from_parquet(path, **cache)),
        }.get(tool)]
    if format_ == "Arrow":
        return [arrow_file, {
            "pandas": frames(pd.read_feather),
            "polars": polars(lambda path: (pl.read_ipc if ipc(path)[0] else pl.read_ipc_stream)(path)),
            "datasets": equal_datasets(datasets.Dataset.from_file),
        }.get(tool)]
    if format_ in ("CSV", "TSV"):
        delimiter = read.get("delimiter") or read.get("sep") or read.get("separator") or ("\t" if format_ == "TSV" else ",")
        return [records(read.get("encoding", "utf-8"), delimiter), {
            "csv": csv_rows(read),
            "pandas": frames(lambda path: pd.read_csv(path, **read)),
            "polars": polars(lambda path: pl.read_csv(path, **read)),
            "DuckDB": equal_duckdb(lambda path: f"read_csv('{path}', delim = '{delimiter}')"),
            "datasets": equal_datasets(lambda path: datasets.Dataset.from_csv(path, **cache)),
            "pyarrow": together(lambda path: pa.csv.read_csv(path, parse_options=NEWLINES), pa.concat_tables, equal_tables),
        }[tool]]
    if format_ == "JSON lines":
        return [lines(), {
            "json": None if case.get("skip") else json_lists(lambda path: [json.loads(line) for line in content(path).splitlines()]),
            "pandas": frames(lambda path: pd.read_json(path, lines=True)),
            "polars": polars(pl.read_ndjson),
            "DuckDB": equal_duckdb(lambda path: f"read_json('{path}', format = 'newline_delimited')"),
            "datasets": equal_datasets(lambda path: datasets.Dataset.from_json(path, **cache)),
        }[tool]]
    if format_ == "JSON":
        return [json_lists(lambda path: json.loads(content(path))), {
            "json": None,
            "pandas": frames(pd.read_json),
            "polars": polars(pl.read_json),
            "DuckDB": equal_duckdb(lambda path: f"read_json('{path}', format = 'array')"),
            "datasets": equal_datasets(lambda path: datasets.Dataset.from_json(path, **cache)),
        }[tool]]
    if format_ == "text":
        return [lines(case["encoding"])]
    return [tensors if format_ == ".safetensors" else arrays]


def difference(job):
    try:
        for equal in checks(job["case"]):
            found = equal and equal(job["inputs"], job["outputs"], job["kept"])
            if found:
                return f"{found} (as {equal.__qualname__.split('.')[0]} has it)"
        if job.get("folders"):
            before, after = (pa.dataset.dataset(folder, partitioning="hive").to_table() for folder in job["folders"])
            return equal_tables(before, after, job["kept"])
    except Exception as error:
        return repr(error)[:300]


print(json.dumps([difference(job) for job in json.load(open("jobs.json", encoding="utf-8"))]))
