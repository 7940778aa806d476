"""Losses and gradients where doubles cancel, computed with 400 digits and rounded once."""

from decimal import Decimal, getcontext

import golden

getcontext().prec = 400

# (logits of a row, label). Differences are exact in double, so that nothing is lost before e^x.
ROWS = [
    ([40, 0, 0], 0),  # p rounds to 1
    ([15, 0, -3.5], 0),
    ([1040, 1000, 1001.25], 0),  # far from 0: ln Σ e^z - z would cancel
    ([-960, -1000, -1100], 0),
    ([1000, 1000, 960], 0),  # ln Σ e^z is not 1000: rounded, it spoils every share
    ([-2000, -2000.5, -2031], 1),
    ([0, 700, 30], 1),  # dz of 1e-304
    ([0, 40, 2.5], 2),  # not the largest
    ([0, -20.5, 1], 2),
    ([0.125, 0.125, 0.125], 1),
]

# (z, t). The targets are exact in double as well.
POINTS = [
    (40, 1),
    (-40, 0),
    (10, 1),
    (-10, 0),
    (700, 1),
    (0.5, 1),
    (-700, 0),
    (36.5, 1),
    (40, 0),
    (-40, 1),
    (25, 0.75),
    (-25, 0.75),
    (3, 0.25),
    (50, 1 - 2.0**-53),  # 1 - t is larger than 1 - o
]


def softmax_row(z, label):
    e = [(Decimal(v) - max(map(Decimal, z))).exp() for v in z]
    total, others = sum(e), sum(v for k, v in enumerate(e) if k != label)
    p = [v / total for v in e]
    return p, (total / e[label]).ln(), [-others / total if k == label else p[k] for k in range(len(z))]


def sigmoid(z):
    return 1 / (1 + (-Decimal(z)).exp())


entries = {name: ("double", []) for name in ["exact_logits", "exact_softmax", "exact_softmax_loss", "exact_softmax_dz"]}
for z, label in ROWS:
    p, loss, dz = softmax_row(z, label)
    entries["exact_logits"][1].extend(map(float, z))
    entries["exact_softmax"][1].extend(map(float, p))
    entries["exact_softmax_loss"][1].append(float(loss))
    entries["exact_softmax_dz"][1].extend(map(float, dz))
entries["exact_labels"] = ("int", [label for _, label in ROWS])

entries["exact_z"] = ("double", [float(z) for z, _ in POINTS])
entries["exact_t"] = ("double", [float(t) for _, t in POINTS])
losses, slopes = [], []
for z, t in POINTS:
    t = Decimal(t)
    losses.append(float(-t * sigmoid(z).ln() - (1 - t) * sigmoid(-z).ln()))
    slopes.append(float(sigmoid(z) - t))
entries["exact_sigmoid_loss"] = ("double", losses)
entries["exact_sigmoid_dz"] = ("double", slopes)

golden.write(__file__, "Losses where doubles cancel: 400 digits, rounded once. Rows of 3 logits.", entries)
