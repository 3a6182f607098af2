"""Neighbour search of the Python libraries on two threads: seconds and recall.

Beyond 100,000 rows faiss answers 10,000 of the rows and the time of the search is scaled up; building is timed in full.
"""

import json
import sys
import time

import faiss
import hnswlib
import numpy as np
import pynndescent

path, k = sys.argv[1], int(sys.argv[2])
x = np.load(path)
rows, cols = x.shape
faiss.omp_set_num_threads(2)
large = rows > 100_000
asked = np.sort(np.random.default_rng(0).choice(rows, 10_000, replace=False)) if large else np.arange(rows)
results = []
truth = None


def report(name, seconds, distances, of=asked):
    """`distances` are squared, with the row itself first, for the rows `of`."""
    global truth
    if truth is None:
        truth = np.full(rows, np.nan, dtype=np.float32)
        truth[of] = distances[:, k]
    known = ~np.isnan(truth[of])
    recall = float((distances[known, 1 : k + 1] <= truth[of][known, None] + 1e-6).mean())
    results.append({"name": name, "seconds": seconds, "recall": recall, "scaled": large and of is asked})
    print(results[-1], file=sys.stderr)


def faiss_search(name, index, build_seconds):
    start = time.perf_counter()
    distances = index.search(x[asked], k + 1)[0]
    report(name, build_seconds + (time.perf_counter() - start) * rows / len(asked), distances)


def timed(build):
    start = time.perf_counter()
    index = build()
    return index, time.perf_counter() - start


def flat():
    index = faiss.IndexFlatL2(cols)
    index.add(x)
    return index


def ivf():
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(cols), cols, lists)
    index.cp.max_points_per_centroid = 64
    index.train(x)
    index.add(x)
    return index


faiss_search("faiss IndexFlat", *timed(flat))
lists = 256 if rows <= 50_000 else int(2 * rows**0.5)
index, seconds = timed(ivf)
for share in (16, 4, 2):
    index.nprobe = lists // share
    faiss_search(f"faiss IVF{lists}, {lists // share} probes", index, seconds)
del index


def build_hnsw():
    index = hnswlib.Index("l2", cols)
    index.init_index(rows, M=16, ef_construction=200)
    index.set_num_threads(2)
    index.add_items(x)
    return index


index, seconds = timed(build_hnsw)
for ef in (64, 96, 128):
    index.set_ef(ef)
    start = time.perf_counter()
    distances = index.knn_query(x, k + 1)[1]
    report(f"hnswlib M16 ef{ef}", seconds + time.perf_counter() - start, distances, np.arange(rows))
del index
start = time.perf_counter()
distances = pynndescent.NNDescent(x, n_neighbors=30, n_jobs=2, random_state=0).neighbor_graph[1]
report("pynndescent n=30", time.perf_counter() - start, distances[:, : k + 1] ** 2, np.arange(rows))
print(json.dumps(results))
