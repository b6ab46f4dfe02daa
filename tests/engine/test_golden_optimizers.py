"""Every optimizer walks the same path as that of Keras 1.2.2, step by step."""

import pytest

from horngate import optimizers
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.optimizers import classic
from tests.golden_data import ROOT, close, keras_122, read, series  # noqa: F401

CASES = sorted(path.stem for path in (ROOT / "optimizers").glob("[0-9]*.npz"))


def model_of_the_problem(problem):
    model = Sequential([Dense(4, activation="tanh", input_dim=6), Dense(2)])
    model.set_weights(series(problem, "init_weight_"))
    return model


@pytest.mark.parametrize("case", CASES)
def test_trajectory(case, keras_122):  # noqa: F811
    golden, meta = read(f"optimizers/{case}.npz")
    problem, _ = read("optimizers/problem.npz")
    model = model_of_the_problem(problem)
    optimizer = getattr(optimizers, meta["class"])(**meta["kwargs"])
    model.compile(loss="mse", optimizer=optimizer)
    for i, (x, y) in enumerate(zip(problem["x"], problem["y"])):
        close(model.train_on_batch(x, y), golden["loss"][i], 1e-4, what=f"loss of step {i}")
        for j, weight in enumerate(model.get_weights()):
            close(weight, golden[f"weight_{j}"][i], 1e-4, what=f"weight {j} after step {i}")
    state = optimizer.get_weights()
    assert len(state) == meta["n_optimizer_weights"]
    for k, array in enumerate(state):
        if k == 0 and meta["class"] == "SGD" and not meta["get_config"]["decay"]:
            assert array == 20  # Keras 1.2.2 counted SGD's steps only where they mattered, with decay; we always do
            continue
        close(array, golden[f"optimizer_weight_{k}"], 1e-4, what=f"optimizer weight {k}")
    assert optimizer.get_config() == pytest.approx(meta["get_config"])


def test_every_optimizer_has_a_trajectory():
    seen = {read(f"optimizers/{case}.npz")[1]["class"] for case in CASES}
    assert {
        name for name, item in vars(classic).items() if isinstance(item, type) and item.__module__ == classic.__name__
    } == seen
