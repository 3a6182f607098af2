"""scikit-learn's digits as JSON: 1,797 images of 8 x 8 pixels."""

import json

from sklearn.datasets import load_digits

digits = load_digits()
print(json.dumps({"data": digits.data.ravel().tolist(), "labels": digits.target.tolist()}))
