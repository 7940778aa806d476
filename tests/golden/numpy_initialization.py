"""Starts of a layer, and what ten layers of 100 units make of normal inputs, from NumPy."""

import numpy as np

import golden

LAYERS, UNITS = 10, 100
deviations = {
    "normal": lambda n_in, n_out: 1,
    "small": lambda n_in, n_out: 0.01,
    "xavier": lambda n_in, n_out: np.sqrt(1 / n_in),
    "glorot": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),
    "he": lambda n_in, n_out: np.sqrt(2 / n_in),
}
functions = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


def draw(start, n_in, n_out):
    if start == "uniform":
        return np.random.uniform(-1, 1, (n_in, n_out))
    return np.random.normal(0, deviations[start](n_in, n_out), (n_in, n_out))


def stack(start, activation, rows, seed):
    """The activations of all layers; x is drawn first, then the layers' weights in their order."""
    np.random.seed(seed)
    a, layers = np.random.normal(0, 1, (rows, UNITS)), []
    for _ in range(LAYERS):
        a = functions[activation](a @ draw(start, UNITS, UNITS))
        layers.append(a)
    return layers


entries = {}
for start in ("uniform", *deviations):
    np.random.seed(6)
    entries[f"init_{start}"] = ("double", draw(start, 3, 2).ravel())

# 200 inputs for the tests, 1000 for the demonstration.
for activation, starts in (
    ("sigmoid", ("uniform", "normal", "small", "xavier")),
    ("tanh", ("xavier",)),
    ("relu", ("normal", "small", "xavier", "he")),
):
    for start in starts:
        layers = stack(start, activation, 200, 1)
        name = f"{activation}_{start}"
        entries[f"{name}_means"] = ("double", [a.mean() for a in layers])
        entries[f"{name}_deviations"] = ("double", [a.std() for a in layers])
        full = stack(start, activation, 1000, 0)
        entries[f"{name}_1000_deviations"] = ("double", [a.std() for a in full])

# Histograms of the layers 1 and 10, and of values that lie on edges, at both ends and outside.
for start in ("normal", "xavier"):
    layers = stack(start, "sigmoid", 200, 1)
    for l in (1, 10):
        counts, _ = np.histogram(layers[l - 1], bins=25, range=(0, 1))
        entries[f"sigmoid_{start}_counts_{l}"] = ("int", counts)
counts, _ = np.histogram(stack("xavier", "tanh", 200, 1)[9], bins=30, range=(-0.7, 0.7))
entries["tanh_xavier_counts_10"] = ("int", counts)

np.random.seed(8)
counts, _ = np.histogram(np.random.normal(0, 1, (40, 25)), bins=17, range=(-2, 2.5))
entries["normal_counts"] = ("int", counts)
np.random.seed(7)
low, high, bins = -0.3, 1.1, 14
values = np.concatenate(
    [
        np.linspace(low, high, bins + 1),
        np.nextafter(np.linspace(low, high, bins + 1), -1e9),
        np.arange(-4, 12) / 10,
        np.random.normal(0.4, 0.5, 53),
    ]
)
entries["edge_values"] = ("double", values)
entries["edge_range"] = ("double", [low, high])
entries["edge_counts"] = ("int", np.histogram(values, bins=bins, range=(low, high))[0])

about = "Starts of (3,2) from seed 6; stacks of 10 layers of 100 from seed 1 (200 inputs) and 0 (1000)."
golden.write(__file__, about, entries)
