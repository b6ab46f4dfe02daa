"""BatchNormalization."""

import math
from typing import Any, ClassVar

from horngate.backend import EraDefault
from horngate.engine.for_layers import InputSpec, K, Layer, OfEra, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import Constraint, Hyperparameter, Initializer, InitialWeights, Regularizer


class BatchNormalization(Layer):
    """Normalizes activations to mean 0 and variance 1, then applies a learned scale and offset.

    y = gamma * (x - mean) / sqrt(var + epsilon) + beta, where mean and var are

    - mode 0: those of each feature over the batch in training, and their moving averages in testing;
    - mode 1: those of each sample over its last axis; here the denominator is sqrt(var + epsilon) + epsilon;
    - mode 2: those of each feature over the batch, in testing too. Such a layer may be shared.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Raises
        ValueError: for another mode, or where the size of the features' axis is unknown.

    # Source
        Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
        shift", 2015. As in Keras 1, the moving average is of var + epsilon, and files call it `running_std`; in the
        eras of Keras 2 and 3 it is of var, in 2 of var n / (n - 1 - epsilon) for n numbers. In that of Keras 3, masked
        steps are left out of the statistics, and a layer that is not trainable uses its averages in training too.
    """

    epsilon: float = argument(
        "the number added to the variance. 1e-6 in Keras 1.0, 1e-3 in 1.2",
        default=EraDefault("batch_norm_epsilon"),
        above=0,
    )
    mode: int = argument("see above", default=0, choices=(0, 1, 2))
    axis: int = argument("axis of the features in modes 0 and 2: 1 for images with channels first", default=-1)
    momentum: Hyperparameter = argument(
        "of the moving averages, average = momentum * average + (1 - momentum) * value",
        default=EraDefault("batch_norm_momentum"),
        at_least=0,
        at_most=1,
    )
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    beta_init: Initializer = argument(default="zero")
    gamma_init: Initializer = argument(default="one")
    gamma_regularizer: Regularizer = argument(default=None)
    beta_regularizer: Regularizer = argument(default=None)
    center: bool = argument("whether beta is added", default=True, kw_only=True, later=True)
    scale: bool = argument("whether to multiply by gamma", default=True, kw_only=True, later=True)
    moving_mean_initializer: Initializer = argument(
        "how the average of the means begins", default="zero", kw_only=True, later=True
    )
    moving_variance_initializer: Initializer = argument(
        "how the average of the variances begins", default="one", kw_only=True, later=True
    )
    beta_constraint: Constraint = argument(default=None, kw_only=True, later=True)
    gamma_constraint: Constraint = argument(default=None, kw_only=True, later=True)
    renorm: bool = argument(
        "must be False: horngate does not correct batches by the averages", default=False, kw_only=True, later=True
    )
    renorm_clipping: Any = argument("must be None, like `renorm`", default=None, kw_only=True, later=True)
    renorm_momentum: float = argument("must be 0.99, like `renorm`", default=0.99, kw_only=True, later=True)
    synchronized: bool = argument(
        "both values mean the same: on several devices, statistics are those of the whole batch",
        default=False,
        kw_only=True,
        later=True,
    )

    supports_masking = True
    uses_learning_phase = True
    full_precision = True
    moving_variance_plus_epsilon: ClassVar[Any] = OfEra("moving_variance_plus_epsilon")
    moving_variance_unbiased: ClassVar[Any] = OfEra("moving_variance_unbiased")
    batch_norm_masks: ClassVar[Any] = OfEra("batch_norm_masks")
    frozen_batch_norm_tests: ClassVar[Any] = OfEra("frozen_batch_norm_tests")
    frozen_batch_norm_updates: ClassVar[Any] = OfEra("frozen_batch_norm_updates")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.renorm or self.renorm_clipping is not None or self.renorm_momentum != 0.99:
            raise ValueError(
                "BatchNormalization, argument 'renorm': batches are not corrected by the averages here; leave it out, "
                "with renorm_clipping and renorm_momentum."
            )

    def build(self, input_shape: Shapes) -> None:
        rank = len(input_shape)
        if self.mode != 1 and not -rank < self.axis < rank or self.axis == 0:
            raise ValueError(
                f"BatchNormalization {self.name}: axis must be an axis of features, from 1 to {rank - 1} or from -1 to "
                f"{1 - rank} for an input of shape {tuple(input_shape)}; received {self.axis}."
            )
        axis = -1 if self.mode == 1 else self.axis
        self._expect(InputSpec(ndim=rank))
        told: dict[str, Any] = {"shape": (input_shape[axis],), "axes": (meaning_of(axis, rank),)}
        self.gamma: Variable | None = None
        if self.scale:
            rules = {"regularizer": self.gamma_regularizer, "constraint": self.gamma_constraint}
            self.gamma = self._weight("gamma", self.gamma_init, "scale", **rules, **told)
        self.beta: Variable | None = None
        if self.center:
            rules = {"regularizer": self.beta_regularizer, "constraint": self.beta_constraint}
            self.beta = self._weight("beta", self.beta_init, "offset", **rules, **told)
        told["trainable"] = False
        self.running_mean: Variable = self._weight("running_mean", self.moving_mean_initializer, "moving_mean", **told)
        self.running_variance: Variable = self._weight(
            "running_std", self.moving_variance_initializer, "moving_variance", **told
        )

    def _weight(self, name, initializer, role, **told):
        return self.add_weight(initializer=initializer, name=f"{self.name}_{name}", role=role, **told)

    @property
    def running_std(self) -> Variable:
        """The name of `running_variance` in Keras 1."""
        return self.running_variance

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.mode == 1:
            deviation = K.sqrt(K.var(x, axis=-1, keepdims=True) + self.epsilon)
            return self._finished((x - K.mean(x, axis=-1, keepdims=True)) / (deviation + self.epsilon))
        features = self.axis % K.ndim(x)
        if self.frozen_batch_norm_tests and not self.trainable:
            return self._normalized_as_learned(x, features)
        y, mean, var = self._normalized_as_seen(x, features, mask if self.batch_norm_masks else None)
        if self.mode == 2 or not (self.trainable or self.frozen_batch_norm_updates):
            return y
        seen = var + self.epsilon if self.moving_variance_plus_epsilon else var
        if self.moving_variance_unbiased:
            count = math.prod(x.shape) / x.shape[features]
            seen = var * count / (count - (1.0 + self.epsilon))
        averaged = ((self.running_mean, mean), (self.running_variance, seen))
        self.add_update([K.moving_average_update(*pair, self.momentum) for pair in averaged])
        return K.in_train_phase(y, lambda: self._normalized_as_learned(x, features))

    def _finished(self, x):
        """Scale by gamma and add beta, along the last axis."""
        x = x if self.gamma is None else self.gamma * x
        return x if self.beta is None else x + self.beta

    def _normalized_as_seen(self, x, features, mask):
        """Normalize by the statistics of the batch; returns also these, taken over the steps of the mask."""
        others = [axis for axis in range(K.ndim(x)) if axis != features]
        if mask is None:
            return K.normalize_batch_in_training(x, self.gamma, self.beta, others, self.epsilon)
        counts = K.reshape(K.cast(mask, K.dtype(x)), (*mask.shape, *(1,) * (K.ndim(x) - K.ndim(mask))))
        counts = counts * K.ones_like(x)
        total = K.sum(counts, axis=others) + K.epsilon()
        mean = K.sum(counts * x, axis=others) / total
        spread = self._along(features, K.ndim(x))
        var = K.sum(counts * K.square(x - spread(mean)), axis=others) / total
        parts = [spread(part) for part in (mean, var, self.beta, self.gamma)]
        return K.batch_normalization(x, *parts, epsilon=self.epsilon), mean, var

    def _along(self, features, rank):
        """Return a function that lays a weight along the axis `features`."""
        shape = [1] * rank
        shape[features] = -1
        return lambda part: None if part is None else K.reshape(part, shape)

    def _normalized_as_learned(self, x, features):
        spread = self._along(features, K.ndim(x))
        parts = [spread(p) for p in (self.running_mean, self.running_variance, self.beta, self.gamma)]
        return K.batch_normalization(x, *parts, epsilon=self.epsilon)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return tuple(input_shape)


def meaning_of(axis, rank):
    """The word of engine/axes for the normalized axis of data with `rank` axes."""
    if axis % rank == rank - 1:
        return "features"
    return "channels" if axis % rank == 1 and rank > 3 else "steps"
