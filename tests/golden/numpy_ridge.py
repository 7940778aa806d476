"""Ridge regression by the normal equations, and turned images, in NumPy."""

import numpy as np

import golden

X = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5.0])
T = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
ALPHAS = (0, 0.4, 0.8, 1.2, 1.6, 2.0)


def ridge(x, t, alpha):
    """[x 1] with a penalty on all but the last weight: w and then b, without centring anything."""
    x1 = np.column_stack([x, np.ones(len(x))])
    penalty = np.diag([alpha] * x.shape[1] + [0.0])
    return np.linalg.solve(x1.T @ x1 + penalty, x1.T @ t)


def turn(image, degrees):
    """Counterclockwise about the middle, bilinear, 0 outside; on a frame of zeros, by indexing."""
    side = len(image)
    middle, angle = (side - 1) / 2, np.deg2rad(degrees)
    framed = np.pad(image, side)
    rows, cols = np.mgrid[:side, :side] - middle
    # In the plane (right, up) the pixel came from the place turned back, clockwise, by the angle.
    right, up = cols, -rows
    back_right = right * np.cos(angle) + up * np.sin(angle)
    back_up = -right * np.sin(angle) + up * np.cos(angle)
    y, x = middle - back_up + side, middle + back_right + side
    r, c = np.floor(y).astype(int), np.floor(x).astype(int)
    total = np.zeros_like(image)
    for dr in (0, 1):
        for dc in (0, 1):
            total += framed[r + dr, c + dc] * (1 - abs(y - r - dr)) * (1 - abs(x - c - dc))
    return total


entries = {
    "anscombe_x": ("double", X),
    "anscombe_t": ("double", T),
    "anscombe_alphas": ("double", ALPHAS),
    "anscombe_models": ("double", np.concatenate([ridge(X[:, None], T, a) for a in ALPHAS])),
}

r = np.random.RandomState(91)
x = r.normal([0, 3, -1], [1, 0.2, 5], (9, 3))
t = x @ [1, -2, 0.5] + 4 + r.normal(0, 1, 9)
RIDGE_ALPHAS = (0, 0.1, 3.0, 100.0)
entries["ridge_x"] = ("double", x.ravel())
entries["ridge_t"] = ("double", t)
entries["ridge_alphas"] = ("double", RIDGE_ALPHAS)
entries["ridge_models"] = ("double", np.concatenate([ridge(x, t, a) for a in RIDGE_ALPHAS]))
entries["ridge_few_models"] = ("double", ridge(x[:2], t[:2], 0.5))  # fewer samples than inputs

DEGREES = (10.0, -10.0, 45.0, 73.0, 200.0)
for side in (4, 5):
    images = r.uniform(0, 1, (2, side, side))
    entries[f"turn_images_{side}"] = ("double", images.ravel())
    turned = [turn(image, d).ravel() for d in DEGREES for image in images]
    entries[f"turned_{side}"] = ("double", np.concatenate(turned))
entries["turn_degrees"] = ("double", DEGREES)

golden.write(__file__, "Ridge regression: w and b; images turned.", entries)
