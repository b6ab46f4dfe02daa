"""Functions whose derivatives are written by hand: JAX's `custom_vjp`, with the function's own types kept."""

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast

import jax

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class WithGradient(Protocol, Generic[P, R]):
    """A function whose gradient `defvjp` defines."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        ...

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Define the gradient by two functions.

        `forward`: from the function's arguments to (result, residuals). `backward`: from the constants, the residuals
        and the gradient of the result to the gradients of the other arguments.
        """
        ...


def with_gradient(constants: int = 0) -> Callable[[Callable[P, R]], WithGradient[P, R]]:
    """Decorate a function that gets its gradient by `defvjp`; its first `constants` arguments are no arrays."""
    made = functools.partial(jax.custom_vjp, nondiff_argnums=tuple(range(constants)))
    return cast("Callable[[Callable[P, R]], WithGradient[P, R]]", made)
