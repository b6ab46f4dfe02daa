"""Images altered per second, beside the per-image way of SciPy that Keras 1 used; prints the ratios.

python benchmarks/images.py
"""

import time

import numpy as np
from scipy import ndimage

from horngate.preprocessing.image import ImageDataGenerator
from horngate.preprocessing.image.warp import centered, matrix_of

OPTIONS = {
    "rotation_range": 20,
    "width_shift_range": 0.1,
    "height_shift_range": 0.1,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}
SHAPES = {(32, 32, 3): 512, (224, 224, 3): 32}


def by_scipy(images):
    """One image, one channel after the other."""
    rng, out = np.random, []
    rows, columns = images.shape[1:3]
    for x in images:
        motion = {
            "rotation": np.deg2rad(rng.uniform(-20, 20)),
            "shift": (rng.uniform(-0.1, 0.1) * rows, rng.uniform(-0.1, 0.1) * columns),
            "zoom": rng.uniform(0.8, 1.2, 2),
        }
        matrix = centered(matrix_of(**motion)[0], rows, columns)
        planes = [
            ndimage.affine_transform(x[..., c], matrix[:2, :2], matrix[:2, 2], order=0, mode="nearest")
            for c in range(x.shape[2])
        ]
        x = np.stack(planes, axis=-1)
        out.append(x[:, ::-1] if rng.random_sample() < 0.5 else x)
    return np.stack(out)


def seconds(work, images):
    """The shortest of several runs."""
    taken = []
    for _ in range(7):
        began = time.perf_counter()
        work(images)
        taken.append(time.perf_counter() - began)
    return min(taken)


def main():
    print(f"{'images':>15} {'SciPy':>12} {'horngate':>12} {'ratio':>7}   (images per second)")
    for shape, count in SHAPES.items():
        images = np.random.rand(count, *shape).astype("float32")
        for ordering in ("tf", "th"):
            generator = ImageDataGenerator(dim_ordering=ordering, **OPTIONS)
            given = images if ordering == "tf" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
            slow = count / seconds(by_scipy, images)
            fast = count / seconds(lambda x, g=generator: g.transform_batch(x, np.random), given)
            name = "x".join(map(str, shape))
            print(f"{name + ' ' + ordering:>15} {slow:12.0f} {fast:12.0f} {fast / slow:7.1f}")


if __name__ == "__main__":
    main()
