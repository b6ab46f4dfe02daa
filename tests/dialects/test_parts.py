"""The parts of which running old programs is made, each by itself."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from horngate import backend as K
from horngate import models
from horngate.dialects import aliases, guess, past, tensorflow, theano
from horngate.dialects.install import install_as, uninstall
from horngate.dialects.keras03.graph import Graph
from horngate.dialects.keras03.layers import AutoEncoder, LambdaMerge, MaskedLambda, TimeDistributedMerge
from horngate.dialects.notebooks import cells, python_of
from horngate.dialects.py2 import translated
from horngate.engine.container import make_layer
from horngate.layers import Dense, Input
from horngate.models import Sequential, model_from_json
from horngate.utils.layer_utils import get_layer

ROOT = Path(__file__).resolve().parents[2]


def test_keras_is_horngate_itself():
    install_as("keras_of_old")
    try:
        import keras_of_old
        import keras_of_old.layers.core
        import keras_of_old.utils.vis_utils
        from keras_of_old.models import Sequential as Theirs

        import horngate

        assert keras_of_old is horngate and Theirs is Sequential
        assert keras_of_old.layers.core is horngate.layers.core
        assert sys.modules["keras_of_old.utils.vis_utils"] is horngate.utils.visualize_util
        assert horngate.layers.core.__spec__.name == "horngate.layers.core"
        with pytest.raises(ImportError):
            import keras_of_old.nothing  # noqa: F401
    finally:
        uninstall("keras_of_old")
    with pytest.raises(ImportError):
        import keras_of_old.layers  # noqa: F401, F811


def test_another_module_of_that_name_is_not_replaced():
    with pytest.raises(RuntimeError, match="'json' is imported already"):
        install_as("json")


def test_every_module_is_found_under_the_other_name():
    program = """
import pkgutil, horngate
horngate.install_as("keras")
import importlib
for module in pkgutil.walk_packages(horngate.__path__, "horngate."):
    if ".__main__" in module.name:
        continue
    ours = importlib.import_module(module.name)
    assert importlib.import_module("keras" + module.name[8:]) is ours, module.name
    assert ours.__spec__.name == module.name and ours.__name__ == module.name
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_what_numpy_and_inspect_had_is_there_and_goes_again():
    assert not hasattr(np, "float")
    with past.put_back():
        assert np.zeros(1, np.float).dtype == float and np.zeros(1, np.int).dtype.kind == "i"
        assert inspect.getargspec(lambda a, *b, c=1, **d: 0).args == ["a"]
    assert not hasattr(np, "float") and not hasattr(inspect, "getargspec")


@pytest.mark.parametrize(
    "source, era",
    [
        ("model.fit(X, y, nb_epoch=3, show_accuracy=True)", "0.3"),
        ("graph = Graph()", "0.3"),
        ("model.fit(X, y, nb_epoch=3)\nConvolution2D(3, 3, 3, border_mode='same')", "1.0"),
        ("from keras.layers import Bidirectional\nmodel.fit(X, y, nb_epoch=3)", "1.2"),
        ("model.fit(X, y, epochs=3)", "2"),
        ("Conv2D(32, (3, 3), padding='same')", "2"),
        ("from tensorflow import keras\nmodel.fit(x, y, epochs=3)", "tf2"),
        ("import keras\nx = keras.Input((3,))\nmodel.fit(x, y, epochs=3)", "3"),
        ("import keras\nx = keras.Input((3,))\nmodel.compile(keras.optimizers.Adam(lr=0.1))\nfit(epochs=3)", "2"),
        ("import keras\nx = keras.Input((3,))\nx = K.flatten(x)\nm.fit(x, y, epochs=3)", "2"),
        ("import keras\nx = keras.Input((3,))\nK.clear_session()\nK.set_floatx('float32')\nm.fit(x, y, epochs=3)", "3"),
        ("model.fit(X, y, epochs=3, callbacks=[ReduceLROnPlateau(), ModelCheckpoint('x')])\nload_model('x')", "2"),
        ("self.nb_epoch = self.params['epochs']\nmodel.fit(X, y, epochs=3)", "2"),
        ("model.fit(X, y, epochs=3, callbacks=[ModelCheckpoint('x', monitor='val_capsnet_acc')])", "2.2"),
        ("g = tf.Graph()\nmodel.fit(X, y, nb_epoch=3)", "1.0"),
        ("print('nothing of Keras')", "1.0"),
    ],
)
def test_the_era_of_a_program(source, era):
    assert guess.era_of(source)[0] == era


def test_python_2_becomes_python_3():
    pytest.importorskip("fissix")
    source = "for i in xrange(3):\n    print 'a', i\nexcept_ = {}.has_key('b')\nimport cPickle, urllib2\n"
    found = translated(source)
    compile(found, "found", "exec")
    assert "print('a', i)" in found and "range(3)" in found and "xrange" not in found
    assert translated("print('a')\n") == "print('a')\n"
    with pytest.raises(SyntaxError, match="neither Python 3 nor Python 2"):
        translated("what is this?\n")


