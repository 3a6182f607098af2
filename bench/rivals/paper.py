"""D2 Pruning by dense matrices, the way the published code goes about it (our own words, the same steps)."""

import json
import resource
import sys
import time

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph

folder, k, budget = sys.argv[1], int(sys.argv[2]), int(float(sys.argv[3]))
x, scores = np.load(f"{folder}/x.npy"), np.load(f"{folder}/s.npy")
at_start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

start = time.perf_counter()
distances = pairwise_distances(x)
edges = np.asarray(kneighbors_graph(x, k).todense())
for i, j in zip(*edges.nonzero()):
    fade = np.exp(-distances[i, j])
    edges[i, j] = fade * max(scores[j], 1e-7)
    edges[j, i] = fade * max(scores[i], 1e-7)
density = edges.sum(axis=1) + scores
picked = []
while len(picked) < budget:
    best = int(np.argmax(density))
    neighbours = (edges[best] > 0).nonzero()[0]
    density[neighbours] -= np.exp(-distances[best, neighbours]) * density[best]
    picked.append(best)
    density[picked] = min(density) - 1
seconds = time.perf_counter() - start

megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_start) / 1024
print(json.dumps({"seconds": seconds, "megabytes": megabytes, "selected": picked}))
