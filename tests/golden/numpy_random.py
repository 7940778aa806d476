"""What NumPy's legacy generator gives, for several seeds."""

import numpy as np

import golden

entries = {}
for seed in (0, 1, 42, 4294967295):
    def fresh():
        return np.random.RandomState(seed)

    entries[f"uniform_{seed}"] = ("double", fresh().uniform(-0.1, 0.1, 7))
    entries[f"normal_{seed}"] = ("double", fresh().normal(10, 5, 7))
    entries[f"randint_{seed}"] = ("std::int64_t", fresh().randint(-3, 1000, 12))
    entries[f"permutation_{seed}"] = ("int", fresh().permutation(13))
    entries[f"choice_{seed}"] = ("int", fresh().choice(50, 8, replace=False))
    shuffled = np.arange(100, 111)
    fresh().shuffle(shuffled)
    entries[f"shuffle_{seed}"] = ("int", shuffled)

    # All from one stream, one after the other: the spare Gaussian survives the other draws.
    r = fresh()
    mixed = [r.normal(), r.uniform(), r.randint(10), r.normal(), r.normal(),
             *r.permutation(4), r.normal(2, 3), r.randint(2**40), r.uniform(5, 6)]
    entries[f"mixed_{seed}"] = ("double", [float(v) for v in mixed])

edge = np.random.RandomState(7)
entries["randint_power"] = ("std::int64_t", edge.randint(0, 2**32, 4))
entries["randint_wide"] = ("std::int64_t", edge.randint(-(2**62), 2**62, 4))
entries["randint_full"] = ("std::int64_t", edge.randint(-(2**63), 2**63 - 1, 4))
entries["randint_single"] = ("std::int64_t", edge.randint(5, 6, 3))
entries["after_single"] = ("double", [edge.uniform()])

# The 1000 numbers of the lecture: first 12.48357077, last 12.86291391.
entries["lecture"] = ("double", np.random.RandomState(42).normal(10, 5, 1000))

golden.write(__file__, "NumPy's legacy generator.", entries)
