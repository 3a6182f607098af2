"""Compare kept Arrow files with `table.take(kept)`: sys.argv is the folder of this file, then a folder with jobs.json."""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[2])

import datasets
import polars as pl
import pyarrow as pa
from made_tables import same


def open_arrow(name):
    with open(name, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    reader = (pa.ipc.open_file if is_file else pa.ipc.open_stream)(name)
    return is_file, reader.read_all(), reader.metadata if is_file else None


def problems(inputs, output, kept):
    source = inputs[0]
    was_file, first, notes = open_arrow(source)
    is_file, result, kept_notes = open_arrow(output)
    table = pa.concat_tables([first, *[open_arrow(name)[1].replace_schema_metadata(first.schema.metadata) for name in inputs[1:]]])
    result.validate(full=True)
    if was_file != is_file:
        yield "the container differs"
    if notes != kept_notes:
        yield "the metadata of the file differ"
    if not result.schema.equals(table.schema, check_metadata=True):
        yield "the schema or its metadata differ"
    for i, column in enumerate(table.column_names):
        before, after = (one.select([i]) for one in (table, result))
        try:
            equal = same(after, before.take(pa.array(kept, pa.int64())))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # pyarrow cannot take these types
            before_values = before.column(0).to_pylist()
            equal = after.column(0).to_pylist() == [before_values[row] for row in kept]
        if not equal:
            yield f"the column {column} differs"
    name = os.path.basename(source)
    if name.startswith("polars") and is_file and not pl.read_ipc(output).equals(pl.concat([pl.read_ipc(name) for name in inputs])[kept]):
        yield "polars reads other values"
    if name.startswith("data-") and datasets.Dataset.from_file(output)["text"] != [table["text"][row].as_py() for row in kept]:
        yield "datasets reads other values"


found = {}
for job in json.load(open("jobs.json")):
    try:
        found[job["output"]] = list(problems(job["inputs"], job["output"], job["kept"]))
    except Exception as error:
        found[job["output"]] = [repr(error)[:300]]
print(json.dumps(found))
