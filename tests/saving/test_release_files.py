"""Files that each release of horngate wrote are read by this one, predict the same and go on training the same."""

import numpy as np
import pytest

from horngate.models import load_model, model_from_json, model_from_yaml
from tests.golden_data import ROOT, close, series

CASES = sorted((ROOT / "written").glob("*/*.npz"))
CASE = pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")


def data(case, kind):
    with np.load(case, allow_pickle=False) as archive:
        found = series(dict(archive), f"{kind}_")
    return found[0] if len(found) == 1 else found


def check_predictions(model, case):
    found, wanted = model.predict(data(case, "input")), data(case, "output")
    for got, want in zip(*((x if isinstance(x, list) else [x]) for x in (found, wanted)), strict=True):
        close(got, want)


@CASE
def test_model(case):
    model = load_model(case.with_suffix(".h5"))
    check_predictions(model, case)
    if case.stem != "pictures":  # which units dropout drops may change with JAX
        next_loss = np.load(case)["next_loss"]
        close(np.ravel(model.train_on_batch(data(case, "input"), data(case, "target"))), next_loss, 1e-4)


@CASE
@pytest.mark.parametrize("read, ending", [(model_from_json, ".json"), (model_from_yaml, ".yaml")])
@pytest.mark.parametrize("kind", [".h5", ".safetensors"])
def test_architecture_and_weights(case, read, ending, kind):
    model = read(case.with_suffix(ending).read_text())
    model.load_weights(case.with_name(f"{case.stem}-weights{kind}"))
    check_predictions(model, case)
