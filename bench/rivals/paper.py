"""D2 Pruning by dense matrices, the way the published code goes about it (our own words, the same steps)."""

import json
import sys
import time

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph

folder, k, budget = sys.argv[1], int(sys.argv[2]), int(float(sys.argv[3]))
x, scores = np.load(f"{folder}/x.npy"), np.load(f"{folder}/s.npy")


def peak_megabytes():
    """ru_maxrss begins at what the parent had."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


at_start = peak_megabytes()


def prune():
    distances = pairwise_distances(x)
    edges = kneighbors_graph(x, k).todense()
    for i, j in zip(*edges.nonzero()):
        to_i = np.exp(-distances[i, j]) * max(scores[j].item(), 1e-7)
        to_j = np.exp(-distances[i, j]) * max(scores[i].item(), 1e-7)
        edges[i, j] = to_i
        edges[j, i] = to_j
    density = np.zeros(len(x))
    for i in range(len(x)):
        density[i] = edges[i].sum() + scores[i].item()
    picked = {}  # a set in the published code, which forgets the order
    while len(picked) < budget:
        best = np.argmax(density)
        neighbours = (edges[best] > 0).nonzero()[1]
        density[neighbours] -= np.exp(-distances[best, neighbours]) * density[best]
        picked[int(best)] = None
        density[list(picked)] = min(density) - 1
    return list(picked)


start = time.perf_counter()
picked = prune()
first = time.perf_counter() - start
megabytes = peak_megabytes() - at_start
times = []
for _ in range(4):
    start = time.perf_counter()
    prune()
    times.append(time.perf_counter() - start)
seconds = float(np.median(times[1:]))
print(json.dumps({"first": first, "seconds": seconds, "megabytes": megabytes, "selected": picked}))
