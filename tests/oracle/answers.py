"""What a library makes of the rows: every aspect of each as plain data. The same program asks either library.

    python -m tests.oracle.answers LIBRARY ANSWERS [OTHER [WORDS]]

LIBRARY is "keras" or "horngate", ANSWERS the file to write, and OTHER what the other library has answered: its rows are
taken, and its descriptions read. Only rows that contain WORDS are asked; "crossed": none, descriptions are read.
"""

import contextlib
import importlib
import inspect
import itertools
import pathlib
import pickle
import sys

import jax
import numpy as np

from tests.keras3 import metric_cases, part_rows, parts, rules
from tests.keras3.cases import made, weighting
from tests.optimizers import cases as steps
from tests.oracle import table

WIDE = ("float32", "float64")


def plain(value):
    """A configuration as plain data: tuples as lists, arrays and numbers as Python's."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__"):
        return np.asarray(value).tolist()
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def unbuilt(told):
    """A configuration without how its objects were built, which calls do anew."""
    if isinstance(told, list):
        return [unbuilt(item) for item in told]
    return {k: unbuilt(v) for k, v in told.items() if k != "build_config"} if isinstance(told, dict) else told


def described(keras, value, serialize=None):
    """An object as plain data in the form of Keras 3."""
    return unbuilt(plain((serialize or keras.saving.serialize_keras_object)(value)))


def numbers(value):
    """An array or variable as NumPy's."""
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def flat(value):
    """The arrays in nested lists, tuples and dictionaries."""
    return [numbers(leaf) for leaf in jax.tree_util.tree_leaves(value)]


def options_of(keras, options):
    """Arguments as the library takes them: ("SGD",) for an inner optimizer makes one."""
    inner = {w: getattr(keras.optimizers, *v)() for w, v in options.items() if w == "inner_optimizer"}
    return {**{word: made(value, keras.layers) for word, value in options.items()}, **inner}


def class_of(keras, row):
    return getattr(importlib.import_module(f"{keras.__name__}.{row.module}"), row.name)


def drawn(shape, wide, positive=False):
    rng = np.random.default_rng(int(np.prod(shape)) + len(shape))
    return (rng.uniform(0.5, 1.5, shape) if positive else rng.normal(size=shape) * 0.5).astype(wide)


def set_numbers(layer, wide):
    """Give every weight numbers that follow from its shape and place."""
    values = [drawn(v.shape, wide, "variance" in v.name) for v in layer.weights]
    layer.set_weights(values)
    return values


def start(weights):
    """What is compared of the initial weights: their value if it is one number, else their spread."""
    return [rules.spread(numbers(v)) if numbers(v).size else np.zeros(3) for v in weights]


def layer_ready(layer, row, wide):
    """A layer called once and with numbers set; returns what its pure call takes."""
    case = row.given
    given = {n: x.astype(wide) if x.dtype.kind == "f" else x for n, x in case.inputs().items()}
    args, call = case.arguments(row.name, {n: jax.numpy.asarray(x) for n, x in given.items()})
    layer(*args, **call)
    begun = start(layer.weights)
    values = set_numbers(layer, wide)
    if getattr(layer, "stateful", False):
        layer.reset_state()
    return given, begun, values


def layer_results(layer, row, given):
    """(gradients by the inputs, by the weights, state afterwards) of a pure call."""
    case = row.given
    trained = [jax.numpy.asarray(numbers(v)) for v in layer.trainable_variables]
    fixed = [jax.numpy.asarray(numbers(v)) for v in layer.non_trainable_variables]
    smooth = {n: jax.numpy.asarray(x) for n, x in given.items() if x.dtype.kind == "f"}

    def loss(smooth, trained):
        args, call = case.arguments(row.name, {**given, **smooth})
        out, after = layer.stateless_call(trained, fixed, *args, **call)
        outs = jax.tree_util.tree_leaves(out)
        return sum((o.astype(WIDE[-1]) * weighting(o.shape)).sum() for o in outs if "float" in str(o.dtype)), after

    grads, after = jax.grad(loss, argnums=(0, 1), has_aux=True)(smooth, trained)
    seeds = [numbers(a).dtype.kind == "u" or "seed" in v.name for a, v in zip(after, layer.non_trainable_variables)]
    return grads[0], grads[1], [a for a, seed in zip(after, seeds) if not seed]


def called(layer, row, given):
    """The outputs of a layer."""
    args, call = row.given.arguments(row.name, {n: jax.numpy.asarray(x) for n, x in given.items()})
    return flat(layer(*args, **call))


