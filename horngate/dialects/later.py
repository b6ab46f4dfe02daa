"""Keras 2 and 3 by their names and words: what horngate has of each module, and the order that arguments have there."""

import functools

_IMAGE_NETWORKS = "decode_predictions preprocess_input"
_BOTH = {
    "": "Input:layers.Input Model:models.Model Sequential:models.Sequential",
    "activations": "elu get hard_sigmoid linear relu sigmoid softmax softplus softsign tanh",
    "applications": "InceptionV3 ResNet50 VGG16 VGG19 Xception",
    "applications.imagenet_utils": _IMAGE_NETWORKS,
    "applications.inception_v3": f"InceptionV3 {_IMAGE_NETWORKS}",
    "applications.resnet50": f"ResNet50 {_IMAGE_NETWORKS}",
    "applications.vgg16": f"VGG16 {_IMAGE_NETWORKS}",
    "applications.vgg19": f"VGG19 {_IMAGE_NETWORKS}",
    "applications.xception": f"Xception {_IMAGE_NETWORKS}",
    "backend": "backend cast_to_floatx clear_session epsilon floatx get_uid image_data_format is_keras_tensor "
    "set_epsilon set_floatx set_image_data_format",
    "callbacks": "CSVLogger Callback CallbackList EarlyStopping History LambdaCallback LearningRateScheduler "
    "ModelCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor TensorBoard TerminateOnNaN",
    "constraints": "Constraint MaxNorm MinMaxNorm NonNeg UnitNorm get max_norm:MaxNorm min_max_norm:MinMaxNorm "
    "non_neg:NonNeg unit_norm:UnitNorm",
    "datasets": "",
    "datasets.boston_housing": "load_data",
    "datasets.cifar10": "load_data",
    "datasets.cifar100": "load_data",
    "datasets.imdb": "get_word_index load_data",
    "datasets.mnist": "load_data",
    "datasets.reuters": "get_word_index load_data",
    "initializers": "Constant Identity Initializer Ones Orthogonal RandomNormal RandomUniform TruncatedNormal Zeros "
    "constant get glorot_normal glorot_uniform he_normal he_uniform identity:Identity lecun_uniform:LecunUniform ones "
    "orthogonal:Orthogonal random_normal random_uniform truncated_normal:TruncatedNormal zeros",
    "layers": "Activation ActivityRegularization Add Average AveragePooling1D AveragePooling2D AveragePooling3D "
    "BatchNormalization Bidirectional Concatenate Conv1D Conv2D Conv2DTranspose Conv3D ConvLSTM2D Cropping1D "
    "Cropping2D Cropping3D Dense Dot Dropout ELU Embedding Flatten GRU GaussianDropout GaussianNoise "
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D "
    "GlobalMaxPooling3D Input InputLayer InputSpec LSTM Lambda Layer LeakyReLU Masking MaxPooling1D MaxPooling2D "
    "MaxPooling3D Maximum Minimum Multiply PReLU Permute RNN ReLU RepeatVector Reshape SeparableConv2D SimpleRNN "
    "Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D Subtract TimeDistributed UpSampling1D UpSampling2D "
    "UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D add average concatenate dot maximum minimum "
    "multiply subtract AvgPool1D AvgPool2D AvgPool3D Convolution1D Convolution2D Convolution3D GlobalAvgPool1D "
    "GlobalAvgPool2D GlobalMaxPool1D GlobalMaxPool2D MaxPool1D MaxPool2D MaxPool3D SeparableConvolution2D",
    "losses": "BinaryCrossentropy CategoricalCrossentropy Hinge KLDivergence Loss MeanAbsoluteError "
    "MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy "
    "SquaredHinge binary_crossentropy categorical_crossentropy get hinge mean_absolute_error "
    "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson "
    "sparse_categorical_crossentropy squared_hinge",
    "metrics": "binary_accuracy binary_crossentropy categorical_accuracy categorical_crossentropy get hinge "
    "mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson "
    "sparse_categorical_accuracy sparse_categorical_crossentropy squared_hinge top_k_categorical_accuracy",
    "models": "Model Sequential load_model model_from_json save_model",
    "optimizers": "Adadelta Adagrad Adam Adamax Nadam Optimizer RMSprop SGD get",
    "preprocessing": "",
    "preprocessing.image": "array_to_img img_to_array load_img",
    "preprocessing.sequence": "pad_sequences",
    "regularizers": "L1L2:L1L2Regularizer Regularizer get l1_l2:L1L2Regularizer",
    "utils": "CustomObjectScope Progbar Sequence custom_object_scope get_custom_objects get_file normalize plot_model "
    "to_categorical",
}
_MORE = {
    "2": {
        "backend": "abs all any arange argmax argmin batch_dot batch_flatten batch_get_value batch_normalization "
        "batch_set_value binary_crossentropy cast categorical_crossentropy clip concatenate conv1d conv2d conv3d cos "
        "count_params ctc_batch_cost ctc_decode ctc_label_dense_to_sparse cumsum dot dropout dtype elu equal eval exp "
        "expand_dims eye flatten foldl foldr function gather get_session get_value get_variable_shape gradients "
        "greater greater_equal hard_sigmoid image_dim_ordering in_test_phase in_top_k in_train_phase int_shape "
        "is_sparse l2_normalize learning_phase less:lesser less_equal:lesser_equal log logsumexp "
        "manual_variable_initialization map_fn max maximum mean min minimum moving_average_update ndim "
        "normalize_batch_in_training not_equal one_hot ones ones_like permute_dimensions placeholder pool2d pool3d "
        "pow print_tensor prod random_binomial random_normal random_normal_variable random_uniform "
        "random_uniform_variable relu repeat repeat_elements reset_uids reshape resize_images resize_volumes reverse "
        "rnn round separable_conv2d set_image_dim_ordering set_learning_phase set_session set_value shape sigmoid "
        "sign sin softmax softplus softsign sparse_categorical_crossentropy spatial_2d_padding spatial_3d_padding "
        "sqrt square squeeze stack std stop_gradient sum switch tanh temporal_padding tile to_dense transpose update "
        "update_add update_sub var variable zeros zeros_like",
        "callbacks": "BaseLogger",
        "datasets.cifar": "load_batch",
        "engine": "Input:layers.Input InputSpec:layers.InputSpec Layer:layers.Layer",
        "engine.topology": "Input InputLayer InputSpec Layer get_source_inputs",
        "layers": "LocallyConnected1D LocallyConnected2D ThresholdedReLU",
        "losses": "cosine_proximity kullback_leibler_divergence",
        "metrics": "cosine_proximity",
        "models": "model_from_config model_from_yaml",
        "optimizers": "TFOptimizer clip_norm",
        "preprocessing.image": "DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator",
        "preprocessing.sequence": "make_sampling_table skipgrams",
        "preprocessing.text": "Tokenizer one_hot text_to_word_sequence tokenizer_from_json",
        "regularizers": "l1:L1L2Regularizer/l1 l2:L1L2Regularizer/l2",
        "utils": "HDF5Matrix",
        "wrappers": "",
        "wrappers.scikit_learn": "BaseWrapper KerasClassifier KerasRegressor",
    },
    "3": {
        "": "Initializer:initializers.Initializer InputSpec:layers.InputSpec Layer:layers.Layer Loss:losses.Loss "
        "Optimizer:optimizers.Optimizer Regularizer:regularizers.Regularizer",
        "config": "backend:backend.backend epsilon:backend.epsilon floatx:backend.floatx "
        "image_data_format:backend.image_data_format set_epsilon:backend.set_epsilon set_floatx:backend.set_floatx "
        "set_image_data_format:backend.set_image_data_format",
        "initializers": "GlorotNormal GlorotUniform HeNormal HeUniform LecunUniform",
        "layers": "Rescaling",
        "losses": "kl_divergence:kullback_leibler_divergence",
        "metrics": "kl_divergence:kullback_leibler_divergence",
        "ops": "abs absolute add all allclose amax amin angle any append arange arccos arccosh arcsin arcsinh arctan "
        "arctan2 arctanh argmax argmin argpartition argsort array average bincount bitwise_and bitwise_or bitwise_xor "
        "broadcast_to cast cbrt ceil celu clip concatenate conj conjugate convert_to_numpy convert_to_tensor copy cos "
        "cosh count_nonzero cross cumprod cumsum deg2rad diag diagonal diff digitize divide dot einsum elu equal exp "
        "exp2 expand_dims expm1 eye fabs flip floor floor_divide full full_like gelu glu greater greater_equal "
        "hard_sigmoid hard_silu hard_swish hard_tanh heaviside hstack hypot identity imag inner isclose isfinite isin "
        "isinf isnan leaky_relu less less_equal linspace log log10 log1p log2 log_sigmoid log_softmax logaddexp "
        "logical_and logical_not logical_or logical_xor logspace logsumexp matmul max maximum mean median meshgrid "
        "min minimum mod moveaxis multiply nan_to_num ndim negative nonzero not_equal one_hot ones ones_like outer pad "
        "percentile power prod rad2deg ravel real reciprocal relu relu6 repeat reshape roll rot90 round rsqrt "
        "searchsorted selu shape sigmoid sign signbit silu sin sinh size softmax softplus softsign sort split sqrt "
        "square squareplus squeeze stack std subtract sum swapaxes swish take take_along_axis tan tanh tensordot tile "
        "trace transpose trapezoid tri tril triu true_divide trunc var vdot vectorize vstack where zeros zeros_like",
        "random": "SeedGenerator dropout normal uniform",
        "regularizers": "L1:L1L2Regularizer/l1 L2:L1L2Regularizer/l2 l1:L1L2Regularizer/l1 l2:L1L2Regularizer/l2",
        "saving": "CustomObjectScope:utils.CustomObjectScope custom_object_scope:utils.custom_object_scope "
        "get_custom_objects:utils.get_custom_objects load_model:models.load_model register_keras_serializable "
        "save_model:models.save_model",
        "utils": "register_keras_serializable set_random_seed",
    },
}