def test_the_code_of_a_notebook_of_either_form():
    code = [{"cell_type": "code", "source": ["%pylab\n", "a = 1\n", "!ls"]}, {"cell_type": "markdown", "source": "x"}]
    assert cells(json.dumps({"cells": code})) == ["\na = 1\n"]
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "a = 1"}]}]}
    assert cells(json.dumps(old)) == ["a = 1"]


def test_theanos_operations_are_those_of_numpy():
    x = np.random.uniform(0.1, 1, (3, 4)).astype("float32")
    T = theano.tensor
    for ours, theirs in ((T.sqr, np.square), (T.sqrt, np.sqrt), (T.exp, np.exp), (T.abs_, np.abs)):
        np.testing.assert_allclose(K.eval(ours(K.variable(x))), theirs(x), rtol=1e-5)
    np.testing.assert_allclose(K.eval(T.nnet.softmax(K.variable(x))).sum(axis=1), 1, rtol=1e-5)
    a = T.matrix()
    assert theano.function([a], a.sum())(x) == pytest.approx(x.sum(), rel=1e-5)
    with pytest.raises(AttributeError, match=r"theano.tensor.clipp is not among.*There is clip\."):
        T.clipp  # noqa: B018


def test_tensorflows_operations_are_those_of_numpy():
    x = np.random.uniform(0.1, 1, (3, 4)).astype("float32")
    tf = tensorflow
    v = K.variable(x)
    np.testing.assert_allclose(K.eval(tf.reduce_sum(v, 1, keep_dims=True)), x.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(K.eval(tf.reduce_mean(v, reduction_indices=[0])), x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(K.eval(tf.transpose(v)), x.T)
    np.testing.assert_allclose(K.eval(tf.concat([v, v], 1)), np.concatenate([x, x], 1))
    np.testing.assert_allclose(K.eval(tf.concat(0, [v, v])), np.concatenate([x, x], 0))
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        session.run(tf.global_variables_initializer())
        assert session.run(tf.reduce_sum(v)) == pytest.approx(x.sum(), rel=1e-5)
    with pytest.raises(AttributeError, match="jax.numpy in a Lambda layer"):
        tf.while_loop  # noqa: B018


def a_graph():
    graph = Graph()
    for name in ("a", "b"):
        graph.add_input(name=name, input_shape=(3,))
    graph.add_shared_node(Dense(4), name="shared", inputs=["a", "b"], outputs=["one", "two"])
    graph.add_node(Dense(2), name="both", inputs=["one", "two"], merge_mode="mul")
    graph.add_output(name="out", input="both")
    graph.add_output(name="sum", inputs=["one", "two"], merge_mode="sum")
    return graph


def test_a_graph_computes_what_its_names_say():
    graph = a_graph()
    a, b = np.random.rand(2, 5, 3).astype("float32")
    (W, c), (V, d) = graph.nodes["shared"].get_weights(), graph.nodes["both"].get_weights()
    found = graph.predict({"a": a, "b": b})
    np.testing.assert_allclose(found["sum"], (a @ W + c) + (b @ W + c), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["out"], ((a @ W + c) * (b @ W + c)) @ V + d, rtol=1e-5, atol=1e-6)
    again = model_from_json(graph.to_json())
    again.set_weights(graph.get_weights())
    np.testing.assert_allclose(again.predict({"a": a, "b": b})["out"], found["out"], rtol=1e-5)


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda g: g.add_node(Dense(2), name="both", input="one"), "has a node 'both' already"),
        (lambda g: g.add_node(Dense(2), name="new", input="thre"), "has no node 'thre'; it has a, b"),
        (lambda g: g.add_node(Dense(2), name="new"), "needs `input`"),
        (
            lambda g: g.add_shared_node(Dense(2), name="new", inputs=["a", "b"], outputs=["x"]),
            "a name for each of the 2",
        ),
    ],
)
def test_wrong_names_in_a_graph_are_answered(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong(a_graph())


def test_a_graph_as_03_wrote_it():
    text = json.dumps(
        {
            "name": "Graph",
            "input_config": [{"name": "x", "input_shape": [3], "dtype": "float"}],
            "node_config": [
                {
                    "name": "d",
                    "input": "x",
                    "inputs": [],
                    "merge_mode": "concat",
                    "concat_axis": -1,
                    "dot_axes": -1,
                    "create_output": False,
                }
            ],
            "output_config": [
                {"name": "y", "input": "d", "inputs": [], "merge_mode": "concat", "concat_axis": -1, "dot_axes": -1}
            ],
            "nodes": {"d": {"name": "Dense", "custom_name": "dense", "output_dim": 2, "cache_enabled": True}},
        }
    )
    graph = model_from_json(text)
    assert graph.predict({"x": np.ones((4, 3))})["y"].shape == (4, 2)


@pytest.mark.parametrize("mode, numpy", [("sum", np.sum), ("mul", np.prod), ("ave", np.mean)])
def test_time_distributed_merge(mode, numpy):
    x = np.random.rand(2, 3, 4).astype("float32")
    np.testing.assert_allclose(TimeDistributedMerge(mode)(x), numpy(x, axis=1), rtol=1e-5)


def test_lambda_merge_and_masked_lambda():
    models = [Sequential([Dense(2, input_dim=3)]) for _ in range(2)]
    both = Sequential([LambdaMerge(models, lambda inputs: inputs[0] - inputs[1])])
    x = np.random.rand(4, 3).astype("float32")
    np.testing.assert_allclose(both.predict([x, x]), models[0].predict(x) - models[1].predict(x), atol=1e-6)
    assert MaskedLambda(lambda x: x).supports_masking


def test_an_autoencoder_shows_its_code_or_its_reconstruction():
    x = np.random.rand(4, 6).astype("float32")
    encoder, decoder = Sequential([Dense(2, input_dim=6)]), Sequential([Dense(6, input_dim=2)])
    for reconstruct, want in ((True, decoder.predict(encoder.predict(x))), (False, encoder.predict(x))):
        layer = AutoEncoder(encoder, decoder, output_reconstruction=reconstruct)
        assert layer(Input((6,))).shape == (None, want.shape[1])
        np.testing.assert_allclose(layer(x), want, atol=1e-5)


def test_what_is_gone_shows_its_rewriting():
    with pytest.raises(TypeError, match=r"Dense\(128, input_dim=784\)"):
        Dense(784, 128)


def test_symbolic_tensors_have_the_methods_of_arrays():
    x = np.random.rand(2, 3, 4).astype("float32")
    v, a = K.variable(x), K.placeholder(shape=(None, 3, 4))
    for method, args, options in (
        ("sum", (), {}),
        ("mean", (1,), {}),
        ("max", (), {"axis": -1}),
        ("std", (), {"axis": 0, "keepdims": True}),
        ("reshape", (-1, 4), {}),
        ("transpose", (2, 0, 1), {}),
        ("argmax", (), {"axis": 1}),
        ("clip", (0.2, 0.5), {}),
        ("flatten", (), {}),
        ("astype", ("int32",), {}),
    ):
        want = getattr(x, method)(*args, **options)
        np.testing.assert_allclose(K.eval(getattr(v, method)(*args, **options)), want, rtol=1e-5, err_msg=method)
        found = K.function([a], [getattr(a, method)(*args, **options)])([x])[0]
        np.testing.assert_allclose(found, want, rtol=1e-5, err_msg=method)
    np.testing.assert_allclose(K.eval(v.T), x.T)
    assert K.eval(v.dimshuffle(1, "x", 0, 2)).shape == (3, 1, 2, 4)
    np.testing.assert_allclose(K.eval(v.dimshuffle(2, 0, 1)), x.transpose(2, 0, 1))


def test_a_layer_gives_its_tensors_as_in_03():
    model = Sequential([Dense(4, input_dim=3, activation="tanh"), Dense(2)])
    x = np.random.rand(5, 3).astype("float32")
    hidden = theano.function([model.layers[0].get_input()], model.layers[0].get_output(train=False))(x)
    W, b = model.layers[0].get_weights()
    np.testing.assert_allclose(hidden, np.tanh(x @ W + b), rtol=1e-5, atol=1e-6)
    assert model.layers[0].get_params()[0] == model.layers[0].trainable_weights
    assert model.layers[0].get_output_mask() is None


def test_data_are_taken_by_the_name_of_03():
    x, y = np.random.rand(6, 3), np.random.rand(6, 2)
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    history = model.fit(X=x, y=y, nb_epoch=2, verbose=0, show_accuracy=True)
    assert len(history.history["acc"]) == 2
    np.testing.assert_array_equal(model.predict(X=x), model.predict(x))
    assert np.isfinite(model.evaluate(X=x, y=y, verbose=0)).all()


def test_names_of_other_kerases_are_found_at_their_places():
    for module, names in aliases.NAMES.items():
        for name, place in names.items():
            where, _, what = place.rpartition(".")
            ours = getattr(importlib.import_module(f"horngate.{where}"), what)
            assert getattr(importlib.import_module(f"horngate.{module}"), name) is ours
    with pytest.raises(AttributeError, match="module 'horngate.models' has no attribute 'Nothing'"):
        models.Nothing  # noqa: B018


def test_a_star_brings_other_names_too():
    space = {}
    exec("from horngate.layers import *", space)  # noqa: S102  as programs do
    assert {"Dense", "MaxPool2D", "TimeDistributedMerge", "merge"} <= space.keys() and "elsewhere" not in space


def test_layers_of_03_are_made_from_their_configuration():
    again = make_layer({"class_name": "TimeDistributedMerge", "config": {"mode": "ave", "name": "mean"}})
    assert (again.mode, again.name, get_layer("MaskedLayer").supports_masking) == ("ave", "mean", True)


@pytest.mark.parametrize(
    "cell, wanted",
    [
        ("%matplotlib inline\na = 1", "\na = 1"),
        ("a = 1\nfrom __future__ import print_function\nprint(a)", "a = 1\n\nprint(a)"),
        ("%time model.fit(x)", "model.fit(x)"),
        ("%timeit -n 10 f(x)", "f(x)"),
        ("%%time\nmodel.fit(x)", "model.fit(x)"),
        ("%%bash\nls", ""),
        ("for i in x:\n    %time f(i)\n    !ls", "for i in x:\n    f(i)\n    pass"),
        ("files = !ls data\na = 1", "\na = 1"),
        ("np.sum?\n?np.sum\na = 1", "\n\na = 1"),
        ("print('%d'\n      % 3)", "print('%d'\n      % 3)"),
        ('a = """\n!kept\n%kept\n"""', 'a = """\n!kept\n%kept\n"""'),
    ],
)
def test_lines_for_ipython(cell, wanted):
    assert python_of(cell) == wanted


def ran(folder, *arguments):
    command = [sys.executable, "-m", "horngate", *arguments]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "HORNGATE_QUIET": "1", "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_python_2_of_a_program_its_modules_and_a_notebook(tmp_path):
    pytest.importorskip("fissix")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "__init__.py").write_text("print 'of the package'\n")
    (tmp_path / "part" / "more.py").write_text("half = 7 / 2\nexact = 7 / 2.0\nn = 9\nn /= 2\n")
    lines = (
        "# -*- coding: latin-1 -*-",
        "from part import more",
        "import sys",
        "name = u'\xe9t\xe9'",
        "print >>sys.stdout, name",
        "print more.half, more.exact, more.n, reduce(lambda a, b: a + b, xrange(4))",
    )
    (tmp_path / "p.py").write_bytes("\n".join(lines).encode("latin-1"))
    assert ran(tmp_path, "--py2", "p.py") == "of the package\n\xe9t\xe9\n3 3.5 4 6\n"
    assert not (tmp_path / "part" / "__pycache__").exists()
    cell = {"cell_type": "code", "source": "%matplotlib inline\nfrom part.more import half\nprint half\nhalf / 2"}
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert ran(tmp_path, "--py2", "n.ipynb") == "of the package\n3\n1\n"
    (tmp_path / "exact.py").write_text("from __future__ import division\nprint 7 / 2\n")
    assert ran(tmp_path, "--py2", "exact.py") == "3.5\n"


