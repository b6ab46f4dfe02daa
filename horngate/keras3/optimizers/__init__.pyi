"""`optimizers` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.optimizers import schedules as schedules

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.optimizers

class Adafactor(Optimizer, horngate.optimizers.Adafactor):
    r"""Adam without m, whose v is kept as a mean for each row and each column: little memory for large matrices."""
    def __init__(self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30, epsilon_2: float = 0.001, clip_threshold: float = 1.0, relative_step: bool = True, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_2_decay: Any
        clip_threshold: Any
        epsilon_1: Any
        epsilon_2: Any
        relative_step: Any
class AdamW(Adam, horngate.optimizers.AdamW):
    r"""Adam whose weight decay is apart from the gradient: p' = (1 - lr weight_decay) p - Adam's step."""
    def __init__(self, learning_rate: Any = 0.001, weight_decay: float = 0.004, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float = 1e-07, amsgrad: bool = False, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
class Ftrl(Optimizer, horngate.optimizers.Ftrl):
    r"""Follow the regularized leader: weights of sparse linear models that are exactly zero where l1 is large."""
    def __init__(self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta: Any
        initial_accumulator_value: Any
        l1_regularization_strength: Any
        l2_regularization_strength: Any
        l2_shrinkage_regularization_strength: Any
        learning_rate_power: Any
class Lamb(Optimizer, horngate.optimizers.Lamb):
    r"""p' = p - lr |p| / |u| u for Adam's direction u = (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        epsilon: Any
class Lion(Optimizer, horngate.optimizers.Lion):
    r"""p' = p - lr sign(b1 m + (1 - b1) g), m' = b2 m + (1 - b2) g. Its rate is a third to a tenth of Adam's."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.99, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
class LossScaleOptimizer(Optimizer, horngate.optimizers.LossScaleOptimizer):
    r"""Another optimizer, on a loss that is multiplied so that small gradients survive in 16 bits."""
    def __init__(self, inner_optimizer: Any, initial_scale: float = 32768.0, dynamic_growth_steps: int = 2000, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        def check_finite(self, grads) -> Any: ...
        dynamic_growth_steps: Any
        dynamic_scale: Any
        initial_scale: Any
        inner_optimizer: Any
        iterations: Any
        loss_scale: Any
        lr: Any
        step_counter: Any
        use_ema: Any
        weights: Any
class MultiOptimizer(Optimizer, horngate.optimizers.MultiOptimizer):
    r"""Several optimizers, each of which steps the variables that it is given."""
    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        iterations: Any
        loss_scale: Any
        loss_scale_factor: Any
        optimizer_map: Any
        optimizers: Any
        updates: Any
        weights: Any
class Muon(Optimizer, horngate.optimizers.Muon):
    r"""Steps of matrices whose singular values are made equal: m' = momentum m + g, p' = p - lr s O(m')."""
    def __init__(self, learning_rate: Any = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999, adam_weight_decay: float = 0.004, epsilon: float = 1e-07, weight_decay: float = 0.004, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, exclude_layers: Any = None, exclude_embeddings: bool = True, muon_a: float = 3.4445, muon_b: float = -4.775, muon_c: float = 2.0315, adam_lr_ratio: float = 1.0, momentum: float = 0.95, ns_steps: int = 5, nesterov: bool = True, rms_rate: float = 0.2, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        adam_beta_1: Any
        adam_beta_2: Any
        adam_lr_ratio: Any
        adam_weight_decay: Any
        epsilon: Any
        exclude_embeddings: Any
        exclude_layers: Any
        def lr_adjust(self, x) -> Any: ...
        momentum: Any
        muon_a: Any
        muon_b: Any
        muon_c: Any
        nesterov: Any
        ns_steps: Any
        rms_rate: Any
        def transpose_last_axis(self, X) -> Any: ...
        def zeropower_via_newtonschulz5(self, x, steps) -> Any: ...
class OptimizerMap(horngate.optimizers.OptimizerMap):
    r"""Optimizers by patterns for the `path` of variables: `OptimizerMap(SGD(), {'encoder/.*': Adam()})`."""
    def __init__(self, default_optimizer: Any, optimizer_map: dict[str, Any] | None = None) -> None: ...
    if not TYPE_CHECKING:
        default_optimizer: Any
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        def values(self) -> list[Any]: ...
class ScheduleFreeAdamW(Optimizer, horngate.optimizers.ScheduleFreeAdamW):
    r"""Adam whose weights are an average of all its steps, so that no schedule is needed."""
    def __init__(self, learning_rate: Any = 0.0025, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float = 1e-08, warmup_steps: float = 0, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        epsilon: Any
        warmup_steps: Any
def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any: ...
def serialize(optimizer: Any) -> dict[str, Any]: ...
class Adadelta(Optimizer, horngate.optimizers.Adadelta):
    r"""a' = rho a + (1 - rho) g^2, u = g sqrt(d + epsilon) / sqrt(a' + epsilon), p' = p - lr u."""
    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        epsilon: Any
        rho: Any
class Adagrad(Optimizer, horngate.optimizers.Adagrad):
    r"""a' = a + g^2, p' = p - lr g / (sqrt(a') + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        epsilon: Any
        initial_accumulator_value: Any
class Adam(Optimizer, horngate.optimizers.Adam):
    r"""m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - r m' / (sqrt(v') + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float | None = 1e-07, amsgrad: bool = False, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        amsgrad: Any
        beta_1: Any
        beta_2: Any
        decay: Any
        epsilon: Any
class Adamax(Optimizer, horngate.optimizers.Adamax):
    r"""m' = b1 m + (1 - b1) g, u' = max(b2 u, |g|), p' = p - lr / (1 - b1^t) m' / (u' + epsilon)."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        decay: Any
        epsilon: Any
class Nadam(Optimizer, horngate.optimizers.Nadam):
    r"""Adam with Nesterov momentum and a warming momentum schedule mu_t = b1 (1 - 0.96^(t schedule_decay) / 2)."""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: float | None = 1e-07, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        beta_1: Any
        beta_2: Any
        epsilon: Any
        def momentum(self, h, t) -> Any: ...
        schedule_decay: Any
class Optimizer(horngate.optimizers.Optimizer):
    r"""Computes new weights from gradients."""
    def __init__(self, learning_rate: Any = None, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
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
        def get_updates(self, params=None, constraints=None, loss=None) -> list[tuple[Any, Any]]: ...
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
    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.9, momentum: float = 0.0, epsilon: float | None = 1e-07, centered: bool = False, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        centered: Any
        decay: Any
        epsilon: Any
        momentum: Any
        rho: Any
class SGD(Optimizer, horngate.optimizers.SGD):
    r"""Gradient descent: v' = momentum v - lr g, p' = p + v'; with nesterov p' = p + momentum v' - lr g."""
    def __init__(self, learning_rate: Any = 0.01, momentum: Any = 0.0, nesterov: bool = False, weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float | None = None, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | str | None = None, gradient_accumulation_steps: int | None = None, *, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        decay: Any
        momentum: Any
        nesterov: Any
def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Any: ...
