"""What Python's model2vec 0.10.0 gives with models/static-multilingual for texts.json. Usage: static.py, here."""
import json

import numpy as np
from model2vec import StaticModel

texts = json.load(open("texts.json", encoding="utf-8"))
model = StaticModel.from_pretrained("../static-multilingual")
np.save("static-vectors-fp16.npy", model.encode(texts).astype(np.float16))
