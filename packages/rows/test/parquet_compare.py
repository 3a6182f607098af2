"""Compare kept Parquet files with `table.take(kept)`: sys.argv is the folder of this file, then a folder with jobs.json."""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from made_tables import same


def problems(inputs, output, kept):
    files = [pq.ParquetFile(name) for name in inputs]
    written = pq.ParquetFile(output)
    tables = [file.read() for file in files]
    table = pa.concat_tables(tables).take(pa.array(kept, pa.int64()))
    result = written.read()
    result.validate(full=True)
    if not result.schema.equals(tables[0].schema, check_metadata=True):
        yield "the schema or its metadata differ"
    if written.schema != files[0].schema:
        yield "the Parquet schema differs"
    if written.metadata.metadata != files[0].metadata.metadata:
        yield "the key-value metadata differ"
    names = result.column_names
    for i, name in enumerate(names):
        a, b = (pa.table([table.column(i)], ["x"]) for table in (table, result))
        if not same(b, a):
            yield f"the column {name} differs"
        if kept and categories(a, "x") != categories(b, "x"):
            yield f"the categories of {name} differ"
    if written.metadata.num_rows != len(kept):
        yield f"{written.metadata.num_rows} rows, not {len(kept)}"
    codecs = [codec_set(files, column) for column in range(files[0].metadata.num_columns)]
    if written.metadata.num_row_groups and codecs != [codec_set([written], c) for c in range(len(codecs))]:
        yield "the compression differs"
    for group in range(written.metadata.num_row_groups):
        for column in range(written.metadata.num_columns):
            chunk = written.metadata.row_group(group).column(column)
            nulls = chunk.statistics.null_count if chunk.statistics is not None else None
            name = chunk.path_in_schema
            if nulls is not None and names.count(name) == 1 and not pa.types.is_nested(result.schema.field(name).type):
                if nulls != written.read_row_group(group)[name].null_count:
                    yield f"the count of nulls of {name} is wrong"
    if len(set(names)) == len(names) and len(inputs) == 1 and "" not in names:
        yield from other_readers(inputs[0], output, kept)


def categories(table, name):
    """Of a column with a dictionary all its entries, also those that no row has."""
    if not pa.types.is_dictionary(table.schema.field(name).type):
        return None
    return {entry for chunk in table[name].chunks for entry in chunk.dictionary.to_pylist()}


def other_readers(source, output, kept):
    try:
        before = pl.read_parquet(source)
    except BaseException:  # a panic of polars is no Exception
        before = None
    if before is not None and not pl.read_parquet(output).equals(before[kept]):
        if repr(pl.read_parquet(output).rows()) != repr(before[kept].rows()):
            yield "polars reads other values"
    try:
        before = duckdb.sql(f"SELECT * FROM '{source}'").fetchall()
    except Exception:
        return
    if repr(duckdb.sql(f"SELECT * FROM '{output}'").fetchall()) != repr([before[row] for row in kept]):
        yield "DuckDB reads other values"


def codec_set(files, column):
    return {
        file.metadata.row_group(group).column(column).compression
        for file in files
        for group in range(file.metadata.num_row_groups)
    }


found = {}
for job in json.load(open("jobs.json")):
    try:
        found[job["output"]] = list(problems(job["inputs"], job["output"], job["kept"]))
    except Exception as error:
        found[job["output"]] = [repr(error)[:300]]
print(json.dumps(found))