def layer_answers(keras, row, wide):
    options = {"name": "one", **options_of(keras, row.options)}  # automatic names tell how many there are
    layer = class_of(keras, row)(*[made(value, keras.layers) for value in row.args], **options)
    given, begun, _ = layer_ready(layer, row, wide)
    yield "weights' names", [v.name for v in layer.weights]
    yield "weights' shapes", [list(v.shape) for v in layer.weights]
    yield "weights trained", [any(v is t for t in layer.trainable_weights) for v in layer.weights]
    yield "initial weights", begun, [v.shape for v in layer.weights]
    yield "kept weights", flat(layer.get_weights())
    yield "constrained", [numbers(v.constraint(v)) for v in layer.weights if getattr(v, "constraint", None)]
    yield "get_config", unbuilt(plain(layer.get_config()))
    yield "configuration", described(keras, layer)
    by_inputs, by_weights, after = layer_results(layer, row, given)
    yield "gradients by inputs", flat(by_inputs)
    yield "gradients by weights", flat(by_weights)
    yield "state afterwards", flat(after)
    yield "outputs", called(layer, row, given)
    yield "penalties", [np.asarray(sum(float(np.sum(numbers(each))) for each in layer.losses), wide)]


def with_slope(function, x):
    value = numbers(function(x))
    return [value, numbers(jax.grad(lambda x: (function(x) * parts.weighting(value.shape)).sum())(x))]


def activation_answers(keras, row, wide):
    x = jax.numpy.asarray(parts.activated().astype(wide))
    function = class_of(keras, row)
    value, slope = with_slope(lambda x: function(x, **row.options), x)
    yield "value", [value]
    yield "gradient", [slope]
    yield "configuration", described(keras, function, keras.activations.serialize)


def loss_answers(keras, row, wide):
    weights = None
    if row.given is None:
        y, p = part_rows.measured(row.name, row.options)
    elif isinstance(row.given, tuple):
        y, p, weights = parts.measured(row.given[0], row.options)
        weights = weights if row.given[1] else None
    else:
        y, p, _ = parts.measured(row.given, row.options)
    p, loss = jax.numpy.asarray(np.asarray(p, wide)), class_of(keras, row)
    if isinstance(loss, type):
        loss = loss(**row.options)
        yield "get_config", plain(loss.get_config())
        yield "configuration", described(keras, loss, keras.losses.serialize)
        value, slope = with_slope(lambda p: loss(y, p, weights), p)
    else:
        yield "configuration", described(keras, loss, keras.losses.serialize)
        value, slope = with_slope(lambda p: loss(y, p, **row.options), p)
    yield "value", [value]
    yield "gradient", [slope]


def batches_of(row):
    if row.given is not None:
        yield from metric_cases.batches(row.given)
    elif row.name in ("Mean", "Sum"):
        yield np.arange(4.0), None, np.arange(1.0, 5)
    else:
        y, p = part_rows.measured(row.name, row.options)
        yield y, p, np.linspace(0.1, 1, len(y))


def metric_answers(keras, row, wide):
    for weighted in (False, True):
        metric = class_of(keras, row)(**row.options)
        for y, p, w in batches_of(row):
            given = [y] if p is None else [y, p]
            given = [x.astype(wide) if x.dtype.kind == "f" else x for x in given]
            metric.update_state(*given, **({"sample_weight": w.astype(wide)} if weighted else {}))
        if not weighted:
            yield "get_config", plain(metric.get_config())
            yield "configuration", described(keras, metric, keras.metrics.serialize)
        yield "result with weights" if weighted else "result", [numbers(metric.result())]
        if not weighted:
            yield "state", [numbers(v) for v in metric.variables]
            yield "weights' names", [v.name for v in metric.variables]
            metric.reset_state()
            yield "state after reset", [numbers(v) for v in metric.variables]


def initializer_answers(keras, row, wide):
    shape = row.given or {"Identity": (8, 8), "STFT": (8, 1, 5)}.get(row.name, (8, 20, 60))
    seeded = {"seed": 1} if "seed" in inspect.signature(class_of(keras, row).__init__).parameters else {}
    made_of = class_of(keras, row)(**{**seeded, **row.options})
    one, two = numbers(made_of(shape)), numbers(made_of(shape))
    yield ("spread", [rules.spread(one)], [shape]) if seeded else ("value", [one])
    yield "repeatable", bool((one == two).all())
    yield "get_config", plain(made_of.get_config())
    yield "configuration", described(keras, made_of, keras.initializers.serialize)


