"""Fused SimpleRNN, GRU and LSTM: all time steps in one function, with gradients written by hand.

JAX's own gradient of a loop carries every array that a step reads through each iteration. The backward loop here
carries the gradients of the states alone; the gradient of the weights is one matrix product after the loop. On CPU,
native kernels run both loops. Everything else, second derivatives included, is made of JAX's operations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from horngate.backend import kernels, nn
from horngate.backend.derivatives import with_gradient
from horngate.backend.graph import on_arrays, op
from horngate.backend.kernels import recurrence as native
from horngate.backend.recurrence import scan_or_copies
from horngate.backend.types import TensorLike


class _Activation(NamedTuple):
    of: Callable[..., Any]  # the function
    slope: Callable[..., Any]  # its derivative, computed from its value y; for NaN, the derivative between the bounds


_ACTIVATIONS = {
    "tanh": _Activation(on_arrays(nn.tanh), lambda y: 1 - y * y),
    "sigmoid": _Activation(on_arrays(nn.sigmoid), lambda y: y * (1 - y)),
    "hard_sigmoid": _Activation(on_arrays(nn.hard_sigmoid), lambda y: 0.2 * (~((y <= 0) | (y >= 1))).astype(y.dtype)),
    "relu": _Activation(on_arrays(nn.relu), lambda y: (~(y <= 0)).astype(y.dtype)),
    "linear": _Activation(lambda x: x, jnp.ones_like),
}
FUSED_ACTIVATIONS = frozenset(_ACTIVATIONS)


class _Product:
    """The product h U of each gate, and its gradient. With dropout, each gate has its own mask of h in `masks`."""

    def __init__(self, U, gates, masks):
        self.blocks = jnp.split(U, gates, axis=1)
        self.transposed = [block.T for block in self.blocks]
        self.masks = [1] * gates if masks is None else masks
        self.alike = masks is None

    def __call__(self, h, first=0, last=None):
        """h U of the gates from `first` up to `last`."""
        blocks, masks = self.blocks[first:last], self.masks[first:last]
        if self.alike:
            return jnp.split(h @ jnp.concatenate(blocks, axis=1), len(blocks), axis=1)
        return [(h * mask) @ block for block, mask in zip(blocks, masks)]

    def back(self, gradients, first=0):
        """The gradient of h from those of h U, for the gates from `first` on."""
        parts = zip(gradients, self.transposed[first:], self.masks[first:])
        return sum((g.astype(block.dtype) @ block) * mask for g, block, mask in parts)


@dataclass(frozen=True)
class _Cell:
    """One step, forward and backward. `kept`: what the backward step needs besides the states before the step."""

    activation: str
    inner_activation: str
    gates: ClassVar[int]
    states: ClassVar[int]
    more_inputs: ClassVar[int] = 0  # blocks of the inputs beyond those of the gates
    native: ClassVar[bool] = True  # whether there is a native kernel

    @property
    def inputs(self) -> int:
        """The number of blocks of the inputs."""
        return self.gates + self.more_inputs

    @property
    def functions(self):
        return _ACTIVATIONS[self.activation], _ACTIVATIONS[self.inner_activation]

    def seen(self, h, kept):
        """The left factors of U: pairs (array, number of gates that it is multiplied with)."""
        return [(h, self.gates)]

    def of_products(self, dz):
        """The gradients of the products h U, from those of the inputs."""
        return dz


class _SimpleRNN(_Cell):
    gates, states = 1, 1

    def forward(self, z, states, product):
        h = self.functions[0].of(z[0] + product(states[0])[0])
        return (h,), (h,)

    def backward(self, gradients, states, kept, product):
        dz = (gradients[0] * self.functions[0].slope(kept[0]),)
        return dz, (product.back(dz),)


class _GRU(_Cell):
    gates, states = 3, 1

    def forward(self, z, states, product):
        (h,), (activation, inner) = states, self.functions
        z, r, x = z[0], z[1], z[2]
        of_z, of_r = product(h, last=2)
        z, r = inner.of(z + of_z), inner.of(r + of_r)
        candidate = activation.of(x + product((r * h).astype(h.dtype), first=2)[0])
        return (z * h + (1 - z) * candidate,), (z, r, candidate)

    def backward(self, gradients, states, kept, product):
        (dh,), (h,), (z, r, candidate), (activation, inner) = gradients, states, kept, self.functions
        d_candidate = dh * (1 - z) * activation.slope(candidate)
        d_reset = product.back([d_candidate], first=2)  # of r h
        dz = dh * (h - candidate) * inner.slope(z), d_reset * h * inner.slope(r)
        return (*dz, d_candidate), (dh * z + d_reset * r + product.back(dz),)

    def seen(self, h, kept):
        return [(h, 2), ((kept[1] * h).astype(h.dtype), 1)]


class _GRUWithResetAfter(_Cell):
    """A GRU whose r applies to h U_h + b'; the inputs hold b' in a fourth block, which has that product's gradient."""

    gates, states, more_inputs, native = 3, 1, 1, False

    def forward(self, z, states, product):
        (h,), (activation, inner), (of_z, of_r, of_h) = states, self.functions, product(states[0])
        z, r, x, b = z
        z, r, reset = inner.of(z + of_z), inner.of(r + of_r), of_h + b
        candidate = activation.of(x + r * reset)
        return (z * h + (1 - z) * candidate,), (z, r, candidate, reset)

    def backward(self, gradients, states, kept, product):
        (dh,), (h,), (z, r, candidate, reset), (activation, inner) = gradients, states, kept, self.functions
        d_candidate = dh * (1 - z) * activation.slope(candidate)
        dz = dh * (h - candidate) * inner.slope(z), d_candidate * reset * inner.slope(r)
        return (*dz, d_candidate, d_candidate * r), (dh * z + product.back((*dz, d_candidate * r)),)

    def of_products(self, dz):
        units = dz.shape[-1] // self.inputs
        return jnp.concatenate([dz[..., : 2 * units], dz[..., 3 * units :]], axis=-1)


