"""`optimizers` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.optimizers

class TFOptimizer(Optimizer, horngate.optimizers.TFOptimizer):
    r"""Any optax transformation as an optimizer: p' = p + update(g)."""
    def __init__(self, optimizer: Any, clipnorm: float | None = None, global_clipnorm: float | None = None, clipvalue: float | None = None, gradient_accumulation_steps: int | None = None, weight_decay: float | None = None, use_ema: bool = False, ema_overwrite_frequency: int | None = None, ema_momentum: float | None = None, loss_scale: float | str | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        optimizer: Any
        weights: Any
def clip_norm(g: Any, c: float, n: Any) -> Any: ...
class Adadelta(Optimizer, horngate.optimizers.Adadelta):
    r"""a' = rho a + (1 - rho) g^2, u = g sqrt(d + epsilon) / sqrt(a' + epsilon), p' = p - lr u."""
    def __init__(self, learning_rate: Any = 1.0, rho: float = 0.95, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        epsilon: Any
        lr: Any
        rho: Any
class Adagrad(Optimizer, horngate.optimizers.Adagrad):
    r"""a' = a + g^2, p' = p - lr g / (sqrt(a') + epsilon)."""
    def __init__(self, learning_rate: Any = 0.01, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        epsilon: Any
        initial_accumulator_value: Any
        lr: Any
class Adam(Optimizer, horngate.optimizers.Adam):
    r"""m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - r m' / (sqrt(v') + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, amsgrad: bool = False, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        amsgrad: Any
        beta_1: Any
        beta_2: Any
        decay: Any
        epsilon: Any
        lr: Any
class Adamax(Optimizer, horngate.optimizers.Adamax):
    r"""m' = b1 m + (1 - b1) g, u' = max(b2 u, |g|), p' = p - lr / (1 - b1^t) m' / (u' + epsilon)."""
    def __init__(self, learning_rate: Any = 0.002, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        decay: Any
        epsilon: Any
        lr: Any
class Nadam(Optimizer, horngate.optimizers.Nadam):
    r"""Adam with Nesterov momentum and a warming momentum schedule mu_t = b1 (1 - 0.96^(t schedule_decay) / 2)."""
    def __init__(self, learning_rate: Any = 0.002, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        epsilon: Any
        lr: Any
        def momentum(self, h, t) -> Any: ...
        schedule_decay: Any
class Optimizer(horngate.optimizers.Optimizer):
    r"""Computes new weights from gradients."""
    def __init__(self, learning_rate: Any = None, clipnorm: float | None = None, global_clipnorm: float | None = None, clipvalue: float | None = None, gradient_accumulation_steps: int | None = None, weight_decay: float | None = None, use_ema: bool = False, ema_overwrite_frequency: int | None = None, ema_momentum: float | None = None, loss_scale: float | str | None = None, *, name: str | None = None) -> None: ...
    def get_updates(self, loss: Any = None, params: Any = None) -> list[tuple[Any, Any]]: ...
    if not TYPE_CHECKING:
        def add_variable(self, shape, initializer='zeros', dtype=None, aggregation='none', layout=None, name=None) -> Any: ...
        def add_variable_from_reference(self, reference_variable, name=None, initializer='zeros') -> Any: ...
        def apply(self, grads, trainable_variables=None) -> None: ...
        def apply_gradients(self, grads_and_vars, name=None) -> None: ...
        def assign(self, variable, value) -> None: ...
        def assign_add(self, variable, value) -> None: ...
        def assign_sub(self, variable, value) -> None: ...
        def build(self, variables=None, var_list=None) -> None: ...
        built: Any
        clipnorm: Any
        clipvalue: Any
        ema_momentum: Any
        ema_overwrite_frequency: Any
        def exclude_from_weight_decay(self, var_list=None, var_names=None) -> None: ...
        def finalize_variable_values(self, var_list=None) -> None: ...
        finite: Any
        def first(self, slot, p) -> Any: ...
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        def get_gradients(self, loss, params) -> list[Any]: ...
        def get_scaled_loss(self, loss) -> Any: ...
        def get_state(self) -> list[Any]: ...
        def get_unscaled_gradients(self, grads) -> list[Any]: ...
        def get_weights(self) -> list[Any]: ...
        global_clipnorm: Any
        gradient_accumulation_steps: Any
        hyperparameters: Any
        learning_rate: Any
        def load_own_variables(self, store) -> None: ...
        loss_scale: Any
        lr: Any
        def minimize(self, loss, var_list=None, tape=None, name=None) -> None: ...
        name: Any
        def next_shared(self, h, t) -> tuple[Any, ...]: ...
        def save_own_variables(self, store) -> None: ...
        def scale_loss(self, loss) -> Any: ...
        def set_state(self, weights) -> None: ...
        def set_weights(self, weights) -> None: ...
        shared: Any
        slots: Any
        def slots_used(self) -> tuple[str, ...]: ...
        def stateless_apply(self, optimizer_variables, grads, trainable_variables) -> tuple[Any, Any]: ...
        def step(self, p, g, slots, h, t) -> tuple[Any, tuple[Any, ...]]: ...
        def update_step(self, gradient, variable, learning_rate) -> None: ...
        updates: Any
        use_ema: Any
        variables: Any
        weight_decay: Any
        weights: Any
class RMSprop(Optimizer, horngate.optimizers.RMSprop):
    r"""a' = rho a + (1 - rho) g^2, p' = p - lr g / (sqrt(a') + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.9, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        centered: Any
        decay: Any
        epsilon: Any
        lr: Any
        momentum: Any
        rho: Any
class SGD(Optimizer, horngate.optimizers.SGD):
    r"""Gradient descent: v' = momentum v - lr g, p' = p + v'; with nesterov p' = p + momentum v' - lr g."""
    def __init__(self, learning_rate: Any = 0.01, momentum: Any = 0.0, nesterov: bool = False, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        lr: Any
        momentum: Any
        nesterov: Any
def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Any: ...
