"""The import path of `Model` and its data functions in Keras 1; they are defined in `horngate.training`."""

from horngate.training.arrays import (  # noqa: F401
    batch_shuffle,
    check_array_lengths,
    check_loss_and_target_compatibility,
    make_batches,
    slice_X,
    standardize_class_weights,
    standardize_input_data,
    standardize_sample_or_class_weights,
    standardize_sample_weights,
    standardize_weights,
)
from horngate.training.by_output import collect_metrics  # noqa: F401
from horngate.training.model import Model, collect_trainable_weights  # noqa: F401
from horngate.training.objective import weighted_objective  # noqa: F401
from horngate.training.queue import GeneratorEnqueuer, generator_queue  # noqa: F401
