"""Models that the real Keras 1.2.2 saved load, predict the same and go on training the same."""

import numpy as np
import pytest

from horngate import backend as K
from horngate.models import load_model, model_from_json, model_from_yaml
from tests.golden_data import ROOT, close, keras_122, read, series  # noqa: F401

CASES = sorted(path.name for path in (ROOT / "models").iterdir())


def one_or_list(items):
    return items[0] if len(items) == 1 else items


def check_predictions(model, arrays):
    model.reset_states()
    inputs = one_or_list(series(arrays, "input_"))
    outputs = model.predict(inputs, batch_size=len(arrays["input_0"]))
    for got, want in zip(outputs if isinstance(outputs, list) else [outputs], series(arrays, "output_")):
        close(got, want)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("read_text, file", [(model_from_json, "config.json"), (model_from_yaml, "config.yaml")])
def test_architecture_and_weights(case, read_text, file, keras_122):  # noqa: F811
    arrays, meta = read(f"models/{case}/io.npz")
    K.set_image_dim_ordering(meta["image_dim_ordering"])  # padding layers of that time did not write theirs down
    model = read_text((ROOT / "models" / case / file).read_text())
    model.load_weights(ROOT / "models" / case / "weights.h5")
    assert model.count_params() == meta["count_params"]
    for got, want in zip(model.get_weights(), series(arrays, "weight_"), strict=True):
        np.testing.assert_array_equal(got, want)
    check_predictions(model, arrays)


@pytest.mark.parametrize("case", CASES)
def test_saved_model_goes_on_training(case, keras_122):  # noqa: F811
    arrays, meta = read(f"models/{case}/io.npz")
    K.set_image_dim_ordering(meta["image_dim_ordering"])  # padding layers of that time did not write theirs down
    model = load_model(ROOT / "models" / case / "model.h5")
    check_predictions(model, arrays)
    inputs, targets = one_or_list(series(arrays, "input_")), one_or_list(series(arrays, "target_"))
    assert model.metrics_names == meta["metrics_names"]
    model.reset_states()
    close(np.ravel(model.test_on_batch(inputs, targets)), np.ravel(meta["test_on_batch"]), 1e-4)
    if meta["random_layers"]:
        return
    model.reset_states()
    for losses in meta["resume_losses"]:
        close(np.ravel(model.train_on_batch(inputs, targets)), np.ravel(losses), 1e-4)
    for j, (got, want) in enumerate(zip(model.get_weights(), series(arrays, "resume_weight_"))):
        close(got, want, 1e-4, what=f"weight {j}")
