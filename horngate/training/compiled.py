"""Compiled: what `compile` and training set on a model, its copy, and the averages of its weights."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from horngate import backend as K
from horngate.backend.graph import Tensor, Variable
from horngate.backend.mesh import Distribution, Layout, chosen
from horngate.backend.notices import remark, warn
from horngate.backend.orders import answers_to, dialect
from horngate.engine.arguments import Configured, changes
from horngate.engine.names import is_ours
from horngate.engine.sublayers import with_sublayers
from horngate.training.layouts import layout_for
from horngate.training.objective import Objective
from horngate.training.spec import Spec
from horngate.training.step import Steps

TO_COMPILE = ("loss", "loss_weights", "sample_weight_mode", "weighted_metrics")
LATER_METHODS = "train_step test_step predict_step compute_loss compute_metrics get_metrics_result reset_metrics "
LATER_METHODS += "compiled get_compile_config compile_from_config export get_state_tree set_state_tree "
LATER_METHODS += "stateless_compute_loss quantize"


def compile_as_told(model: Any, **told: Any) -> bool:
    """Compile `model` by the arguments in a file; return False, and tell, if its class takes others."""
    told = {name: item for name, item in told.items() if item is not None or name == "loss"}
    try:
        inspect.signature(model.compile).bind(**told)
    except TypeError:
        warn(
            f"{model.name} is loaded without its optimizer, since compile of {type(model).__name__} takes other "
            "arguments than the file tells. Call it before training."
        )
        return False
    model.compile(**told)
    return True


OF_KERAS_2 = "targets sample_weights train_function test_function predict_function metrics_tensors metrics_updates "
OF_KERAS_2 += (
    "loss_functions _feed_inputs _feed_input_names _feed_input_shapes _feed_targets _feed_sample_weights _feed_outputs "
)
OF_KERAS_2 += "_feed_output_names _feed_output_shapes _feed_loss_fns _feed_sample_weight_modes loss_weights_list "
OF_KERAS_2 += "sample_weight_modes _function_kwargs _uses_dynamic_learning_phase _standardize_user_data "
OF_KERAS_2 += "_check_trainable_weights_consistency _is_graph_network _layers _input_layers "
OF_KERAS_2 += "_output_layers"


@answers_to(LATER_METHODS, "keras3.models")
class Compiled:
    """The attributes set by `compile` and by training; each model has its own."""

    is_chain: bool = False  # whether its layers are a chain, which computes the output
    optimizer: Any = None  # an optimizer of the library or the user, or the wrapper of an optax transformation
    loss: Any  # this and the following attributes: the arguments of `compile`
    loss_weights: Any
    sample_weight_mode: Any
    weighted_metrics: Any
    class_mode: str | None
    stop_training: bool = False
    history: Any
    validation_data: Any = None
    accuracy_asked: bool = False  # for this and the next, see `accuracy_on_request`
    names_compiled: list[str] | None = None
    objective: Any  # an `Objective`; None if layers have changed since `compile`
    _collected_trainable_weights: list[Variable]
    _objective_outputs: tuple[Objective, list[Tensor]]
    _layout: Layout | None = None  # the layout of its arrays on several devices
    _followed: Distribution | None = None  # the distribution of a model that was never compiled
    _kept_spec: Spec | None = None
    _kept_steps: Steps | None = None
    _waits: bool = False  # whether the shapes of its inputs are not known yet: the first data tell
    _to_compile: dict[str, Any] | None = None  # what `compile` was told before that

    if TYPE_CHECKING:  # a member of `Model`

        @property
        def steps(self) -> Steps: ...
        @property
        def weights(self) -> list[Variable]: ...
        @property
        def trainable_weights(self) -> list[Variable]: ...

        name: str
        _era: Any

        def _begin_on(self, inputs: Any) -> None: ...

    def measure_anew(self) -> None:
        """Make the programs anew, since the objective measures more."""
        vars(self).pop("_objective_outputs", None)
        self.steps.forget()

    def _parts(self):
        """Return the layers, the optimizer, what these hold, such as regularizers, and the losses and metrics."""
        owners = [*with_sublayers(self), *([self.optimizer] if self.optimizer is not None else [])]
        held = [value for owner in owners for value in vars(owner).values() if isinstance(value, Configured)]
        given = [getattr(self, name, None) for name in ("loss", "metrics_given", "weighted_metrics")]
        return [*owners, *held, *K.flatten_tree(given)[0]]

    def _heed_changes(self, steps: Steps) -> None:
        """Make the programs anew if arguments of what `_parts` names have been set since."""
        changed, steps.seen = changes.since(steps.seen, self._parts()), changes.count
        if changed:
            before = steps.made.get("train")
            self.measure_anew()
            if before is not None:
                before.successor = now = steps["train"]
                function = now.function
                function.root, function.calls = before.function.root, before.function.calls

    def _warn_of_freezing(self):
        """Warn if layers were frozen or unfrozen since `compile`: that takes effect with the next `compile`."""
        changed = set(self._collected_trainable_weights) ^ set(self.trainable_weights)
        if changed:
            names = ", ".join(sorted(weight.label for weight in changed)[:3])
            remark(
                f"{self.name}: `trainable` has changed since compile, for {names} among others. This training still "
                "changes the weights that compile found; call compile again to train those of now."
            )

    @property
    def metrics_given(self) -> Any:
        """The metrics that `compile` was told."""
        return vars(self).get("metrics", [])

    @property
    def metrics(self) -> Any:
        """The metrics of `compile`; in Keras 3, objects that tell what was measured last."""
        if self._era.generation != "3":
            return self.metrics_given
        from horngate.training.reported import reported  # deferred: metrics as objects are imported late

        return reported(self)

    @metrics.setter
    def metrics(self, value: Any) -> None:
        vars(self)["metrics"] = value

    def state_of_training(self) -> dict[str, Any] | None:
        """Return the arrays of the optimizer and the random state; None for a model that is not compiled."""
        if getattr(self, "objective", None) is None:
            return None
        function = self.steps["train"].function if "train" in self.steps.made else None
        return {
            "slots": [weight.get_value() for weight in self.optimizer.weights],
            "random": None if function is None else (function.root, function.calls),
        }

    def _own_step(self):
        """Return the step of a `train_function` of the program's own; None if it has none."""
        told = vars(self).get("train_function") is not None or not is_ours(type(self))
        return dialect("keras2.step_functions").own_step(self) if told else None

    def _heed_own_function(self):
        """Make the step anew if the program has set another `train_function` since."""
        made = self.steps.made.get("train")
        if made is not None and getattr(made, "own", None) is not vars(self).get("train_function"):
            self.steps.forget("train")

    def _follow_mesh(self) -> None:
        """Let a model that was never compiled predict on the current mesh."""
        if (distribution := chosen()) is self._followed:
            return
        self._followed, self._layout, self._kept_spec = distribution, layout_for(self), None
        if self._layout is not None:  # weights that are split because another model trains them stay so
            self._layout.leave(self.weights)
        self.steps.forget("predict")

    @contextlib.contextmanager
    def averaged_weights(self) -> Iterator[Self]:
        """Within the block, the weights are their moving averages; see the optimizers' `ema_momentum`."""
        averages = getattr(self.optimizer, "averages", None)
        if not averages:
            raise ValueError(
                "averaged_weights: no averages are kept. Compile with an optimizer such as "
                "SGD(ema_momentum=0.999), and train."
            )
        kept = [(weight, weight.get_value()) for weight, _ in averages]
        try:
            for weight, average in averages:
                weight.set_value(average.get_value())
            yield self
        finally:
            for weight, value in kept:
                weight.set_value(value)
