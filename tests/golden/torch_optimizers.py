"""Paths of the optimizers: 100 steps of PyTorch in double, and 30 steps on the ravine by NumPy."""

import numpy as np
import torch

import golden

r = np.random.RandomState(7)
# Each weight has a gradient of its own size, so each needs a memory of its own.
G = r.normal(0.3, 1, (100, 2, 3)) * np.array([[1, 0.1, 3], [0.01, 1, 0.3]])
W = r.normal(0, 1, (2, 3))
AT = (1, 2, 3, 10, 100)
entries = {
    "optimizer_gradients": ("double", G.ravel()),
    "optimizer_start": ("double", W.ravel()),
    "optimizer_steps": ("int", AT),
}

# name: the class, what every run has, and what the run "other" has besides
O = torch.optim
OPTIMIZERS = {
    "sgd": (O.SGD, {}, {}),
    "momentum": (O.SGD, {"momentum": 0.9}, {"momentum": 0.5}),
    "nesterov": (O.SGD, {"momentum": 0.9, "nesterov": True}, {"momentum": 0.5}),
    "adagrad": (O.Adagrad, {}, {"eps": 1e-3}),
    "rmsprop": (O.RMSprop, {}, {"alpha": 0.9, "eps": 1e-3}),
    "adam": (O.Adam, {}, {"betas": (0.8, 0.99), "eps": 1e-3}),
    "adamw": (O.AdamW, {}, {"betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
}


def path(cls, options, start, gradients, rate):
    w = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = cls([w], lr=rate(1), **options)
    kept = []
    for t, g in enumerate(gradients, 1):
        optimizer.param_groups[0]["lr"] = rate(t)
        w.grad = torch.tensor(g, dtype=torch.float64)
        optimizer.step()
        if t in AT:
            kept.append(w.detach().numpy().ravel().copy())
    return np.concatenate(kept)


for name, (cls, usual, other) in OPTIMIZERS.items():
    runs = {
        "ordinary": (usual, W, G, lambda t: 0.05),
        # From 0 the weights are nothing but the sum of the steps, however small those are.
        "tiny": (usual, 0 * W, 1e-12 * G, lambda t: 0.05),
        "other": ({**usual, **other}, W, G, lambda t: 0.05),
        "dropping": (usual, W, G, lambda t: 0.05 if t <= 2 else 0.005),
    }
    for run, arguments in runs.items():
        entries[f"{name}_{run}"] = ("double", path(cls, *arguments))


def ravine(step, rate):
    w, memory = np.array([-7.0, 2.0]), {}
    for t in range(1, 31):
        w = w - step(np.array([w[0] / 10, 2 * w[1]]), memory, rate, t)
    return w


def sgd(g, memory, rate, t):
    return rate * g


def momentum(g, memory, rate, t):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return rate * memory["v"]


def adagrad(g, memory, rate, t):
    memory["h"] = memory.get("h", 0) + g * g
    return rate * g / (np.sqrt(memory["h"]) + 1e-10)


def adam(g, memory, rate, t):
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g * g
    return rate * memory["m"] / (1 - 0.9**t) / (np.sqrt(memory["v"] / (1 - 0.999**t)) + 1e-8)


for step, rate in ((sgd, 0.95), (momentum, 0.1), (adagrad, 1.5), (adam, 0.3)):
    entries[f"{step.__name__}_ravine"] = ("double", ravine(step, rate))

golden.write(
    __file__,
    f"Optimizers of PyTorch {torch.__version__} in double: w (2,3) after steps 1, 2, 3, 10, 100;\n"
    "// and where 30 steps on the ravine x^2/20 + y^2 from (-7,2) end, by NumPy.",
    entries,
)
