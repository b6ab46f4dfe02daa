"""The floor: how fast a machine multiplies matrices and copies bytes, and how much of both a workload needs.

    python -m benchmarks.floor [--dtype D]    measures the machine and prints a line of JSON

A training step multiplies for the outputs, for the gradient of each kernel and, except in the first layer, for that of
each input. It reads and writes each weight and both of Adam's moments (7 words a weight), and writes what each layer
gives and reads it once more (2 words a value). No step can be faster than the slower of the two.
"""

import argparse
import importlib.util
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from math import prod

from benchmarks.workloads import GATES, shape_after, walk, weight_shapes

SIDE, TURNS = 2048, 7
COPIES = 1 << 20, 1 << 24, 1 << 28  # bytes: in the second, in the third level of cache, in memory
WORDS_A_WEIGHT, WORDS_A_VALUE, WORD = 7, 2, 4


def multiplications(row, shape):
    """Operations (twice the multiplications) for the outputs of one sample."""
    kernels = [kernel for kernel in weight_shapes(row, shape) if len(kernel) > 1]
    if row[0] == "embedding":
        return 0
    times = 1
    if row[0] == "conv":
        times = prod(shape_after(row, shape)[:-1])
    elif row[0] in (*GATES, "bidirectional"):
        times = shape[0]
    return 2 * times * sum(map(prod, kernels))


def values(row, shape):
    """Numbers that a row gives for one sample and that its gradient needs; what follows a product is free."""
    if row[0] in (*GATES, "bidirectional"):
        return shape[0] * sum(bias[0] for bias in weight_shapes(row, shape) if len(bias) == 1)
    return prod(shape_after(row, shape)) if row[0] in ("dense", "conv", "pool", "embedding") else 0


def needs(workload, training=True):
    """Operations and bytes of one batch, and the bytes of what is held meanwhile."""
    rows = list(walk(workload.network, workload.shape))
    products = [multiplications(row, shape) for row, shape in rows]
    weights = sum(prod(shape) for row in rows for shape in weight_shapes(*row))
    activations = workload.batch * sum(values(*row) for row in rows)
    first = 0 if workload.words else next((p for p in products if p), 0)
    operations = workload.batch * (3 * sum(products) - first if training else sum(products))
    words = WORDS_A_WEIGHT * weights + WORDS_A_VALUE * activations if training else weights + activations
    return {"operations": operations, "bytes": WORD * words, "held": WORD * (4 * weights + activations)}


def floor_seconds(workload, machine, training=True):
    """The seconds below which no batch can take on a measured machine: by arithmetic, and by bytes moved."""
    need = needs(workload, training)
    sizes = sorted(map(int, machine["copies"]))
    size = next((size for size in sizes if size >= need["held"]), sizes[-1])
    by_arithmetic = need["operations"] / max(machine["products"].values())
    return {"arithmetic": by_arithmetic, "bytes": need["bytes"] / machine["copies"][str(size)]}


def shortest(call):
    """The shortest of several runs, in seconds."""
    taken = []
    for _ in range(TURNS):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)


def product_rates(dtype):
    """Operations a second of a large product, in each library that is there."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    square = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    on_device = jnp.asarray(square, dtype)
    multiply = jax.jit(jnp.matmul)
    calls = {"JAX": lambda: multiply(on_device, on_device).block_until_ready()}
    if dtype == "float32":
        calls["NumPy"] = lambda: square @ square
    if importlib.util.find_spec("torch"):
        calls["PyTorch"] = torch_product(square, dtype)
    return {name: 2 * SIDE**3 / shortest(call) for name, call in calls.items()}


def torch_product(square, dtype):
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    tensor = torch.from_numpy(square).to(device, getattr(torch, dtype))

    def multiply():
        product = tensor @ tensor
        return product[0, 0].item()  # waits for the device

    return multiply


def copy_rate(size):
    """Bytes read and written a second, by all cores, where `size` bytes are held."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    if jax.default_backend() != "cpu":
        array, negative = jnp.ones(size // 8, jnp.float32), jax.jit(jnp.negative)
        return size / shortest(lambda: negative(array).block_until_ready())
    shares = os.cpu_count()
    pairs = [(np.ones(size // 2 // shares, np.uint8), np.ones(size // 2 // shares, np.uint8)) for _ in range(shares)]
    rounds = max(1, (1 << 28) // size)

    def copy(pair):
        for _ in range(rounds):
            np.copyto(*pair)

    with ThreadPoolExecutor(shares) as pool:
        return rounds * size / shortest(lambda: list(pool.map(copy, pairs)))


def device_name():
    """The accelerator's name, or None where there is none."""
    import jax

    device = jax.devices()[0]
    return None if device.platform == "cpu" else device.device_kind


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", default="float32")
    dtype = parser.parse_args().dtype
    from horngate.backend import kernels

    copies = {str(size): copy_rate(size) for size in COPIES}
    print(
        json.dumps(
            {"products": product_rates(dtype), "copies": copies, "device": device_name(), "kernels": kernels.status()}
        )
    )


if __name__ == "__main__":
    main()
