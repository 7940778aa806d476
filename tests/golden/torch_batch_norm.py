"""Batch normalization of PyTorch in double: four batches of different sizes, then inference."""

import numpy as np
import torch
import torch.nn.functional as F

import golden

r = np.random.RandomState(8)
# Each feature has a place and a size of its own.
CENTRE, SIZE = np.array([0, 40, -1, 0.5]), np.array([1, 20, 0.1, 3])
BATCHES = (5, 3, 2, 7)
D = 4
gamma, beta = r.uniform(0.5, 2, D) * [1, -1, 1, -1], r.normal(0, 1, D)
xs = [r.normal(CENTRE, SIZE, (N, D)) for N in BATCHES]
dys = [r.normal(0, 1, (N, D)) for N in BATCHES]
unseen = r.normal(CENTRE, SIZE, (6, D))
entries = {
    "batch_norm_sizes": ("int", BATCHES),
    "batch_norm_gamma": ("double", gamma),
    "batch_norm_beta": ("double", beta),
    "batch_norm_x": ("double", np.concatenate(xs).ravel()),
    "batch_norm_dy": ("double", np.concatenate(dys).ravel()),
    "batch_norm_unseen": ("double", unseen.ravel()),
}


def run(name, momentum, epsilon):
    """All batches, one after the other; each list holds the batches in their order."""
    mean, variance = torch.zeros(D, dtype=torch.float64), torch.ones(D, dtype=torch.float64)
    kept = {key: [] for key in ("y", "x_hat", "inverse", "dx", "dgamma", "dbeta", "mean", "variance")}
    for x, dy in zip(xs, dys):
        t = [torch.tensor(v, requires_grad=True) for v in (x, gamma, beta)]
        y = F.batch_norm(t[0], mean, variance, t[1], t[2], True, momentum, epsilon)
        y.backward(torch.tensor(dy))
        plain = F.batch_norm(torch.tensor(x), None, None, None, None, True, momentum, epsilon)
        kept["y"].append(y.detach().numpy())
        kept["x_hat"].append(plain.numpy())
        kept["inverse"].append(1 / np.sqrt(x.var(axis=0) + epsilon))
        for key, v in zip(("dx", "dgamma", "dbeta"), t):
            kept[key].append(v.grad.numpy())
        kept["mean"].append(mean.numpy().copy())
        kept["variance"].append(variance.numpy().copy())
    for key, values in kept.items():
        entries[f"batch_norm_{name}_{key}"] = ("double", np.concatenate(values, axis=None))
    inferred = F.batch_norm(torch.tensor(unseen), mean, variance, torch.tensor(gamma),
                            torch.tensor(beta), False, momentum, epsilon)
    entries[f"batch_norm_{name}_inference"] = ("double", inferred.numpy().ravel())


run("usual", 0.1, 1e-5)
run("other", 0.3, 0.01)

golden.write(__file__, "Batch normalization of PyTorch in double: batches (5,4), (3,4), (2,4), (7,4).",
             entries)
