"""Does the real embedding-atlas load what `coreset export --format embedding-atlas` writes?

    pip install embedding-atlas==0.26.0     # in an environment of its own: it brings PyTorch
    coreset export corpus.coreset --format embedding-atlas --out atlas.parquet
    python bench/embedding-atlas.py atlas.parquet

Starts its command on 127.0.0.1, as a person would, and asks its server what it has: the columns that it takes for places and
neighbours, the rows, and of each row whether its neighbours are rows and begin with itself. Ends with 1 where anything is amiss.
"""

import io
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pandas as pd

path = sys.argv[1]
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = [str(Path(sys.executable).with_name("embedding-atlas")), path, "--x", "x", "--y", "y", "--neighbors", "neighbors"]
server = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port), "--no-auto-port"])


def get(name: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=30) as reply:
        return reply.read()


def page() -> bytes:
    for _ in range(120):
        if server.poll() is not None:
            sys.exit(f"embedding-atlas ended with {server.returncode}")
        try:
            return get("")
        except OSError:
            time.sleep(0.5)
    sys.exit("embedding-atlas did not answer within a minute")


try:
    assert b"<html" in page().lower()
    props = json.loads(get("data/metadata.json"))["props"]
    print(json.dumps(props))
    rows = pd.read_parquet(io.BytesIO(get("data/dataset.parquet")))
    written = pd.read_parquet(path)
    assert len(rows) == len(written) and set(written.columns) <= set(rows.columns)
    ids = [list(entry["ids"]) for entry in rows["neighbors"]]
    distances = [list(entry["distances"]) for entry in rows["neighbors"]]
    assert len({len(one) for one in ids}) == 1, "as many neighbours for each row"
    assert all(row in one and max(one) < len(rows) and min(one) >= 0 for row, one in enumerate(ids))
    assert all(one == sorted(one) for one in distances)
    placed = rows["x"].notna() & rows["y"].notna()
    print(f"{len(rows)} rows, {placed.sum()} of them with a place, {rows['kept'].sum()} kept, {len(ids[0])} neighbours each")
finally:
    server.terminate()
    server.wait()
