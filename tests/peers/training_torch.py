"""One training step of the lecture's three MNIST models in PyTorch (eager, on the processor).

Reads lines "MODEL SECONDS" and answers each with the median seconds a step takes. training_bench runs it
beside ours and sets the threads by OMP_NUM_THREADS.
"""

import gzip
import os
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# units, optimizer and its learning rate, batch, dropout, L2 penalty; all with batch normalization
MODELS = {
    "model-1": ([784, 100, 100, 100, 100, 10], torch.optim.SGD, 1e-2, 256, 0.2, 0.1),
    "model-2": ([784, 100, 100, 100, 100, 10], torch.optim.Adam, 1e-3, 100, 0.5, 0.15),
    "model-3": ([784, 256, 100, 100, 10], torch.optim.Adam, 1e-2, 100, 0.0, 0.0),
}


def mnist(count):
    folder = os.path.join(ROOT, "data", "mnist")
    with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as file:
        pixels = np.frombuffer(file.read(16 + 784 * count)[16:], np.uint8).reshape(count, 784)
    with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
        labels = np.frombuffer(file.read(8 + count)[8:], np.uint8)
    return torch.from_numpy(pixels / np.float32(255)), torch.from_numpy(labels.astype(np.int64))


class Training:
    def __init__(self, units, optimizer, rate, batch, dropout, penalty):
        layers = []
        for before, after in zip(units[:-2], units[1:-1]):
            layers += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU()]
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
        self.net = nn.Sequential(*layers, nn.Linear(units[-2], units[-1]))
        # The penalty λ/2 Σ w² is a weight decay of λ for both of these optimizers; biases, γ and β go free.
        weights = [p for p in self.net.parameters() if p.dim() == 2]
        others = [p for p in self.net.parameters() if p.dim() < 2]
        groups = [{"params": weights, "weight_decay": penalty}, {"params": others}]
        self.optimizer = optimizer(groups, lr=rate, foreach=True)  # all matrices at once: a little faster
        self.loss = nn.CrossEntropyLoss()
        self.batch = batch

    def step(self, x, labels, indices):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.net(x[indices]), labels[indices]).backward()
        self.optimizer.step()


def main():
    torch.manual_seed(0)
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    torch.set_num_threads(threads)
    now = time.process_time if threads == 1 else time.perf_counter  # as training_bench does
    x, labels = mnist(5000)
    trainings = {name: Training(*settings) for name, settings in MODELS.items()}
    for line in iter(sys.stdin.readline, ""):
        name, seconds = line.split()
        training = trainings[name]
        end = now() + float(seconds)
        times = []
        order = torch.randperm(len(x))
        at = 0
        while now() < end or len(times) < 5:
            if at + training.batch > len(x):
                at = 0
            start = now()
            training.step(x, labels, order[at : at + training.batch])
            times.append(now() - start)
            at += training.batch
        print(f"{statistics.median(times):.9f}", flush=True)


main()
