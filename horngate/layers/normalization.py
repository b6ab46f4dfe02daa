"""BatchNormalization."""

from horngate import backend as K
from horngate.backend import EraDefault
from horngate.backend.graph import Variable
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.attributes import Shapes
from horngate.engine.kinds import Hyperparameter, Initializer, InitialWeights, Regularizer
from horngate.engine.layer import InputSpec, Layer


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
        shift", 2015. As in Keras 1, the moving average is of var + epsilon, and files call it `running_std`.
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

    supports_masking = True
    uses_learning_phase = True
    full_precision = True

    def build(self, input_shape: Shapes) -> None:
        rank = len(input_shape)
        if self.mode != 1 and not -rank < self.axis < rank or self.axis == 0:
            raise ValueError(
                f"BatchNormalization {self.name}: axis must be an axis of features, from 1 to {rank - 1} or from -1 to "
                f"{1 - rank} for an input of shape {tuple(input_shape)}; received {self.axis}."
            )
        shape = (input_shape[-1 if self.mode == 1 else self.axis],)
        self._expect(InputSpec(ndim=len(input_shape)))
        axes = (meaning_of(-1 if self.mode == 1 else self.axis, len(input_shape)),)
        self.gamma: Variable = self.add_weight(
            shape, self.gamma_init, f"{self.name}_gamma", axes=axes, role="scale", regularizer=self.gamma_regularizer
        )
        self.beta: Variable = self.add_weight(
            shape, self.beta_init, f"{self.name}_beta", axes=axes, role="offset", regularizer=self.beta_regularizer
        )
        self.running_mean: Variable = self.add_weight(
            shape, "zero", f"{self.name}_running_mean", trainable=False, axes=axes, role="moving_mean"
        )
        self.running_variance: Variable = self.add_weight(
            shape, "one", f"{self.name}_running_std", trainable=False, axes=axes, role="moving_variance"
        )

    @property
    def running_std(self) -> Variable:
        """The name of `running_variance` in Keras 1."""
        return self.running_variance

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.mode == 1:
            deviation = K.sqrt(K.var(x, axis=-1, keepdims=True) + self.epsilon)
            return self.gamma * (x - K.mean(x, axis=-1, keepdims=True)) / (deviation + self.epsilon) + self.beta
        features = self.axis % K.ndim(x)
        others = [axis for axis in range(K.ndim(x)) if axis != features]
        y, mean, var = K.normalize_batch_in_training(x, self.gamma, self.beta, others, self.epsilon)
        if self.mode == 2:
            return y
        self.add_update(
            [
                K.moving_average_update(self.running_mean, mean, self.momentum),
                K.moving_average_update(self.running_variance, var + self.epsilon, self.momentum),
            ]
        )
        return K.in_train_phase(y, lambda: self._normalized_as_learned(x, features))

    def _normalized_as_learned(self, x, features):
        shape = [1] * K.ndim(x)
        shape[features] = -1
        spread = [K.reshape(p, shape) for p in (self.running_mean, self.running_variance, self.beta, self.gamma)]
        return K.batch_normalization(x, *spread, epsilon=self.epsilon)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return tuple(input_shape)


def meaning_of(axis, rank):
    """The word of engine/axes for the normalized axis of data with `rank` axes."""
    if axis % rank == rank - 1:
        return "features"
    return "channels" if axis % rank == 1 and rank > 3 else "steps"