def test_python_2_of_modules_that_import_their_neighbours_by_bare_names(tmp_path):
    pytest.importorskip("fissix")
    files = {
        "part/__init__.py": "from model import *\nimport sizes",
        "part/sizes.py": "size = 3",
        "part/deep/__init__.py": "",
        "part/deep/more.py": "half = 7 / 2",
        "part/model.py": "import sys, sizes as s, deep.more\nimport deep.more as m\nfrom sizes import size\n"
        "print s.size, size, m.half, deep.more.half, __name__",
        "part/exact.py": "from __future__ import absolute_import\nimport keras, json\nprint json.dumps(1)",
        "part/json.py": "dumps = None",
        "p.py": "import part\nprint part.sizes.size",
    }
    (tmp_path / "part" / "deep").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    assert ran(tmp_path, "--py2", "p.py") == "3 3 3 3 part.model\n3\n"
    assert ran(tmp_path, "--py2", "-m", "part.exact") == "3 3 3 3 part.model\n1\n"


def test_a_script_that_a_notebook_was_made_into(tmp_path):
    lines = ("get_ipython().run_line_magic('matplotlib', 'inline')", "get_ipython().system('ls')", "print(1)")
    (tmp_path / "p.py").write_text("\n".join(lines))
    assert ran(tmp_path, "p.py") == "1\n"


def test_python_2_leaves_installed_modules_and_other_folders_as_they_are(tmp_path):
    pytest.importorskip("fissix")
    for name in ("p/env/site-packages/here.py", "p/own.py", "p2/beside.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("half = 7 / 2\n")
    lines = (
        "import sys",
        "sys.path += ['env/site-packages', '../p2']",
        "import own, here, beside",
        "print own.half, here.half, beside.half",
    )
    (tmp_path / "p/p.py").write_text("\n".join(lines))
    assert ran(tmp_path / "p", "--py2", "p.py") == "3 3.5 3.5\n"
