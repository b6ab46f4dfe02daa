"""What optimizers of Keras 2 and 3 count and keep: whole steps, and all variables of a step."""

import numpy as np
import pytest

from horngate import keras2, keras3


@pytest.mark.parametrize("keras", [keras2, keras3])
def test_steps_are_whole_numbers(keras):
    optimizer, weight = keras.optimizers.SGD(0.1), keras3.Variable(np.zeros(2, "float32"))
    optimizer.build([weight])
    optimizer.iterations.assign(2**24 + 1)  # which 32-bit floats cannot tell from 2^24
    optimizer.apply_gradients([(np.ones(2, "float32"), weight)])
    assert int(optimizer.iterations.numpy()) == 2**24 + 2
    assert str(optimizer.iterations.dtype).startswith("int")


@pytest.mark.parametrize("name", ["SGD", "Adam", "Nadam", "Adamax", "Lion", "Ftrl", "AdamW"])
@pytest.mark.parametrize("more", [{}, {"use_ema": True}])
def test_steps_without_state_are_the_same(name, more):
    """`variables` holds all that a step reads and writes, or the second of these steps would differ."""
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(3, 2)).astype("float32"), rng.normal(size=(3, 3, 2)).astype("float32")
    cls, values = getattr(keras3.optimizers, name), []
    for apart in (False, True):
        optimizer, weight = cls(learning_rate=0.1, **more), keras3.Variable(start)
        optimizer.build([weight])
        kept, trained = [v.numpy() for v in optimizer.variables], [weight.numpy()]
        for gradient in gradients:
            if apart:
                trained, kept = optimizer.stateless_apply(kept, [gradient], trained)
            else:
                optimizer.apply([gradient], [weight])
        values.append(np.asarray(trained[0]) if apart else weight.numpy())
    np.testing.assert_allclose(values[0], values[1], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Muon"])
def test_names_and_none_stay_in_descriptions(name):
    more = {"rms_rate": None} if name == "Muon" else {}
    told = keras3.optimizers.serialize(getattr(keras3.optimizers, name)(name="other", **more))
    again = keras3.optimizers.deserialize(told)
    assert again.name == told["config"]["name"] == again.get_config()["name"] == "other"
    assert all(again.get_config()[word] is None for word in more)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_steps_in_16_bits_go_on_beyond_the_largest_number(name):
    keras3.config.set_floatx("float16")
    try:
        optimizer, weight = getattr(keras3.optimizers, name)(0.5), keras3.Variable(np.ones(2, "float16"))
        optimizer.build([weight])
        optimizer.iterations.assign(70_000)
        optimizer.apply_gradients([(np.ones(2, "float16"), weight)])
        assert np.isfinite(weight.numpy()).all() and (weight.numpy() < 1).all()
    finally:
        keras3.config.set_floatx("float32")
