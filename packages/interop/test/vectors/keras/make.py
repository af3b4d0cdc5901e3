"""Writes the vectors beside it: models that Keras itself saved, gzipped, and what they answer.

    pip install keras==3.15.1 h5py==3.16.0 jax==0.10.2 && python make.py
"""

import gzip
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(1)


def cnn():
    x = image = L.Input((8, 6, 3), name="image")
    x = L.Conv2D(4, 3, strides=2, padding="same", name="conv1", use_bias=False)(x)
    x = L.BatchNormalization(name="bn1")(x)
    x = L.ReLU(name="relu1")(x)
    y = L.DepthwiseConv2D(3, padding="same", name="dw")(x)
    y = L.Activation("relu6", name="act")(y)
    x = L.Add(name="add")([x, y])
    z = L.Conv2D(2, 1, activation="hard_sigmoid", name="conv2")(x)
    x = L.Concatenate(name="concat")([x, z])
    x = L.MaxPooling2D(2, name="pool")(x)
    x = L.Flatten(name="flatten")(x)
    x = L.Dense(5, name="fc")(x)
    x = L.Softmax(name="prob")(x)
    return keras.Model(image, x, name="cnn")


def nested():
    inner = keras.Sequential(
        [L.Input((4, 4, 2)), L.SeparableConv2D(3, 3, padding="same", activation="relu", name="separable")], name="inner"
    )
    image = L.Input((4, 4, 2), name="image")
    x = inner(image)
    x = L.BatchNormalization(scale=False, name="bn")(x)
    x = L.GlobalAveragePooling2D(name="gap")(x)
    x = L.Dense(2, name="fc", activation="sigmoid", dtype="float16")(x)
    return keras.Model(image, x, name="nested")


def randomize(model):
    random = np.random.default_rng(3)
    values = []
    for variable in model.weights:
        shape = tuple(variable.shape)
        values.append(random.uniform(0.5, 1.5, shape) if "variance" in variable.path else random.normal(size=shape) * 0.3)
    model.set_weights([value.astype("float32") for value in values])


answers = {"keras": keras.__version__}
for make in (cnn, nested):
    model = make()
    randomize(model)
    model.save(f"{model.name}.h5")
    model.save(f"{model.name}.keras")
    if model.name == "cnn":
        model.save_weights("cnn.weights.h5")
    shape = tuple(model.inputs[0].shape[1:])
    # In the order of [H, W, C].
    image = ((np.arange(np.prod(shape)) * 37 % 101) / 101 - 0.5).astype("float32").reshape((1, *shape))
    answers[model.name] = {"output": model.predict(image, verbose=0)[0].tolist()}
for name in ("cnn.h5", "cnn.keras", "cnn.weights.h5", "nested.h5", "nested.keras"):
    with open(name, "rb") as file, open(f"{name}.gz", "wb") as packed:
        packed.write(gzip.compress(file.read(), mtime=0))
    os.remove(name)
with open("answers.json", "w") as file:
    json.dump(answers, file, indent=2)
    file.write("\n")