class _LSTM(_Cell):
    gates, states = 4, 2

    def forward(self, z, states, product):
        (h, c), (activation, inner) = states, self.functions
        i, f, u, o = [own + other for own, other in zip(z, product(h))]
        i, f, u, o = inner.of(i), inner.of(f), activation.of(u), inner.of(o)
        c = f * c + i * u
        return (o * activation.of(c), c), (i, f, u, o)

    def backward(self, gradients, states, kept, product):
        (dh, dc), (_, c), (i, f, u, o), (activation, inner) = gradients, states, kept, self.functions
        squashed = activation.of(f * c + i * u)
        dc = dc + dh * o * activation.slope(squashed)
        of_i, of_f, of_u = dc * u * inner.slope(i), dc * c * inner.slope(f), dc * i * activation.slope(u)
        dz = of_i, of_f, of_u, dh * squashed * inner.slope(o)
        return dz, (product.back(dz), dc * f)


_CELLS = {"SimpleRNN": _SimpleRNN, "GRU": _GRU, "GRU with reset_after": _GRUWithResetAfter, "LSTM": _LSTM}


def _choose(valid, news, olds):
    """Each array of `news`, in the type of its old one; samples that are not `valid` take the old values, `olds`."""
    news = [new.astype(old.dtype) for new, old in zip(news, olds)]
    return tuple(news if valid is None else [jnp.where(valid[:, None], *pair) for pair in zip(news, olds)])


def _forward(cell, z, U, states, valid, masks):
    """Return (h of all steps, last states), and what the backward pass needs."""
    product = _Product(U, cell.gates, masks)

    def step(states, now):
        z, valid = now
        news, kept = cell.forward(jnp.split(z, cell.inputs, axis=1), states, product)
        news = _choose(valid, news, states)
        return news, (news[0], states, kept)

    last, (h, before, kept) = scan_or_copies(step, states, (z, valid))
    return (h, last), (U, before, kept, valid, masks)


def _backward(cell, residuals, gradients):
    """The gradients of z, U and the states."""
    U, before, kept, valid, masks = residuals
    product = _Product(U, cell.gates, masks)

    def step(carry, now):
        dh, states, kept, valid = now
        carry = carry[0] + dh, *carry[1:]
        dz, news = cell.backward(carry, states, kept, product)
        nothing = [jnp.zeros(d.shape, U.dtype) for d in dz]
        return _choose(valid, news, carry), _choose(valid, dz, nothing)

    dh, last = gradients
    of_states, dz = lax.scan(step, last, (dh, before, kept, valid), reverse=True)
    dz = jnp.concatenate(dz, axis=-1)
    return dz, _gradient_of_U(cell, before[0], kept, dz, masks), of_states, None, None


def _gradient_of_U(cell, h, kept, dz, masks):
    """The gradient of U: h^T dz, summed over samples and steps; `cell.seen` gives h as each gate sees it."""
    seen, dz = cell.seen(h, kept), cell.of_products(dz)
    if masks is not None:
        each = [h for h, gates in seen for _ in range(gates)]
        seen = [(h * mask, 1) for h, mask in zip(each, masks)]
    units, parts, first = h.shape[-1], [], 0
    for h, gates in seen:
        gradient = dz[..., first * units : (first + gates) * units]
        parts.append(jnp.tensordot(h, gradient, ((0, 1), (0, 1))))  # merges no axes: a mesh may cut the samples
        first += gates
    return jnp.concatenate(parts, axis=1)


@with_gradient(constants=1)
def _loop(cell, z, U, states, valid, masks):
    return _forward(cell, z, U, states, valid, masks)[0]


_loop.defvjp(_forward, _backward)


def _by_loop(cell, z, U, states, valid, masks):
    """Return (outputs, last states), computed by loops of JAX. Arrays have samples first."""
    h, last = _loop(cell, _swapped(z), U, tuple(states), _swapped(valid), masks)
    return _swapped(h), jnp.stack(last)


