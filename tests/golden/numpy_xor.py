"""The XOR network of the notes in NumPy: weights and outputs after training, for several seeds."""

import numpy as np

import golden

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([[0], [1], [1], [0]])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train(seed, epochs, rate=0.2):
    """Returns all nine weights in the order w1 w2 b1 b2, the four outputs, the loss per epoch."""
    r = np.random.RandomState(seed)
    w1, w2 = r.uniform(-0.1, 0.1, (2, 2)), r.uniform(-0.1, 0.1, (2, 1))
    b1, b2 = r.uniform(-0.1, 0.1, 2), r.uniform(-0.1, 0.1, 1)
    losses = []
    for _ in range(epochs):
        loss = 0
        for x, t in zip(X, T):
            x = x.reshape(1, -1)
            h = sigmoid(x @ w1 + b1)
            y = sigmoid(h @ w2 + b2)
            loss += 0.5 * np.sum((y - t) ** 2)
            dz2 = (y - t) * y * (1 - y)
            dz1 = (dz2 @ w2.T) * h * (1 - h)
            w2 -= rate * h.T @ dz2
            w1 -= rate * x.T @ dz1
            b2 -= rate * dz2.sum(axis=0)
            b1 -= rate * dz1.sum(axis=0)
        losses.append(loss)
    y = sigmoid(sigmoid(X @ w1 + b1) @ w2 + b2)
    return np.concatenate([w1.ravel(), w2.ravel(), b1, b2]), y.ravel(), losses


entries = {}
for seed in (0, 1, 4):
    start, _, _ = train(seed, 0)
    weights, outputs, losses = train(seed, 10_000)
    entries[f"xor_start_{seed}"] = ("double", start)
    entries[f"xor_weights_{seed}"] = ("double", weights)
    entries[f"xor_outputs_{seed}"] = ("double", outputs)
    entries[f"xor_losses_{seed}"] = ("double", [losses[0], losses[1], losses[99], losses[9999]])

golden.write(__file__, "XOR, 2-2-1: the losses are those of epochs 1, 2, 100 and 10 000.", entries)
