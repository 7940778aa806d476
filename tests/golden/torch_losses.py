"""Losses and their gradients from PyTorch, in double."""

import numpy as np
import torch
import torch.nn.functional as F

import golden

r = np.random.RandomState(5)
Z = r.normal(0, 3, (4, 5))
LABELS = r.randint(0, 5, 4)
T = r.uniform(0, 1, (4, 5))
entries = {
    "loss_logits": ("double", Z.ravel()),
    "loss_labels": ("int", LABELS),
    "loss_targets": ("double", T.ravel()),
}


def record(name, loss_of):
    z = torch.tensor(Z, dtype=torch.float64, requires_grad=True)
    loss = loss_of(z)
    loss.backward()
    entries[f"{name}_loss"] = ("double", [loss.item()])
    entries[f"{name}_gradient"] = ("double", z.grad.numpy().ravel())


labels, t = torch.tensor(LABELS), torch.tensor(T)
record("mean_squared_error", lambda z: F.mse_loss(z, t))
record("softmax_cross_entropy", lambda z: F.cross_entropy(z, labels))
# PyTorch takes the mean over all elements, gradus over the samples: times 5 classes.
record("sigmoid_cross_entropy", lambda z: 5 * F.binary_cross_entropy_with_logits(z, t))
entries["softmax_probabilities"] = ("double", F.softmax(torch.tensor(Z), dim=1).numpy().ravel())

golden.write(__file__, "Losses of PyTorch in double: z (4,5), integer labels, targets (4,5).", entries)
