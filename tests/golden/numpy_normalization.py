"""Min-max and standardization by NumPy: of the lecture's 1000 values, and of training and test data."""

import numpy as np

import golden

lecture = np.random.RandomState(42).normal(10, 5, 1000)
z = (lecture - lecture.mean()) / lecture.std()

r = np.random.RandomState(88)
train, test = (r.normal([3, -50, 0.2], [1, 30, 0.01], (N, 3)) for N in (8, 5))
low, high, mean, std = train.min(axis=0), train.max(axis=0), train.mean(axis=0), train.std(axis=0)

entries = {
    "lecture_mean": ("double", [lecture.mean()]),
    "lecture_deviation": ("double", [lecture.std()]),
    "lecture_standardized": ("double", z),
    "normalization_train": ("double", train.ravel()),
    "normalization_test": ("double", test.ravel()),
    "normalization_low": ("double", low),
    "normalization_high": ("double", high),
    "normalization_mean": ("double", mean),
    "normalization_deviation": ("double", std),
    "min_max_of_train": ("double", ((train - low) / (high - low)).ravel()),
    "min_max_of_test": ("double", (2 * (test - low) / (high - low) - 1).ravel()),  # to -1 … 1
    "standardized_train": ("double", ((train - mean) / std).ravel()),
    "standardized_test": ("double", ((test - mean) / std).ravel()),
}
golden.write(__file__, "Min-max and standardization by NumPy: train (8,3), test (5,3).", entries)
