"""Make a Parquet file per type, or compare kept files with `table.take`: make|compare, the tests' folder, a folder."""

import glob
import json
import os
import sys

task, tests, folder = sys.argv[1:]
sys.path.insert(0, tests)
os.chdir(folder)

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from made_tables import all_types, same

ROWS = 300


def make():
    table = all_types(ROWS).replace_schema_metadata({"about": "a table"})
    for name in table.column_names:
        pq.write_table(table.select([name]), f"{name}.parquet")
    pq.write_table(table.select(["ts_ns"]), "int96.parquet", use_deprecated_int96_timestamps=True)
    twice = pa.Table.from_arrays([pa.array(range(ROWS)), pa.array([f"{i}" for i in range(ROWS)])], names=["x", "x"])
    pq.write_table(twice, "same_name.parquet")
    duckdb.sql(f"COPY (SELECT INTERVAL (i) MONTH AS wait FROM range({ROWS}) t(i)) TO 'interval.parquet'")
    n = range(200_000)
    large = pa.table(
        {
            "id": pa.array(n, pa.int64()),
            "text": [f"row {i}: " + "some words of a text " * (1 + i % 9) for i in n],
            "label": [f"label {i % 12}" for i in n],
            "score": [i / 7 for i in n],
            "vector": pa.array([[i / 2, 1.0, 0.5, i / 9] for i in n], pa.list_(pa.float32())),
            "messages": [[{"role": "user", "content": f"question {i}"}] for i in n],
        }
    )
    pq.write_table(large, "large-200000.parquet")


def verdict(source, output):
    before, after = pq.ParquetFile(source), pq.ParquetFile(output)
    a, b = before.read(), after.read()
    kept = a.take(pa.array(range(0, a.num_rows, 3)))
    if not b.schema.equals(a.schema):
        return f"type: {b.schema.field(0).type}" if len(b.schema) == len(a.schema) else "columns lost"
    try:
        equal = all(same(pa.table([b.column(i)], ["x"]), pa.table([kept.column(i)], ["x"])) for i in range(len(a.schema)))
    except pa.ArrowException:
        equal = b.to_pylist() == kept.to_pylist()
    if not equal:
        return "values differ"
    if before.schema != after.schema:
        return "Parquet type differs"
    return "same" if b.schema.equals(a.schema, check_metadata=True) else "metadata lost"


def compare():
    found = {}
    for source in sorted(glob.glob("*.parquet")):
        name = source.removesuffix(".parquet")
        found[name] = {}
        for candidate in json.load(open("candidates.json")):
            output = f"{candidate}/{source}"
            try:
                found[name][candidate] = verdict(source, output) if os.path.exists(output) else "refused"
            except Exception as error:
                found[name][candidate] = f"unreadable: {str(error)[:60]}"
    print(json.dumps(found))


make() if task == "make" else compare()
