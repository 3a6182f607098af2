"""One field of a JSONL file, read with the tool named on the command line."""
import json
import resource
import sys
import time

path, tool = sys.argv[1:]


def python():
    rows = characters = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            characters += len(json.loads(line)["text"])
            rows += 1
    return characters, rows


def duckdb():
    import duckdb

    texts = duckdb.sql(f"select text from read_ndjson('{path}')").fetchall()
    return sum(len(text) for (text,) in texts), len(texts)


def duckdb_alone():
    import duckdb

    # Only the sum leaves DuckDB: no text becomes a string of Python's.
    return duckdb.sql(f"select sum(length(text)), count(*) from read_ndjson('{path}')").fetchall()[0]


seconds = []
for _ in range(4):
    start = time.perf_counter()
    result = globals()[tool]()
    seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds[1:], "rows": int(result[1]), "characters": int(result[0]), "peak": peak}))
