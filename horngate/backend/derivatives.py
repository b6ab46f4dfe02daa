"""Functions whose derivatives are written by hand: JAX's `custom_vjp`, with the function's own types kept."""

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast

import jax

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class WithGradient(Protocol, Generic[P, R]):
    """A function that is told its gradient by `defvjp`."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function gives."""
        ...

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Take the gradient from these two.

        `forward`: from the function's arguments to its result and what the way back needs. `backward`: from the
        constants, that, and the gradient of the result to the gradients of the other arguments.
        """
        ...


def with_gradient(constants: int = 0) -> Callable[[Callable[P, R]], WithGradient[P, R]]:
    """Make a function one whose gradient is told by its `defvjp`; the first `constants` arguments are not arrays."""
    made = functools.partial(jax.custom_vjp, nondiff_argnums=tuple(range(constants)))
    return cast("Callable[[Callable[P, R]], WithGradient[P, R]]", made)
