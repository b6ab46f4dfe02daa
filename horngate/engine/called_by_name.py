"""Layers that are called on several named tensors, such as query, value and masks, and with options."""

from typing import Any, ClassVar

from horngate.backend.types import TensorLike
from horngate.engine.attributes import Shapes
from horngate.engine.forms import Form, form_of, written
from horngate.engine.layer import Layer
from horngate.engine.node import to_list


class CalledByName(Layer):
    """Base of layers whose formula `compute` takes tensors by name, and options, which are plain data.

    A subclass defines `compute`, and a `__call__` that passes its arguments to `call_by_name`. The graph sees a call on
    a list of tensors, with a `Form` that holds the names and options; files keep the form. The mask of a tensor `x` is
    passed to `compute` as `x_mask`.

    `tensors`: names of the tensors, in the order in which a list of them is read. `options`: names of the options.
    """

    tensors: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[str, ...]] = ()
    compute: ClassVar[Any]  # a method of the subclass; its arguments differ from class to class

    def call_by_name(self, given: dict[str, Any], options: dict[str, Any], training: Any = None) -> TensorLike:
        """Call the layer on the tensors in `given` that are not None, with `options`."""
        first = next(iter(given))
        if isinstance(given[first], (list, tuple)):  # as other layers take several tensors
            given = self._spread(first, given)
        tensors = {name: x for name, x in given.items() if x is not None}
        symbols = [name for name, x in tensors.items() if hasattr(x, "_keras_mask")]
        if symbols and len(symbols) < len(tensors):
            name = next(name for name in tensors if name not in symbols)
            raise TypeError(
                f"{type(self).__name__} {self.name}: {name} is {type(tensors[name]).__name__}, and {symbols[0]} is a "
                f"symbol. Give {name} as an Input, or call the layer within the call of a layer of your own."
            )
        form = Form(tuple(tensors), {name: value for name, value in options.items() if value})
        with written(self, form):
            return super().__call__(list(tensors.values()), training=training)

    def _spread(self, first, given):
        """Name the tensors of a list that stands in the place of the tensor `first`."""
        tensors, more = given[first], [name for name, x in given.items() if name != first and x is not None]
        if more or not 0 < len(tensors) <= len(self.tensors):
            raise TypeError(
                f"{type(self).__name__} {self.name}: a list holds 1 to {len(self.tensors)} tensors, "
                f"{', '.join(self.tensors)}, and stands alone; received {len(tensors)}"
                f"{' beside ' + more[0] if more else ''}."
            )
        return dict(zip(self.tensors, tensors))

    def call_in(self, form: Form, tensors: list[Any], masks: list[Any] | None = None) -> TensorLike:
        """Call the layer on `tensors` and their `masks` in the form `form` of an earlier call.

        Raises ValueError if the form, which may come from a file, holds names that the layer does not know.
        """
        if unknown := [*set(form.names) - set(self.tensors), *form.options.keys() - set(self.options)]:
            raise ValueError(
                f"{type(self).__name__} {self.name}: a call takes {', '.join((*self.tensors, *self.options))}; "
                f"received {unknown[0]!r}."
            )
        with written(self, form):
            return super().__call__(tensors, masks, form.training)

    def _names(self, count):
        form = form_of(self)
        return form.names if form and form.names else self.tensors[:count]

    def named(self, items: Any) -> dict[str, Any]:
        """Return name -> item for the tensors of the call; `items` holds one item, such as a shape, for each."""
        items = items if isinstance(items, list) else [items]
        return dict(zip(self._names(len(items)), items))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        form, given = form_of(self), self.named(to_list(x))
        carried = {f"{name}_mask": m for name, m in self.named(to_list(mask)).items() if m is not None}
        options = form.options if form else {}
        masks = {name: m for name, m in carried.items() if name in self.tensors}
        return self.compute(**{**masks, **given}, **options)  # a mask that is given replaces the one that is carried

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        form, of_query = form_of(self), self.named(to_list(input)).get("query_mask", to_list(mask)[0])
        return [of_query, None] if form and form.options.get("return_attention_scores") else of_query

    def told_shapes(self, input_shape: Shapes) -> dict[str, Any]:
        """Return name -> shape for the tensors of the call."""
        return self.named(input_shape)
