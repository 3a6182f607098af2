"""Accuracy of learners trained on kept rows. Usage: train.py JOBS.json; a line of JSON at the end.

JOBS.json: texts or null, vectors (.npy of what the selector saw, or null), characters (true: learners of texts count these,
one to three, not words), train and test rows with their labels, and jobs, lists of
train rows. Of texts: a linear SVM on TF-IDF of words and pairs of words, complement naive Bayes on the counts, and a logistic
regression on the vectors. Of pixels: a small network, a random forest and a linear SVM."""

import json
import os
import sys

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # two jobs run side by side

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.naive_bayes import ComplementNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes that learn: some learners stop before they converge
spec = json.load(open(sys.argv[1]))
vectors = None if spec["vectors"] is None else np.load(spec["vectors"])
texts = spec["texts"]
train, test = np.array(spec["train"]), np.array(spec["test"])
y, test_y = np.array(spec["trainLabels"]), np.array(spec["testLabels"])
words = {"analyzer": "char", "ngram_range": (1, 3)} if spec.get("characters") else {"ngram_range": (1, 2)}
counts = None if texts is None else CountVectorizer(**words).fit_transform(texts)


def of_texts(rows):
    some, others = counts[train[rows]], counts[test]
    known = some.getnnz(axis=0) > 0  # the words and pairs that the kept rows have, as if these were all that there is
    some, others = some[:, known], others[:, known]
    tfidf = TfidfTransformer(sublinear_tf=True)
    yield "svm", LinearSVC(C=1.0), tfidf.fit_transform(some), tfidf.transform(others)
    yield "bayes", ComplementNB(), some, others
    if vectors is not None:
        yield "probe", LogisticRegression(C=10.0, max_iter=200), vectors[train[rows]], vectors[test]


def of_pixels(rows):
    x, others = vectors[train[rows]], vectors[test]
    yield "network", MLPClassifier((64,), max_iter=30, random_state=0), x, others
    yield "forest", RandomForestClassifier(100, random_state=0), x, others
    yield "svm", LinearSVC(C=0.1), x, others


def accuracies(rows):
    rows = np.array(rows)
    results = {}
    for name, learner, x, others in (of_pixels if texts is None else of_texts)(rows):
        labels = y[rows]
        if len(set(labels)) < 2:
            guess = np.full(len(test_y), labels[0])
        else:
            guess = learner.fit(x, labels).predict(others)
        results[name] = [float((guess == test_y).mean()), float(f1_score(test_y, guess, average="macro"))]
    return results


print(json.dumps(Parallel(n_jobs=2)(delayed(accuracies)(job) for job in spec["jobs"])))
