"""Four experiments of the lecture in NumPy, as a notebook would write them: layers with forward and backward,
parameters in lists, float64.

Prints for each the processor seconds and the losses of its networks at their last step. experiments.sh runs it
beside experiments.cpp, which starts from the same numbers.
"""

import gzip
import os
import time

import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def mnist(count):
    folder = os.path.join(ROOT, "data", "mnist")
    with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as file:
        pixels = np.frombuffer(file.read(16 + 784 * count)[16:], np.uint8)
    with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
        labels = np.frombuffer(file.read(8 + count)[8:], np.uint8)
    return pixels.reshape(count, 784) / 255, labels.astype(int)


class Dense:
    def __init__(self, w):
        self.parameters = [w, np.zeros(w.shape[1])]

    def forward(self, x):
        self.x = x
        return np.dot(x, self.parameters[0]) + self.parameters[1]

    def backward(self, dy):
        self.gradients = [np.dot(self.x.T, dy), np.sum(dy, axis=0)]
        return np.dot(dy, self.parameters[0].T)


class BatchNorm:
    def __init__(self, features):
        self.parameters = [np.ones(features), np.zeros(features)]
        self.mean, self.variance = np.zeros(features), np.ones(features)

    def forward(self, x):
        mean, variance = x.mean(axis=0), x.var(axis=0)
        self.mean = 0.9 * self.mean + 0.1 * mean
        self.variance = 0.9 * self.variance + 0.1 * variance * len(x) / (len(x) - 1)
        self.inverse = 1 / np.sqrt(variance + 1e-5)
        self.x_hat = (x - mean) * self.inverse
        return self.parameters[0] * self.x_hat + self.parameters[1]

    def backward(self, dy):
        self.gradients = [np.sum(dy * self.x_hat, axis=0), np.sum(dy, axis=0)]
        dx_hat = dy * self.parameters[0]
        return self.inverse * (dx_hat - dx_hat.mean(axis=0) - self.x_hat * (dx_hat * self.x_hat).mean(axis=0))


class Relu:
    parameters, gradients = [], []

    def forward(self, x):
        self.dead = x <= 0
        y = x.copy()
        y[self.dead] = 0
        return y

    def backward(self, dy):
        dy[self.dead] = 0
        return dy


class Dropout:
    parameters, gradients = [], []

    def __init__(self, rate):
        self.rate = rate

    def forward(self, x):
        self.mask = (np.random.random_sample(x.shape) >= self.rate) / (1 - self.rate)
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


def softmax_cross_entropy(z, labels):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    loss = -np.mean(np.log(p[rows, labels] + 1e-300))
    p[rows, labels] -= 1
    return loss, p / len(z)


def sgd(w, dw, state, rate):
    w -= rate * dw


def momentum(w, dw, state, rate):
    state["v"] = 0.9 * state.get("v", 0) + dw
    w -= rate * state["v"]


def adagrad(w, dw, state, rate):
    state["h"] = state.get("h", 0) + dw * dw
    w -= rate * dw / (np.sqrt(state["h"]) + 1e-10)


def adam(w, dw, state, rate):
    state["t"] = t = state.get("t", 0) + 1
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * dw
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * dw * dw
    w -= rate * (state["m"] / (1 - 0.9**t)) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


def train(hidden, deviation, step, rate, steps, batch, batch_norm=False, dropout=0.0):
    np.random.seed(0)
    units = [784] + hidden * [100] + [10]
    layers = []
    for before, after in zip(units[:-1], units[1:]):
        layers.append(Dense(np.random.normal(0, deviation(before), (before, after))))
        if after == 10:
            break
        if batch_norm:
            layers.append(BatchNorm(after))
        layers.append(Relu())
        if dropout > 0:
            layers.append(Dropout(dropout))
    states = [[{} for _ in layer.parameters] for layer in layers]
    for i in range(steps):
        start = i * batch % (len(images) - batch + 1)
        x, labels = images[start : start + batch], digits[start : start + batch]
        for layer in layers:
            x = layer.forward(x)
        loss, dy = softmax_cross_entropy(x, labels)
        for layer in reversed(layers):
            dy = layer.backward(dy)
        for layer, memory in zip(layers, states):
            for w, dw, state in zip(layer.parameters, layer.gradients, memory):
                step(w, dw, state, rate)
    return loss


def he(before):
    return np.sqrt(2 / before)


def optimizers():
    return [train(4, he, step, rate, 100, 128) for step, rate in
            ((sgd, 0.01), (momentum, 0.01), (adagrad, 0.01), (adam, 0.001))]


def initialization():
    return [train(4, deviation, sgd, 0.01, 100, 128) for deviation in
            (lambda before: 0.01, lambda before: np.sqrt(1 / before), he)]


def scales():
    return [train(5, lambda before: scale, sgd, 0.01, 20, 100, batch_norm=True)
            for scale in np.logspace(0, -4, 16)]


def overfitting():
    return [train(6, he, sgd, 0.01, 100, 100, dropout=rate) for rate in (0, 0.2)]


images, digits = mnist(1000)
for experiment in (optimizers, initialization, scales, overfitting):
    start = time.process_time()
    losses = experiment()
    print(experiment.__name__, f"{time.process_time() - start:.6f}", *(f"{loss:.4f}" for loss in losses))