@functools.cache
def names(era: str) -> dict[str, dict[str, str]]:
    """The modules of an era: name -> where horngate has it, within the package."""
    found: dict[str, dict[str, str]] = {}
    for module in {**_BOTH, **_MORE[era]}:
        words = f"{_MORE[era].get(module, '')} {_BOTH.get(module, '')}".split()
        pairs = [(name, source or name) for name, _, source in (word.partition(":") for word in words)]
        found[module] = {name: at if "." in at else f"{module}.{at}" for name, at in pairs}
    return found


_PENALTIES = "kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint"
_KERNEL = f"use_bias kernel_initializer bias_initializer {_PENALTIES}"
_SEQUENCES = "dropout recurrent_dropout return_sequences return_state go_backwards stateful unroll"
_CELL = (
    "use_bias kernel_initializer recurrent_initializer bias_initializer kernel_regularizer recurrent_regularizer "
    f"bias_regularizer activity_regularizer {_SEQUENCES}"
)
_WINDOW = "filters kernel_size strides padding data_format dilation_rate groups"
_POOL = "pool_size strides padding data_format"
_STEPS = (
    "amsgrad weight_decay clipnorm clipvalue gradient_accumulation_steps name"  # of Keras 3; 2 has the first, or none
)
_FIT = (
    "batch_size epochs:nb_epoch verbose callbacks validation_split validation_data shuffle class_weight sample_weight "
    "initial_epoch steps_per_epoch validation_steps {}validation_freq"
)
_WORKERS = "callbacks max_queue_size:max_q_size workers:nb_worker use_multiprocessing:pickle_safe"

