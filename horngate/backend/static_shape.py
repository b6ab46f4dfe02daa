"""Shapes and sizes as programs for TensorFlow 1 read them: `x.shape.as_list()`, `x.shape[1].value`."""

from typing import Any

import jax
import jax.numpy as jnp


class StaticSize(int):
    """A known size as TensorFlow 1 tells it, `shape[1].value`."""

    @property
    def value(self) -> int:
        """The size as a plain number."""
        return int(self)

    def __jax_array__(self) -> jax.Array:
        return jnp.asarray(int(self))


class StaticShape(tuple[int | None, ...]):
    """A shape as TensorFlow tells it."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return StaticShape(found) if isinstance(found, tuple) else found if found is None else StaticSize(found)

    @property
    def ndims(self) -> int:
        """The number of axes."""
        return len(self)

    def as_list(self) -> list[int | None]:
        """The sizes, None where unknown."""
        return list(self)


def _plain(_: None, sizes: Any) -> Any:
    return tuple(sizes)


def _sizes(shape: Any) -> Any:
    return tuple(shape), None


jax.tree_util.register_pytree_node(StaticShape, _sizes, _plain)
kind: Any = tuple  # of the shapes of symbols; in programs that the launcher runs, StaticShape
