"""faiss.Kmeans with two threads."""

import json
import sys
import time

import faiss
import numpy as np

path, count, iterations = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.load(path)
faiss.omp_set_num_threads(2)
seconds = []
for _ in range(4):
    start = time.perf_counter()
    clustering = faiss.Kmeans(x.shape[1], count, niter=iterations, seed=1)
    clustering.train(x)
    seconds.append(time.perf_counter() - start)
squared, _ = clustering.index.search(x, 1)
print(json.dumps({"seconds": seconds[1:], "inertia": float(squared.sum())}))
