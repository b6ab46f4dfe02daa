"""`python -m horngate`: small jobs on files."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from horngate.__main__ import main
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential, model_from_json, model_from_yaml
from tests.golden_data import ROOT


@pytest.fixture
def model():
    return Sequential([Dense(3, input_dim=4, activation="tanh", name="hidden"), Dense(2, name="out")])


def test_without_a_command_there_is_help(capsys):
    assert main([]) == 2
    assert main(["--help"]) == 0
    assert "summary FILE" in capsys.readouterr().out


def test_summary_of_a_model_and_of_weights(model, tmp_path, capsys):
    model.save(tmp_path / "m.h5")
    model.save_weights(tmp_path / "w.h5")
    (tmp_path / "m.json").write_text(model.to_json())
    for name in ("m.h5", "m.json"):
        assert main(["summary", str(tmp_path / name)]) == 0
        assert "Total params: 23" in capsys.readouterr().out.replace("\xa0", " ")
    assert main(["summary", str(tmp_path / "w.h5")]) == 0
    assert "(4, 3)" in (said := capsys.readouterr().out) and said.rstrip().endswith("23")


@pytest.mark.parametrize("way", [("w.safetensors", "b.h5"), ("w.h5", "b.safetensors", "c.h5")])
def test_weights_become_another_kind_and_fit(model, tmp_path, way):
    x, want = np.ones((1, 4), "float32"), None
    model.save_weights(tmp_path / way[0])
    want = model.predict(x)
    for source, target in zip(way, way[1:]):
        assert main(["convert", str(tmp_path / source), str(tmp_path / target)]) == 0
    model.set_weights([0 * w for w in model.get_weights()])
    model.load_weights(tmp_path / way[-1], by_name=True)
    np.testing.assert_array_equal(model.predict(x), want)


def test_weights_of_keras_3_stay_what_they_are(tmp_path):
    from tests.saving.test_keras3_files import sequences

    case = np.load(ROOT / "keras3" / "sequences.npz")
    assert main(["convert", str(ROOT / "keras3" / "sequences.h5"), str(tmp_path / "w.safetensors")]) == 0
    model = sequences()
    model.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_allclose(model.predict(case["input"]), case["output"], atol=1e-5)


def test_architectures_become_another_kind(model, tmp_path):
    (tmp_path / "m.json").write_text(model.to_json())
    assert main(["convert", str(tmp_path / "m.json"), str(tmp_path / "m.yaml")]) == 0
    assert main(["convert", str(tmp_path / "m.yaml"), str(tmp_path / "n.json")]) == 0
    assert json.loads((tmp_path / "n.json").read_text()) == json.loads(model.to_json())
    again = model_from_yaml((tmp_path / "m.yaml").read_text())
    assert again.to_json() == model_from_json((tmp_path / "n.json").read_text()).to_json()


def run_predict(path, x, monkeypatch):
    given, taken = io.BytesIO(), io.BytesIO()
    np.save(given, x)
    given.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=given))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=taken))
    assert main(["predict", str(path)]) == 0
    taken.seek(0)
    return np.load(taken, allow_pickle=False)


def test_predict(model, tmp_path, monkeypatch):
    model.save(tmp_path / "m.h5")
    x = np.random.uniform(size=(3, 4)).astype("float32")
    np.testing.assert_array_equal(run_predict(tmp_path / "m.h5", x, monkeypatch), model.predict(x))


@pytest.mark.parametrize("given, said", [(b"", "as np.save writes it"), (b"x,y", "as np.save writes it"), (None, "4")])
def test_an_array_that_does_not_fit_is_told_in_a_sentence(given, said, model, tmp_path, monkeypatch, capsys):
    model.save(tmp_path / "m.h5")
    wrong = io.BytesIO()
    np.save(wrong, np.ones((3, 7)))
    data = io.BytesIO(wrong.getvalue() if given is None else given)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    assert main(["predict", str(tmp_path / "m.h5")]) == 1
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_predict_with_several_outputs(tmp_path, monkeypatch):
    x = Input((4,))
    model = Model(x, [Dense(2)(x), Dense(1)(x)])
    model.save(tmp_path / "m.h5")
    data = np.random.uniform(size=(3, 4)).astype("float32")
    found = run_predict(tmp_path / "m.h5", data, monkeypatch)
    for i, want in enumerate(model.predict(data)):
        np.testing.assert_array_equal(found[f"output_{i}"], want)


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["summary"], 2, "summary FILE"),
        (["summary", "missing.h5"], 1, "missing.h5"),
        (["convert", "a.h5", "b.json"], 2, "become each other"),
        (["convert", "a.h5"], 2, "convert IN OUT"),
        (["predict"], 2, "in.npy"),
        (["sumary", "a.h5"], 2, "Did you mean 'summary'"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, code, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == code
    assert said in capsys.readouterr().err
