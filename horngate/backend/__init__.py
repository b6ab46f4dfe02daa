"""K: functions on tensors, alike for arrays and for symbolic tensors."""
from horngate.backend import compilation  # noqa: F401  the cache must be chosen before the first program
from horngate.backend.config import (  # noqa: F401
    EraDefault, backend, cast_to_floatx, conv_convention, epsilon, era, floatx, image_dim_ordering, set_conv_convention,
    set_epsilon, set_era, set_floatx, set_image_dim_ordering,
)
from horngate.backend.conv import (  # noqa: F401
    atrous_conv2d, conv1d, conv2d, conv3d, convolution, deconv2d, separable_conv2d, transposed_convolution,
)
from horngate.backend.ctc import (  # noqa: F401
    ctc_batch_cost, ctc_cost, ctc_create_skip_idxs, ctc_decode, ctc_interleave_blanks, ctc_label_dense_to_sparse,
    ctc_path_probs, ctc_update_log_p,
)
from horngate.backend.function import (  # noqa: F401
    Function, flatten_tree, function, gradients, learning_phase, set_learning_phase, within,
)
from horngate.backend.graph import Tensor, Variable, get_uid, op, random_op, reset_uids  # noqa: F401
from horngate.backend.nn import (  # noqa: F401
    batch_normalization, binary_crossentropy, categorical_crossentropy, elu, hard_sigmoid, in_top_k, l2_normalize,
    normalize_batch_in_training, relu, sigmoid, softmax, softplus, softsign, sparse_categorical_crossentropy, tanh,
)
from horngate.backend.ops import (  # noqa: F401
    abs, all, any, arange, argmax, argmin, batch_dot, batch_flatten, cast, clip, concatenate, cos, count_params, cumsum,
    dot, dtype, equal, exp, expand_dims, flatten, gather, greater, greater_equal, in_test_phase, in_train_phase,
    int_shape, is_explicit_shape, is_keras_tensor, lesser, lesser_equal, log, logsumexp, max, maximum, mean, min,
    minimum, ndim, normalize_axis, not_equal, one_hot, ones_like, pack, pattern_broadcast, permute_dimensions, pow,
    print_tensor, prod, repeat, repeat_elements, reshape, resize_repeat, reverse, round, shape, sign, sin, sqrt, square,
    squeeze, stack, std, stop_gradient, sum, switch, tile, transpose, var, zeros_like,
)
from horngate.backend.pool import pool2d, pool3d, pooling  # noqa: F401
from horngate.backend.random import (  # noqa: F401
    dropout, random_binomial, random_bits, random_normal, random_uniform,
)
from horngate.backend.recurrence import foldl, foldr, map_fn, rnn  # noqa: F401
from horngate.backend.spatial import (  # noqa: F401
    asymmetric_spatial_2d_padding, asymmetric_temporal_padding, layout, pad, pad_spatial, patches, product_by_position, resize, resize_images,
    resize_volumes, spatial_2d_padding, spatial_3d_padding, temporal_padding,
)
from horngate.backend.state import (  # noqa: F401
    batch_get_value, batch_set_value, clear_session, eval, eye, get_session, get_value, get_variable_shape, is_sparse,
    legacy_weight_ordering, manual_variable_initialization, moving_average_update, ones, placeholder,
    random_normal_variable, random_uniform_variable, set_legacy_weight_ordering, set_session, set_value, to_dense,
    update, update_add, update_sub, variable, zeros,
)