def _swapped(x: Any) -> Any:
    """Swap samples and time."""
    return None if x is None else jnp.swapaxes(x, 0, 1)


@with_gradient(constants=1)
def _by_kernel(cell, z, U, states, valid, masks):
    """Return (outputs, last states), computed by a native kernel."""
    return native.forward(cell, z, U, states, valid, masks, keep=False)


@with_gradient(constants=1)
def _by_kernel_to_return(cell, z, U, states, valid, masks):
    """Return outputs, last states, and what the backward pass needs."""
    return native.forward(cell, z, U, states, valid, masks, keep=True)


def _kernel_forward(cell, *given):
    made = _by_kernel_to_return(cell, *given)
    return made, (given, made[2:])


def _kernel_backward(cell, residuals, gradients):
    return *_kernel_gradients(cell, residuals[0], residuals[1], gradients[:2]), None, None


@with_gradient(constants=1)
def _kernel_gradients(cell, given, kept, gradients):
    """The gradients of z, U and the states, from the arguments `given` and what the forward pass `kept`."""
    (_, U, _, valid, masks), (before, values) = given, kept
    dz, of_states = native.backward(cell, U, before, values, valid, masks, *gradients)
    masks = None if masks is None else masks[:, :, None]
    return dz, _gradient_of_U(cell, before[0], jnp.split(values, cell.gates, axis=-1), dz, masks), of_states


def _gradients_forward(cell, given, kept, gradients):
    return _kernel_gradients(cell, given, kept, gradients), (given, gradients)


def _gradients_backward(cell, residuals, seconds):
    (*arrays, valid, masks), gradients = residuals

    def firsts(arrays, gradients):
        return jax.vjp(lambda z, U, states: _by_loop(cell, z, U, states, valid, masks), *arrays)[1](tuple(gradients))

    of_arrays, of_gradients = jax.vjp(firsts, arrays, gradients)[1](tuple(seconds))
    return (*of_arrays, None, None), None, of_gradients


def _short_kernel_forward(cell, *given):
    made, residuals = _kernel_forward(cell, *given)
    return made[:2], residuals


_by_kernel.defvjp(_short_kernel_forward, _kernel_backward)
_by_kernel_to_return.defvjp(_kernel_forward, _kernel_backward)
_kernel_gradients.defvjp(_gradients_forward, _gradients_backward)


def _check(cell, z, U, states):
    units = len(U)
    if z.ndim != 3 or z.shape[2] != cell.inputs * units or U.shape[1:] != (cell.gates * units,):
        raise ValueError(
            f"K.fused_rnn expects inputs (samples, time, {cell.inputs} x units) and U (units, {cell.gates} x units) "
            f"for {cell.gates} gates; received shapes {z.shape} and {U.shape}"
        )
    if [state.shape for state in states] != [(z.shape[0], units)] * cell.states:
        raise ValueError(
            f"K.fused_rnn expects {cell.states} initial states of shape {(z.shape[0], units)}; received "
            f"{[state.shape for state in states]}"
        )


@op
def _fused(cell, inputs, U, initial_states, mask, dropout):
    kind = jnp.result_type(inputs, U, *initial_states)
    z, U, *states = [jnp.asarray(x, kind) for x in (inputs, U, *initial_states)]
    _check(cell, z, U, states)
    valid = None if mask is None else jnp.asarray(mask).reshape(z.shape[:2]) != 0
    masks = None if dropout is None else jnp.stack([jnp.asarray(one, kind) for one in dropout])
    walk = _by_kernel if cell.native and kernels.serve(z) and z.size else _by_loop
    outputs, last = walk(cell, z, U, jnp.stack(states), valid, masks)
    if valid is not None:  # the output before the first valid step is 0, whatever the state
        outputs = jnp.where(lax.cummax(valid.astype(jnp.int8), 1)[..., None], outputs, 0)
    return [outputs[:, -1], outputs, *last]


def fused_rnn(
    cell: str,
    inputs: TensorLike,
    U: TensorLike,
    initial_states: Iterable[TensorLike],
    activations: Sequence[str],
    mask: TensorLike | None = None,
    dropout: Sequence[TensorLike] | None = None,
) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
    """Run a SimpleRNN, GRU or LSTM over all steps, faster than `rnn`; return (last output, outputs, last states).

    `cell`: the name of the layer, or `'GRU with reset_after'`, which takes the bias of its last product as a fourth
    block of the inputs. `inputs`: (samples, time, gates x units), x W + b of all steps, the gates in the
    order of the layer's fused weights. `U`: (units, gates x units). `initial_states`: h, and for an LSTM
    also c, each (samples, units). `activations`: the names of the activation and of the inner activation, both from
    `FUSED_ACTIVATIONS`.
    `mask`: as for `rnn`. `dropout`: a mask of h for each gate, (samples, units), or None.
    """
    last, outputs, *states = _fused(_CELLS[cell](*activations), inputs, U, list(initial_states), mask, dropout)
    return last, outputs, states
