"""Run the programs of this folder on the real Keras 3 with JAX and write what they record as golden.json.

Usage: KERAS_BACKEND=jax python tests/programs_of_today/oracle.py [NAME ...], with Keras 3 and JAX installed.

Keras 3 on JAX has no tape. `with tf.GradientTape() as tape: BODY` and `tape.gradient(LOSS, SOURCES)` are rewritten
to `jax.grad` of a function that runs BODY once more inside a StatelessScope; `fit` of a model whose `train_step` takes
only the data becomes a plain loop over batches. All else that a program names is the real one.
"""

import ast
import copy
import inspect
import json
import os
import sys
import tempfile
import types
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras

FOLDER = Path(__file__).parent


def tape_names(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.With):
        return []
    return [
        item.optional_vars.id
        for item in node.items
        if isinstance(item.context_expr, ast.Call) and ast.unparse(item.context_expr.func) == "tf.GradientTape"
    ]


class Gradients(ast.NodeTransformer):
    """Replace calls of `name.gradient(loss, sources)` by names and note them."""

    def __init__(self, names: list[str], counter: list[int]):
        self.names, self.counter, self.found = names, counter, []

    def visit_Call(self, node):
        self.generic_visit(node)
        function = node.func
        if not (isinstance(function, ast.Attribute) and ast.unparse(function.value) in self.names):
            return node
        if function.attr == "watch":
            return ast.Constant(None)
        self.counter[0] += 1
        name = f"gradient_{self.counter[0]}"
        self.found.append((name, node.args[0], node.args[1]))
        return ast.Name(name, ast.Load())


def rewrite(body: list[ast.stmt], counter: list[int]) -> list[ast.stmt]:
    out = []
    rest = list(body)
    while rest:
        node = rest.pop(0)
        names = tape_names(node)
        if not names:
            for field in ("body", "orelse"):
                if isinstance(getattr(node, field, None), list):
                    setattr(node, field, rewrite(getattr(node, field), counter))
            out.append(node)
            continue
        watched = [
            call.args[0].id
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and ast.unparse(call.func) in [name + ".watch" for name in names]
        ]
        inner = rewrite([Gradients(names, counter).visit(copy.deepcopy(item)) for item in node.body], counter)
        visitor = Gradients(names, counter)
        for index, following in enumerate(rest):
            if set(tape_names(following)) & set(names):
                break
            rest[index] = visitor.visit(following)
        for name, loss, sources in visitor.found:
            wanted = ast.unparse(sources)
            argument = wanted if wanted in watched else ""
            call = f"{name} = oracle_gradient(body_{name}, {wanted}, {bool(argument)})"
            text = f"def body_{name}({argument}):\n    pass\n{call}"
            definition, call = ast.parse(text).body
            definition.body = [*copy.deepcopy(inner), ast.Return(copy.deepcopy(loss))]
            out += [definition, call]
        out += inner
    return out


def oracle_gradient(function, sources, is_tensor):
    if is_tensor:
        return jax.grad(lambda value: jnp.sum(function(value)))(sources)

    def pure(values):
        with keras.StatelessScope(state_mapping=list(zip(sources, values, strict=True)), collect_losses=True):
            return jnp.sum(function())

    return jax.grad(pure)([variable.value for variable in sources])


def batches(x, y, batch_size):
    if not hasattr(x, "shape") and not isinstance(x, (dict, list, tuple)):
        yield from x
        return
    data = (x,) if y is None else (x, y)
    count = len(jax.tree_util.tree_leaves(x)[0])
    for start in range(0, count, batch_size):
        batch = jax.tree_util.tree_map(lambda item: jnp.asarray(item[start : start + batch_size]), data)
        yield batch if y is not None else batch[0]


real_fit = keras.Model.fit


def fit(self, x=None, y=None, batch_size=32, epochs=1, callbacks=(), verbose=0, **options):
    if len(inspect.signature(self.train_step).parameters) != 1:
        return real_fit(self, x, y, batch_size=batch_size, epochs=epochs, callbacks=callbacks, verbose=0, **options)
    history = keras.callbacks.History()
    calls = keras.callbacks.CallbackList([*callbacks, history], model=self, epochs=epochs, verbose=0)
    calls.on_train_begin()
    for epoch in range(epochs):
        for metric in self.metrics:
            metric.reset_state()
        calls.on_epoch_begin(epoch)
        for step, batch in enumerate(batches(x, y, batch_size)):
            calls.on_train_batch_begin(step)
            logs = {name: float(value) for name, value in self.train_step(batch).items()}
            calls.on_train_batch_end(step, logs)
        calls.on_epoch_end(epoch, logs)
    calls.on_train_end()
    return history


def tensorflow() -> types.ModuleType:
    tf = types.ModuleType("tensorflow")
    ops = keras.ops
    for name, function in {
        "shape": ops.shape,
        "concat": ops.concatenate,
        "ones": ops.ones,
        "zeros": ops.zeros,
        "reduce_mean": ops.mean,
        "reduce_sum": ops.sum,
        "square": ops.square,
        "sqrt": ops.sqrt,
        "exp": ops.exp,
        "convert_to_tensor": ops.convert_to_tensor,
        "stop_gradient": ops.stop_gradient,
        "matmul": ops.matmul,
        "one_hot": ops.one_hot,
        "float32": "float32",
        "cast": ops.cast,
        "abs": ops.abs,
        "ones_like": ops.ones_like,
        "zeros_like": ops.zeros_like,
        "range": ops.arange,
        "transpose": ops.transpose,
        "stack": ops.stack,
        "function": lambda function=None, **options: function or (lambda inner: inner),
        "constant": ops.convert_to_tensor,
        "argmax": ops.argmax,
        "maximum": ops.maximum,
        "reduce_max": ops.max,
        "squeeze": ops.squeeze,
        "expand_dims": ops.expand_dims,
    }.items():
        setattr(tf, name, function)
    tf.math = types.SimpleNamespace(log=ops.log)
    tf.keras = keras
    return tf


def run(name: str) -> dict:
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    counter = [0]

    class Functions(ast.NodeTransformer):
        def visit_Import(self, node):
            for alias in node.names:
                alias.name = alias.name.replace("tensorflow", "oracle_tensorflow")
            return node

        def visit_FunctionDef(self, node):
            self.generic_visit(node)
            node.body = rewrite(node.body, counter)
            return node

    tree = Functions().visit(tree)
    tree.body = rewrite(tree.body, counter)
    code = compile(ast.unparse(ast.fix_missing_locations(tree)), name, "exec")
    space = {"__name__": "__main__", "oracle_gradient": oracle_gradient}
    keras.utils.clear_session()
    exec(code, space)
    return space["record"]


if __name__ == "__main__":
    sys.modules["oracle_tensorflow"] = tensorflow()
    keras.Model.fit = fit
    path = FOLDER / "golden.json"
    golden = json.loads(path.read_text()) if path.exists() else {}
    programs = [p.stem for p in FOLDER.glob("*.py") if p.stem != "oracle" and not p.stem.startswith("test_")]
    for name in sys.argv[1:] or sorted(programs):
        home = os.getcwd()
        with tempfile.TemporaryDirectory() as scratch:
            os.chdir(scratch)
            golden[name] = run(name)
            os.chdir(home)
        path.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