def weight_answers(keras, row, wide):
    rule, w = class_of(keras, row)(**row.options), jax.numpy.asarray(rules.weight().astype(wide))
    value, slope = with_slope(rule, w)
    yield "value", [value]
    if row.module == "regularizers":
        yield "gradient", [slope]
    yield "get_config", plain(rule.get_config())
    yield "configuration", described(keras, rule, getattr(keras, row.module).serialize)


def schedule_answers(keras, row, wide):
    rate = class_of(keras, row)(*row.args, **row.options)
    yield "rates", [numbers([float(numbers(rate(step))) for step in range(steps.STEPS)]).astype("float32")]
    yield "get_config", plain(rate.get_config())
    yield "configuration", described(keras, rate, keras.optimizers.schedules.serialize)


def optimizer_answers(keras, row, wide):
    params, gradients = steps.problem()
    variables = [keras.Variable(value.astype(wide), name=name) for name, value in params.items()]
    optimizer, found = class_of(keras, row)(**options_of(keras, row.options)), []
    for number, each in enumerate(gradients):
        optimizer.apply([jax.numpy.asarray(g.astype(wide)) for g in each], variables)
        if number in (1, steps.STEPS - 1):
            found += [numbers(v) for v in variables]
    yield "steps", found
    yield "state", [numbers(v) for v in optimizer.variables]
    yield "weights' names", [v.name for v in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    yield "final values", [numbers(v) for v in variables]
    yield "get_config", plain(optimizer.get_config())
    yield "configuration", described(keras, optimizer, keras.optimizers.serialize)


ASK = {
    "layers": layer_answers,
    "activations": activation_answers,
    "losses": loss_answers,
    "metrics": metric_answers,
    "initializers": initializer_answers,
    "regularizers": weight_answers,
    "constraints": weight_answers,
    "optimizers": optimizer_answers,
    "optimizers.schedules": schedule_answers,
}


def asked(keras, row, wide):
    """Aspect -> what the library says; the aspect "refused" if it raises, with the message and how far it came."""
    found = {}
    try:
        for name, *said in ASK[row.module](keras, row, wide):
            found[name] = said[0] if len(said) == 1 else tuple(said)
    except Exception as error:  # whatever it is, it is an answer
        found["refused"] = f"{type(error).__name__}: {str(error)[:400]}"
    return found


def read(keras, row, told):
    """What an object made of the other library's description gives: its description, and the outputs of a layer."""
    try:
        again = keras.saving.deserialize_keras_object(told)
        found = {"configuration": described(keras, again)} if hasattr(again, "get_config") else {}
        if row.module == "layers":
            found["outputs"] = called(again, row, layer_ready(again, row, "float32")[0])
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {str(error)[:400]}"}
    return found


def library(name):
    """The library and a function that makes it compute in a number type."""
    keras = importlib.import_module("keras" if name == "keras" else "horngate.keras3")

    def widen(wide):
        jax.config.update("jax_enable_x64", wide == "float64")
        keras.config.set_floatx(wide)
        with contextlib.suppress(AttributeError):
            keras.config.set_dtype_policy(wide)

    return keras, widen


def main(name, path, other="", only=""):
    """Answer all rows, and read what the other library described."""
    keras, widen = library(name)
    told = pickle.loads(pathlib.Path(other).read_bytes()) if other else {}
    rows = told.get("rows") or [row for row in table.rows(keras) if only in str(row)]
    version = importlib.import_module("keras" if name == "keras" else "horngate").__version__
    found = {"rows": rows, "answers": {}, "crossed": {}, "version": version}
    for wide in WIDE if only != "crossed" else ():
        widen(wide)
        for _, of_class in itertools.groupby(rows, lambda row: (row.module, row.name)):
            found["answers"] |= {(str(row), wide): asked(keras, row, wide) for row in of_class if wide in row.types}
            jax.clear_caches()  # the programs of a class are hardly those of the next one, and fill the memory
            keep(path, found)
    widen("float32")
    for row in rows:
        if "configuration" in told.get("answers", {}).get((str(row), "float32"), {}):
            found["crossed"][str(row)] = read(keras, row, told["answers"][str(row), "float32"]["configuration"])
    keep(path, found)


def keep(path, found):
    """Write what is known so far."""
    pathlib.Path(path).write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
