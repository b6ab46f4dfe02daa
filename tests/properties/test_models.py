"""The properties on a fixed number of random models; thousands are tried by `python -m tests.properties`.

Hypothesis draws the number of a model. Shrinking is our own: it knows what can be left out of a graph.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties import checks, plans, shrinking

EXPENSIVE = ("gradients", "symbolic", "training_goes_on", "one_and_many")


def fitting(name):
    """The numbers of models that a property is for."""
    return st.integers(0, 2**32 - 1).filter(lambda seed: checks.CHECKS[name][2](plans.drawn(seed)))


@pytest.mark.parametrize("name", checks.CHECKS)
def test_property(name):
    @settings(
        derandomize=True,
        max_examples=1 if name in EXPENSIVE else 3,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(fitting(name))
    def holds(seed):
        plan = plans.drawn(seed)
        failed = shrinking.failure(plan, name)
        if failed:
            small = shrinking.shrunk(plan, name, failed[0])
            pytest.fail(f"model {seed}: {failed[1]}\n\n{shrinking.program(small, name)}")

    holds()


def test_a_third_of_the_models_have_all_that_is_hard():
    found = [plans.features(plans.drawn(seed)) for seed in range(100)]
    assert sum(len(has) == 3 for has in found) >= 34


def test_a_model_is_the_same_each_time():
    assert plans.drawn(7) == plans.drawn(7)


def test_shrinking_keeps_the_failure():
    """A property of our own that does not hold where there is a Merge comes down to little beside one."""

    def no_merge(plan):
        assert not any(layer.get("make", [""])[0] == "Merge" for _, layer in plans.walk(plan["graph"]))

    checks.CHECKS["no_merge"] = no_merge, 0, lambda plan: True
    try:
        seed = next(seed for seed in range(1000) if shrinking.failure(plans.drawn(seed), "no_merge"))
        plan = plans.drawn(seed)
        kind, _ = shrinking.failure(plan, "no_merge")
        small = shrinking.shrunk(plan, "no_merge", kind)
        assert shrinking.failure(small, "no_merge")[0] == kind
        assert len(small["graph"]["calls"]) <= 4 < len(plan["graph"]["calls"])
        exec(shrinking.program(plan, "weights_h5"))  # noqa: S102  a program that shows a failure runs by itself
    finally:
        del checks.CHECKS["no_merge"]