# Class, function, or Class.method -> its arguments in the order of that time. `theirs:ours` is one that only here has
# another name; all else `dialects.spellings` knows. One that horngate lacks holds its place: what follows goes by name.
ORDERS: dict[str, str | dict[str, str]] = {
    "Layer": "",
    "Dense": f"units activation {_KERNEL}",
    "Convolution1D": f"{_WINDOW} activation {_KERNEL}",
    "Convolution2D": f"{_WINDOW} activation {_KERNEL}",
    "Convolution3D": f"{_WINDOW} activation {_KERNEL}",
    "Conv2DTranspose": "filters kernel_size strides padding output_padding data_format dilation_rate activation "
    f"{_KERNEL}",
    "SeparableConvolution2D": "filters kernel_size strides padding data_format dilation_rate depth_multiplier "
    "activation use_bias depthwise_initializer pointwise_initializer bias_initializer depthwise_regularizer "
    "pointwise_regularizer bias_regularizer activity_regularizer depthwise_constraint pointwise_constraint "
    "bias_constraint",
    "LocallyConnected1D": f"filters kernel_size strides padding data_format activation {_KERNEL}",
    "LocallyConnected2D": f"filters kernel_size strides padding data_format activation {_KERNEL}",
    "ConvLSTM2D": f"{_WINDOW} activation recurrent_activation {_CELL}",
    "SimpleRNN": f"units activation {_CELL}",
    "GRU": f"units activation recurrent_activation {_CELL}",
    "LSTM": f"units activation recurrent_activation {_CELL}",
    "RNN": "cell:layer return_sequences return_state go_backwards stateful unroll",
    "Embedding": {
        "2": "input_dim output_dim embeddings_initializer embeddings_regularizer activity_regularizer "
        "embeddings_constraint mask_zero input_length",
        "3": "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint mask_zero",
    },
    "BatchNormalization": "axis momentum epsilon center scale beta_initializer gamma_initializer "
    "moving_mean_initializer moving_variance_initializer beta_regularizer gamma_regularizer",
    "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "LeakyReLU": {"2": "alpha", "3": "negative_slope:alpha"},
    "ReLU": {"2": "max_value negative_slope threshold", "3": "max_value negative_slope threshold"},
    "UpSampling1D": "size:length",
    "Lambda": "function output_shape mask arguments",
    "SpatialDropout1D": "rate seed",
    "SpatialDropout2D": "rate data_format seed",
    "SpatialDropout3D": "rate data_format seed",
    "GaussianDropout": "rate",
    "Input": {
        "2": "shape batch_shape name dtype sparse tensor",
        "3": "shape batch_size dtype sparse ragged batch_shape name tensor",
    },
    "InputLayer": {
        "2": "input_shape batch_size dtype:input_dtype input_tensor sparse name",
        "3": "shape:input_shape batch_size dtype:input_dtype sparse ragged batch_shape:batch_input_shape input_tensor "
        "name",
    },
    "InputSpec": {"2": "dtype shape ndim max_ndim min_ndim axes", "3": "dtype shape ndim max_ndim min_ndim axes"},
    "Layer.add_weight": {
        "2": "dtype name shape initializer regularizer trainable constraint",
        "3": "shape initializer dtype trainable autocast regularizer constraint name",
    },
    # models
    "Model": "inputs:input outputs:output name",
    "Model.compile": {
        "2": "optimizer loss metrics loss_weights sample_weight_mode weighted_metrics",
        "3": "optimizer loss loss_weights metrics weighted_metrics",
    },
    "Model.fit": {"2": f"x y {_FIT.format('')}", "3": f"x y {_FIT.format('validation_batch_size ')}"},
    "Model.evaluate": "x y batch_size verbose sample_weight steps",
    "Model.predict": "x batch_size verbose steps",
    "Model.train_on_batch": "x y sample_weight class_weight",
    "Model.test_on_batch": "x y sample_weight",
    "Model.fit_generator": {
        "2": "generator steps_per_epoch:samples_per_epoch epochs:nb_epoch verbose callbacks validation_data "
        f"validation_steps:nb_val_samples validation_freq class_weight {_WORKERS} shuffle initial_epoch"
    },
    "Model.evaluate_generator": {"2": f"generator steps:val_samples {_WORKERS}"},
    "Model.predict_generator": {"2": f"generator steps:val_samples {_WORKERS}"},
    "load_model": "filepath custom_objects",
    "model_from_json": "json_string custom_objects",
    "model_from_yaml": "yaml_string custom_objects",
    "model_from_config": "config custom_objects",
    # what surrounds them
    "L1L2Regularizer": "l1 l2",
    "l1": {"2": "l", "3": "l1:l"},
    "l2": {"2": "l", "3": "l2:l"},
    "MaxNorm": "max_value:m axis",
    "MinMaxNorm": "min_value:low max_value:high rate axis",
    "EarlyStopping": "monitor min_delta patience verbose mode",
    "ModelCheckpoint": {
        "2": "filepath monitor verbose save_best_only save_weights_only mode period",
        "3": "filepath monitor verbose save_best_only save_weights_only mode",
    },
    "ReduceLROnPlateau": "monitor factor patience verbose mode min_delta:epsilon cooldown min_lr",
    "LambdaCallback": {
        "2": "on_epoch_begin on_epoch_end on_batch_begin on_batch_end on_train_begin on_train_end",
        "3": "on_epoch_begin on_epoch_end on_train_begin on_train_end",
    },
    "TerminateOnNaN": "",
    "SGD": f"learning_rate:lr momentum nesterov {_STEPS}",
    "RMSprop": {"2": f"learning_rate:lr rho epsilon {_STEPS}", "3": f"learning_rate:lr rho momentum epsilon {_STEPS}"},
    "Adagrad": {
        "2": f"learning_rate:lr epsilon {_STEPS}",
        "3": f"learning_rate:lr initial_accumulator_value epsilon {_STEPS}",
    },
    "Adadelta": f"learning_rate:lr rho epsilon {_STEPS}",
    "Adam": {
        "2": f"learning_rate:lr beta_1 beta_2 amsgrad epsilon {_STEPS}",
        "3": f"learning_rate:lr beta_1 beta_2 epsilon {_STEPS}",
    },
    "Adamax": f"learning_rate:lr beta_1 beta_2 epsilon {_STEPS}",
    "Nadam": f"learning_rate:lr beta_1 beta_2 epsilon {_STEPS}",
    "Optimizer": "",
    # functions, with the last part of their module where another has the same name
    "array_to_img": "x data_format scale",
    "preprocess_input": "x data_format",
    "plot_model": "model to_file show_shapes show_layer_names",
    "img_to_array": "img data_format",
    "load_img": {
        "2": "path grayscale color_mode target_size interpolation",
        "3": "path color_mode target_size interpolation",
    },
    "to_categorical": {"2": "y num_classes", "3": "x:y num_classes"},
    "normalize": "x:a axis order",
    "get_file": "fname origin untar md5_hash file_hash cache_subdir hash_algorithm extract archive_format cache_dir",
    "imdb.load_data": "path num_words:nb_words skip_top maxlen seed start_char oov_char index_from",
    "reuters.load_data": "path num_words:nb_words skip_top maxlen test_split seed start_char oov_char index_from",
    "boston_housing.load_data": "path test_split seed",
    "activations.relu": {"2": "x alpha max_value threshold", "3": "x negative_slope:alpha max_value threshold"},
    **dict.fromkeys(
        ("VGG16", "VGG19", "ResNet50", "InceptionV3", "Xception"),
        "include_top weights input_tensor input_shape pooling classes",
    ),
    "ImageDataGenerator": "featurewise_center samplewise_center featurewise_std_normalization "
    "samplewise_std_normalization zca_whitening zca_epsilon rotation_range width_shift_range height_shift_range "
    "brightness_range shear_range zoom_range channel_shift_range fill_mode cval horizontal_flip vertical_flip rescale "
    "preprocessing_function data_format",
    "NumpyArrayIterator": "x y image_data_generator batch_size shuffle sample_weight seed data_format save_to_dir "
    "save_prefix save_format",
    "DirectoryIterator": "directory image_data_generator target_size color_mode classes class_mode batch_size shuffle "
    "seed data_format save_to_dir save_prefix save_format follow_links",
    "backend.batch_get_value": "ops:xs",
    "backend.batch_normalization": "x mean var beta gamma axis epsilon",
    "backend.binary_crossentropy": "target output from_logits",
    "backend.categorical_crossentropy": "target output from_logits",
    "backend.sparse_categorical_crossentropy": "target output from_logits",
    "backend.conv1d": "x kernel strides padding",
    "backend.conv2d": "x kernel strides padding data_format dilation_rate:filter_dilation",
    "backend.conv3d": "x kernel strides padding data_format",
    "backend.separable_conv2d": "x depthwise_kernel pointwise_kernel strides padding data_format",
    "backend.pool2d": "x pool_size strides padding data_format pool_mode",
    "backend.pool3d": "x pool_size strides padding data_format pool_mode",
    "backend.ctc_decode": "y_pred input_length greedy beam_width top_paths",
    "backend.expand_dims": "x axis:dim",
    "backend.moving_average_update": "x:variable value momentum",
    "backend.one_hot": "indices num_classes:nb_classes",
    "backend.random_normal": "shape mean stddev:std dtype seed",
    "backend.random_uniform": "shape minval:low maxval:high dtype seed",
    "backend.resize_images": "x:X height_factor width_factor data_format",
    "backend.resize_volumes": "x:X depth_factor height_factor width_factor data_format",
    "backend.spatial_2d_padding": "x padding data_format",
    "backend.spatial_3d_padding": "x padding data_format",
}
