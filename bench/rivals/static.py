"""Python's model2vec and semhash, with the same weights on the same texts.

Usage: static.py embed FOLDER TEXTS.json | static.py prune FOLDER TEXTS.json"""

import json
import resource
import sys
import time

from model2vec import StaticModel

task, folder, path = sys.argv[1:]
texts = json.load(open(path, encoding="utf-8"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model = StaticModel.from_pretrained(folder)
seconds = []
if task == "embed":
    model.encode(texts, max_length=None)
    for _ in range(3):
        start = time.perf_counter()
        model.encode(texts, max_length=None)
        seconds.append(time.perf_counter() - start)
else:
    from semhash import SemHash

    start = time.perf_counter()
    index = SemHash.from_records(records=texts, model=model)
    index.self_deduplicate()
    index.self_find_representative()
    seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "megabytes": peak, "before": before / 1024}))
