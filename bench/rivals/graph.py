"""Neighbour search of the Python libraries: seconds and recall against faiss' flat search, two threads."""

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
results = []
truth = None


def measure(name, search, repeats=1):
    """Median seconds of a search that returns distances (squared) including the row itself."""
    global truth
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        distances = search()
        seconds.append(time.perf_counter() - start)
    if truth is None:
        truth = distances[:, k]
    recall = float((distances[:, 1 : k + 1] <= truth[:, None] + 1e-6).mean())
    results.append({"name": name, "seconds": float(np.median(seconds)), "recall": recall})
    print(results[-1], file=sys.stderr)


def flat():
    index = faiss.IndexFlatL2(cols)
    index.add(x)
    return index.search(x, k + 1)[0]


def ivf(probes):
    def search():
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(cols), cols, 256)
        index.cp.max_points_per_centroid = 64
        index.train(x)
        index.add(x)
        index.nprobe = probes
        return index.search(x, k + 1)[0]

    return search


def hnsw():
    index = hnswlib.Index("l2", cols)
    index.init_index(rows, M=16, ef_construction=200)
    index.set_num_threads(2)
    index.add_items(x)
    index.set_ef(64)
    return index.knn_query(x, k + 1)[1]


def descent():
    distances = pynndescent.NNDescent(x, n_neighbors=30, n_jobs=2, random_state=0).neighbor_graph[1]
    return distances[:, : k + 1] ** 2


measure("faiss IndexFlat", flat)
for probes in (16, 64, 128):
    measure(f"faiss IVF256, {probes} probes", ivf(probes))
measure("hnswlib M16 ef64", hnsw)
measure("pynndescent n=30", descent)
print(json.dumps(results))
