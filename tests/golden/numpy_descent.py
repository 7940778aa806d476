"""Batch, mini-batch and stochastic gradient descent in NumPy: w, b and the losses along the way."""

import numpy as np

import golden

KEPT = (1, 2, 10, 100)  # the steps after which w and b are written down


def descend(x, t, rate, draw):
    """Each step takes the samples that draw() names. Returns w and b after the KEPT steps, and the
    loss that each of the 100 steps saw."""
    w, b = np.zeros(x.shape[1]), 0.0
    models, losses = [], []
    for i in range(1, 101):
        samples = draw()
        error = x[samples] @ w + b - t[samples]
        losses.append(np.mean(error**2) / 2)
        w = w - rate * (x[samples].T @ error) / len(samples)
        b = b - rate * error.sum() / len(samples)
        if i in KEPT:
            models += [*w, b]
    return models, losses


def problem(n, d):
    r = np.random.RandomState(300 + d)
    x = r.uniform(-1, 2, (n, d))
    return x, x @ r.normal(0, 2, d) + 1 + r.normal(0, 0.5, n)


entries = {}
for n, d, size, rate in ((12, 1, 5, 0.2), (20, 3, 8, 0.1)):
    x, t = problem(n, d)
    entries[f"descent_x_{d}"] = ("double", x.ravel())
    entries[f"descent_t_{d}"] = ("double", t)
    for seed in (0, 7):
        draws = {
            "batch": lambda: np.arange(n),
            "mini": lambda: np.random.choice(n, size, replace=False),
            "stochastic": lambda: np.array([np.random.randint(n)]),
        }
        for name, draw in draws.items():
            if name == "batch" and seed > 0:
                continue
            np.random.seed(seed)
            models, losses = descend(x, t, rate, draw)
            entries[f"descent_{name}_{d}_{seed}"] = ("double", models)
            entries[f"descent_{name}_loss_{d}_{seed}"] = ("double", losses)

r = np.random.RandomState(33)
columns = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1.0]])
inputs = {
    "one_column": r.uniform(0, 2, (7, 1)),
    "five_columns": r.normal(1, 3, (9, 5)),
    "nearly_equal": columns * [1, 1.0001],
    "equal": columns,
    "first_dominates": columns * [1.1, 1],
    "minus_one": -np.ones((4, 1)),
    "minus_one_of_three": np.column_stack([r.normal(0, 0.1, 6), -np.ones(6), r.normal(0, 0.1, 6)]),
    "more_columns_than_samples": r.normal(0, 1, (2, 4)),
    "small": r.normal(0, 1e-3, (5, 2)),
    "large": r.normal(0, 300, (5, 2)),
}
for name, x in inputs.items():
    x1 = np.column_stack([x, np.ones(len(x))])
    entries[f"curvature_x_{name}"] = ("double", x.ravel())
    entries[f"curvature_{name}"] = ("double", [np.linalg.eigvalsh(x1.T @ x1 / len(x))[-1]])

for seed in (0, 7):
    entries[f"epoch_order_{seed}"] = ("int", np.random.RandomState(seed).permutation(11))

golden.write(__file__, "Linear regression: w and b after steps 1, 2, 10, 100; each step's loss.", entries)
