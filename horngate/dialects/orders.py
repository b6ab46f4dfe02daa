"""Orders: the names and positions of arguments in each era.

`SPELLINGS` holds the names that other Keras versions use everywhere. `ORDERS` holds the parameters of a class or
function in an era, if they are not today's order in the names of that era. `reading` reads calls of any era by these
tables, `words` calls of one era.
"""

from collections.abc import Collection, Iterable
from typing import Any

# Argument names of Keras 2 and 3, and of 0.3 -> the names they may mean. The first of these in a signature is meant, if
# the signature lacks the name itself. A tuple splits one value.
SPELLINGS: dict[str, tuple[Any, ...]] = {
    "units": ("output_dim",),
    "filters": ("nb_filter",),
    "kernel_size": (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"), "filter_length"),
    "strides": ("subsample", "subsample_length", "stride"),
    "padding": ("border_mode",),
    "data_format": ("dim_ordering",),
    "dilation_rate": ("atrous_rate",),
    "pool_size": ("pool_length",),
    "use_bias": ("bias",),
    "kernel_initializer": ("init",),
    "recurrent_initializer": ("inner_init",),
    "embeddings_initializer": ("init",),
    "alpha_initializer": ("init",),
    "gamma_initializer": ("gamma_init",),
    "beta_initializer": ("beta_init",),
    "kernel_regularizer": ("W_regularizer",),
    "embeddings_regularizer": ("W_regularizer",),
    "recurrent_regularizer": ("U_regularizer",),
    "bias_regularizer": ("b_regularizer",),
    "kernel_constraint": ("W_constraint",),
    "embeddings_constraint": ("W_constraint",),
    "bias_constraint": ("b_constraint",),
    "recurrent_constraint": ("U_constraint",),
    "recurrent_activation": ("inner_activation",),
    "rate": ("p",),
    "stddev": ("sigma",),
    "dropout": ("dropout_W",),
    "recurrent_dropout": ("dropout_U",),
    "batch_shape": ("batch_input_shape",),
    "learning_rate": ("lr",),
    "inputs": ("input",),
    "outputs": ("output",),
    "epochs": ("nb_epoch",),
    "steps_per_epoch": ("samples_per_epoch",),
    "validation_steps": ("nb_val_samples",),
    "steps": ("val_samples",),
    "workers": ("nb_worker",),
    "max_queue_size": ("max_q_size",),
    "use_multiprocessing": ("pickle_safe",),
}

_PENALTIES = "kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint"
_KERNEL = f"use_bias kernel_initializer bias_initializer {_PENALTIES}"
_CELL = (
    "use_bias kernel_initializer recurrent_initializer bias_initializer {forget}kernel_regularizer "
    "recurrent_regularizer bias_regularizer kernel_constraint recurrent_constraint bias_constraint dropout "
    "recurrent_dropout{more}"
)
_RECURRENT = (
    "use_bias kernel_initializer recurrent_initializer bias_initializer {forget}kernel_regularizer "
    "recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint recurrent_constraint "
    "bias_constraint dropout recurrent_dropout {seed}{more}return_sequences return_state go_backwards stateful"
)
_FORGET = "unit_forget_bias "
_WINDOW = "filters kernel_size strides padding data_format dilation_rate"
_IMAGES_IN_TIME = "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation"
_NOT_HERE = "lora_rank lora_alpha quantization_config"
_BATCH_NORMALIZATION = (
    "axis momentum epsilon center scale beta_initializer gamma_initializer moving_mean_initializer "
    "moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint"
)
_CLIPPING = (
    "clipnorm clipvalue global_clipnorm use_ema ema_momentum ema_overwrite_frequency loss_scale_factor:loss_scale "
    "gradient_accumulation_steps name"
)
_UPDATE = f"weight_decay {_CLIPPING}"  # of Keras 3; Keras 2 has the first or none
_FIT = (
    "x y batch_size epochs verbose callbacks validation_split validation_data shuffle class_weight sample_weight "
    "initial_epoch steps_per_epoch validation_steps {}validation_freq"
)
_WORKERS = "callbacks max_queue_size workers use_multiprocessing"
_FIT_GENERATOR_03 = (
    "generator samples_per_epoch nb_epoch verbose show_accuracy callbacks validation_data nb_val_samples class_weight "
    "nb_worker nb_val_worker:"
)
_NO_AXES = "-row_axis -col_axis -channel_axis"
_AXES = "row_index:row_axis col_index:col_axis channel_index:channel_axis"

_WEIGHTS = "weights W_regularizer b_regularizer activity_regularizer W_constraint b_constraint"
CONVOLUTION = {"2": f"{_WINDOW} activation {_KERNEL}", "3": f"{_WINDOW} groups activation {_KERNEL}"}

# Function or Class.method (a class alone means its constructor), preceded by the last part of its module if the name is
# not unique -> eras -> parameters in these eras; those of both 2 and 3 need no eras. If every word is a change, the
# parameters are today's except for these: `-name` was missing, `old:ours` had another name. Otherwise, all parameters
# are listed in order; one that horngate lacks keeps its position. `old:` has no meaning any more: taken and dropped.
ORDERS: dict[str, str | dict[str, str]] = {
    "dropout": {"0.3": "-noise_shape"},
    **dict.fromkeys(("ones_like", "zeros_like"), {"0.3 1.0": "-dtype"}),
    "placeholder": {"0.3 1.0": "-sparse"},
    "ctc_decode": {"1.0": "-top_paths", "2 3": "y_pred input_length greedy beam_width top_paths merge_repeated"},
    "backend.batch_get_value": "ops:xs",
    "backend.batch_normalization": "x mean var beta gamma axis epsilon",
    "backend.binary_crossentropy": "target output from_logits axis",
    "backend.categorical_crossentropy": "target output from_logits axis",
    "backend.sparse_categorical_crossentropy": "target output from_logits axis",
    "backend.conv1d": "x kernel strides:stride padding:border_mode data_format:dim_ordering "
    "dilation_rate:filter_dilation",
    "backend.conv2d": "x kernel strides padding:border_mode data_format:dim_ordering dilation_rate:filter_dilation",
    "backend.conv3d": "x kernel strides padding:border_mode data_format:dim_ordering dilation_rate:filter_dilation",
    "backend.separable_conv2d": "x depthwise_kernel pointwise_kernel strides padding:border_mode "
    "data_format:dim_ordering dilation_rate",
    "backend.pool2d": "x pool_size strides padding:border_mode data_format:dim_ordering pool_mode",
    "backend.pool3d": "x pool_size strides padding:border_mode data_format:dim_ordering pool_mode",
    "backend.expand_dims": "axis:dim",
    "backend.moving_average_update": "x:variable",
    "backend.one_hot": "num_classes:nb_classes",
    "backend.random_normal": "stddev:std",
    "backend.random_uniform": "minval:low maxval:high",
    **dict.fromkeys(("backend.resize_images", "backend.resize_volumes"), "x:X data_format:dim_ordering"),
    **dict.fromkeys(("backend.spatial_2d_padding", "backend.spatial_3d_padding"), "data_format:dim_ordering"),
    "activations.relu": {"3": "x negative_slope:alpha max_value threshold"},
    # layers
    "Layer.__call__": {"0.3": "X:x mask train:training", "2 3": "inputs:x"},
    "FromStates.__call__": {
        "0.3": "X:x mask train:training",
        "2": "inputs:x initial_state constants mask training",
        "3": "sequences:x initial_state mask training",
    },
    "OneStep.__call__": {"2 3": "inputs:x states training"},
    "Layer.set_previous": {"0.3": "layer reset_weights: connection_map: node:layer"},
    "Layer.add_weight": {
        "2": "dtype name shape initializer regularizer trainable constraint",
        "3": "shape initializer dtype trainable autocast regularizer constraint aggregation overwrite_with_gradient "
        "name",
    },
    "Layer.add_loss": {"3": "loss:losses"},
    "Dense": {"0.3": "-bias", "2": f"units activation {_KERNEL}", "3": f"units activation {_KERNEL} {_NOT_HERE}"},
    **dict.fromkeys(("TimeDistributedDense", "MaxoutDense"), {"0.3": "-bias"}),
    "Highway": {
        "0.3": f"init transform_bias activation {_WEIGHTS} input_dim",
        "1.0": f"init transform_bias activation {_WEIGHTS} bias input_dim",
    },
    "RandomGaussianBlur": "factor kernel_size sigma value_range data_format seed",
    "Reshape": {"0.3": "dims:target_shape"},
    "StringLookup": {
        "3": "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert output_mode "
        "pad_to_max_tokens sparse encoding name salt"
    },
    "Lambda": "function output_shape mask arguments",
    "Masking.compute_mask": {"1.0": "input:x"},
    **dict.fromkeys(("TimeDistributed.call", "Bidirectional.call"), {"1.0": "X:inputs"}),
    "Convolution1D": {"0.3": "-bias", **CONVOLUTION},
    "Convolution2D": CONVOLUTION,
    "Convolution3D": CONVOLUTION,
    "Conv3DTranspose": {
        "2": f"filters kernel_size strides padding output_padding data_format activation {_KERNEL}",
        "3": f"filters kernel_size strides padding data_format output_padding dilation_rate activation {_KERNEL}",
    },
    "Conv2DTranspose": "filters kernel_size strides padding output_padding data_format dilation_rate activation "
    f"{_KERNEL}",
    "SeparableConvolution2D": "filters kernel_size strides padding data_format dilation_rate depth_multiplier "
    "activation use_bias depthwise_initializer pointwise_initializer bias_initializer depthwise_regularizer "
    "pointwise_regularizer bias_regularizer activity_regularizer depthwise_constraint pointwise_constraint "
    "bias_constraint",
    "LocallyConnected1D": f"filters kernel_size strides padding data_format activation {_KERNEL}",
    "LocallyConnected2D": f"filters kernel_size strides padding data_format activation {_KERNEL}",
    "UpSampling1D": "size:length",
    "BatchNormalization": {
        "2": f"{_BATCH_NORMALIZATION} synchronized",
        "3": f"{_BATCH_NORMALIZATION} renorm renorm_clipping renorm_momentum synchronized",
    },
    "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "LeakyReLU": {"3": "negative_slope:alpha"},
    "ReLU": "max_value negative_slope threshold",
    "Embedding": {
        "2": "input_dim output_dim embeddings_initializer embeddings_regularizer activity_regularizer "
        "embeddings_constraint mask_zero input_length",
        "3": "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint mask_zero "
        f"weights {_NOT_HERE}",
    },
    "Recurrent": {"0.3": "-unroll -consume_less"},
    **dict.fromkeys(("Recurrent.get_constants", "Recurrent.preprocess_input"), {"0.3": "x train:"}),
    "SimpleRNN.step": {"0.3": "h:x"},
    "SimpleRNNCell": f"units activation {_CELL.format(forget='', more='')} seed",
    "GRUCell": {
        "2": f"units activation recurrent_activation {_CELL.format(forget='', more=' implementation reset_after')}",
        "3": f"units activation recurrent_activation {_CELL.format(forget='', more=' reset_after')} seed",
    },
    "LSTMCell": {
        "2": f"units activation recurrent_activation {_CELL.format(forget=_FORGET, more=' implementation')}",
        "3": f"units activation recurrent_activation {_CELL.format(forget=_FORGET, more='')} seed",
    },
    "Bidirectional": {"2 3": "layer merge_mode weights backward_layer"},
    "SimpleRNN": {
        "2": f"units activation {_RECURRENT.format(forget='', seed='', more='')} unroll",
        "3": f"units activation {_RECURRENT.format(forget='', seed='', more='')} unroll seed zero_output_for_mask",
    },
    "GRU": {
        "2": f"units activation recurrent_activation {_RECURRENT.format(forget='', seed='', more='implementation ')} "
        "unroll reset_after",
        "3": f"units activation recurrent_activation {_RECURRENT.format(forget='', seed='seed ', more='')} unroll "
        "reset_after "
        "use_cudnn zero_output_for_mask",
    },
    "LSTM": {
        "2": "units activation recurrent_activation "
        f"{_RECURRENT.format(forget=_FORGET, seed='', more='implementation ')} unroll",
        "3": f"units activation recurrent_activation {_RECURRENT.format(forget=_FORGET, seed='seed ', more='')} unroll "
        "use_cudnn zero_output_for_mask",
    },
    "ConvLSTM1D": {"3": f"{_IMAGES_IN_TIME} {_RECURRENT.format(forget=_FORGET, seed='seed ', more='')}"},
    "ConvLSTM3D": {"3": f"{_IMAGES_IN_TIME} {_RECURRENT.format(forget=_FORGET, seed='seed ', more='')}"},
    "ReversibleEmbedding": {
        "3": "input_dim output_dim tie_weights embeddings_initializer embeddings_regularizer embeddings_constraint "
        "mask_zero reverse_dtype logit_soft_cap"
    },
    "ConvLSTM2D": {
        "2": f"{_IMAGES_IN_TIME} {_RECURRENT.format(forget=_FORGET, seed='', more='')}",
        "3": f"{_IMAGES_IN_TIME} {_RECURRENT.format(forget=_FORGET, seed='seed ', more='')}",
    },
    "ConvLSTM2DCell": {"2": f"{_IMAGES_IN_TIME} {_CELL.format(forget=_FORGET, more='')}"},
    "ConvRNN2D": {"2": "cell:layer return_sequences return_state go_backwards stateful unroll"},
    "RNN": {
        "2": "cell:layer return_sequences return_state go_backwards stateful unroll",
        "3": "cell:layer return_sequences return_state go_backwards stateful unroll zero_output_for_mask",
    },
    "Input": {"0.3 1.0": "-sparse", "3": "shape batch_size dtype sparse ragged batch_shape name tensor optional"},
    "InputLayer": {
        "0.3 1.0": "-sparse",
        "2": "input_shape batch_size dtype:input_dtype input_tensor sparse name",
        "3": "shape:input_shape batch_size dtype:input_dtype sparse ragged batch_shape:batch_input_shape input_tensor "
        "optional name",
    },
    "InputSpec": {
        "2": "dtype shape ndim max_ndim min_ndim axes",
        "3": "dtype shape ndim max_ndim min_ndim axes allow_last_axis_squeeze name optional",
    },
    "merge": {"0.3 1.0": "-arguments"},
    "Merge": {"0.3 1.0": "layers mode concat_axis dot_axes output_shape output_mask node_indices tensor_indices name"},
    # models
    "check_array_lengths": {"1.0": "X:inputs Y:targets W:weights"},
    "standardize_input_data": {"1.0": "check_batch_dim:check_batch_axis"},
    **dict.fromkeys(("Container.get_config", "Sequential.get_config"), {"0.3": "verbose:"}),
    "Container.load_weights": {"0.3 1.0": "fname:filepath"},
    "Model.compile": {"2": "", "3": "optimizer loss loss_weights metrics weighted_metrics"},
    "Sequential.compile": {
        "0.3": "optimizer loss class_mode sample_weight_mode",
        "2": "optimizer loss metrics loss_weights sample_weight_mode weighted_metrics",
        "3": "optimizer loss loss_weights metrics weighted_metrics",
    },
    "Model.fit": {"2": _FIT.format(""), "3": _FIT.format("validation_batch_size ")},
    "Sequential.fit": {
        "0.3": "X:x y batch_size nb_epoch verbose callbacks validation_split validation_data shuffle show_accuracy "
        "class_weight sample_weight"
    },
    **{f"Model.{name}": "" for name in ("evaluate", "predict", "train_on_batch", "test_on_batch")},
    "Sequential.evaluate": {"0.3": "X:x y batch_size show_accuracy verbose sample_weight"},
    "Sequential.predict": {"0.3": "X:x -steps"},
    **{f"Sequential.predict_{what}": {"0.3": "X:x"} for what in ("classes", "proba", "on_batch")},
    "Sequential.train_on_batch": {
        "0.3": "X:x y accuracy class_weight sample_weight",
        "2 3": "x y sample_weight class_weight",
    },
    "Sequential.test_on_batch": {"0.3": "X:x y accuracy sample_weight"},
    "Model.fit_generator": {
        "2": "generator steps_per_epoch epochs verbose callbacks validation_data validation_steps validation_freq "
        f"class_weight {_WORKERS} shuffle initial_epoch"
    },
    "Sequential.fit_generator": {"0.3": _FIT_GENERATOR_03},
    "Model.evaluate_generator": {"2": f"generator steps {_WORKERS}"},
    "Sequential.evaluate_generator": {"0.3": "generator val_samples show_accuracy verbose"},
    "Model.predict_generator": {"2": f"generator steps {_WORKERS}"},
    "Graph.compile": {"0.3": "-metrics"},
    "Graph.fit": {
        "0.3": "data batch_size nb_epoch verbose callbacks validation_split validation_data shuffle show_accuracy "
        "class_weight sample_weight"
    },
    "Graph.evaluate": {"0.3": "data batch_size show_accuracy verbose sample_weight"},
    "Graph.train_on_batch": {"0.3": "data accuracy class_weight sample_weight"},
    "Graph.test_on_batch": {"0.3": "data accuracy sample_weight"},
    "Graph.fit_generator": {"0.3": _FIT_GENERATOR_03},
    "Graph.evaluate_generator": {"0.3": "generator nb_val_samples:val_samples show_accuracy verbose"},
    "load_model": {"2": "filepath custom_objects compile", "3": "filepath custom_objects compile safe_mode"},
    "model_from_json": "json_string custom_objects",
    "model_from_yaml": "yaml_string custom_objects",
    "model_from_config": "config custom_objects",
    "plot_model": {
        "2": "model to_file show_shapes show_layer_names rankdir expand_nested dpi",
        "3": "model to_file show_shapes show_dtype show_layer_names rankdir expand_nested dpi show_layer_activations "
        "show_trainable",
    },
    "model_to_dot": {
        "2": "model show_shapes show_layer_names rankdir expand_nested dpi subgraph",
        "3": "model show_shapes show_dtype show_layer_names rankdir expand_nested dpi subgraph show_layer_activations "
        "show_trainable",
    },
    "print_summary": {"2 3": "model:layers line_length positions print_fn"},
    # parts
    **dict.fromkeys(("Identity", "Orthogonal"), {"1.0": "scale:gain"}),
    "l1": {"3": "l1:l"},
    "l2": {"3": "l2:l"},
    "MaxNorm": "max_value:m",
    "MinMaxNorm": "min_value:low max_value:high",
    "activations.deserialize": {"2": "name:config custom_objects"},
    "losses.sparse_categorical_crossentropy": {"2": "y_true y_pred from_logits axis"},
    "metrics.Metric": {"2": "name dtype"},
    "metrics.SparseCategoricalCrossentropy": {"2": "name dtype from_logits axis"},
    "Metric.add_weight": {"2": "name shape initializer dtype"},
    "metrics.SensitivityAtSpecificity": {"2": "specificity num_thresholds name dtype"},
    "metrics.SpecificityAtSensitivity": {"2": "sensitivity num_thresholds name dtype"},
    "metrics.SensitivitySpecificityBase": {"2": "value num_thresholds name dtype"},
    "get_initial_state": {"2": "inputs:batch_size"},
    "Loss": {"2": "reduction name"},
    "BinaryCrossentropy": {"2": "from_logits label_smoothing reduction name"},
    "CategoricalCrossentropy": {"2": "from_logits label_smoothing reduction name"},
    "SparseCategoricalCrossentropy": {"2": "from_logits reduction name"},
    "Initializer.__call__": {"2 3": "shape dtype"},
    "EarlyStopping": {"0.3 1.0": "-min_delta", "2": "-start_from_epoch"},
    "ModelCheckpoint": {
        "0.3": "-save_weights_only -period",
        "3": "filepath monitor verbose save_best_only save_weights_only mode save_freq initial_value_threshold",
    },
    "BackupAndRestore": "backup_dir:folder save_freq double_checkpoint delete_checkpoint",
    "ReduceLROnPlateau": "min_delta:epsilon",
    "CallbackList": {"3": "callbacks add_history add_progbar model"},
    "TensorBoard.on_train_end": {"2 3": "logs:_"},
    "LambdaCallback": {"2": "", "3": "-on_batch_begin -on_batch_end"},
    "TerminateOnNaN": {"2": "-rollback -raise_error", "3": "raise_error"},
    "TensorBoard": {
        "2": "log_dir histogram_freq batch_size: write_graph write_grads: write_images embeddings_freq "
        "embeddings_layer_names: embeddings_metadata embeddings_data: update_freq",
        "3": "log_dir histogram_freq write_graph write_images write_steps_per_second update_freq profile_batch "
        "embeddings_freq embeddings_metadata",
    },
    "Optimizer.get_updates": {"2": "loss params"},
    "Constraint.__call__": {"2 3": "w:p"},
    "Optimizer.set_state": {"0.3 1.0": "value_list:weights"},
    "Optimizer": {
        "3": "learning_rate weight_decay clipnorm clipvalue global_clipnorm use_ema ema_momentum "
        "ema_overwrite_frequency loss_scale_factor:loss_scale gradient_accumulation_steps name"
    },
    "LossScaleOptimizer": {"3": "inner_optimizer initial_scale dynamic_growth_steps name"},
    "MultiOptimizer": {"3": "optimizer_map loss_scale_factor name"},
    "SGD": f"learning_rate momentum nesterov {_UPDATE}",
    "RMSprop": {
        "2": f"learning_rate rho epsilon {_UPDATE}",
        "3": f"learning_rate rho momentum epsilon centered {_UPDATE}",
    },
    "Adagrad": {
        "2": f"learning_rate epsilon {_UPDATE}",
        "3": f"learning_rate initial_accumulator_value epsilon {_UPDATE}",
    },
    "Adadelta": f"learning_rate rho epsilon {_UPDATE}",
    "Adam": {
        "2": f"learning_rate beta_1 beta_2 amsgrad epsilon {_UPDATE}",
        "3": f"learning_rate beta_1 beta_2 epsilon amsgrad {_UPDATE}",
    },
    "AdamW": f"learning_rate weight_decay beta_1 beta_2 epsilon amsgrad {_CLIPPING}",
    "Adafactor": f"learning_rate beta_2_decay epsilon_1 epsilon_2 clip_threshold relative_step {_UPDATE}",
    "Ftrl": (
        "learning_rate learning_rate_power initial_accumulator_value l1_regularization_strength "
        f"l2_regularization_strength l2_shrinkage_regularization_strength beta {_UPDATE}"
    ),
    "Lion": f"learning_rate beta_1 beta_2 {_UPDATE}",
    "Muon": (
        f"learning_rate adam_beta_1 adam_beta_2 adam_weight_decay epsilon {_UPDATE} exclude_layers exclude_embeddings "
        "muon_a muon_b muon_c adam_lr_ratio momentum ns_steps nesterov rms_rate"
    ),
    "ScheduleFreeAdamW": f"learning_rate beta_1 beta_2 epsilon warmup_steps {_UPDATE}",
    **dict.fromkeys(("Adamax", "Lamb", "Nadam"), f"learning_rate beta_1 beta_2 epsilon {_UPDATE}"),
    # pictures
    "array_to_img": {"0.3": "-dim_ordering", "2 3": "data_format:dim_ordering"},
    "img_to_array": {"2 3": "data_format:dim_ordering"},
    "preprocess_input": "data_format:dim_ordering",
    "load_img": {
        "2": "path grayscale color_mode target_size interpolation",
        "3": "path color_mode target_size interpolation",
    },
    "apply_transform": {"1.0": "channel_index:channel_axis"},
    **dict.fromkeys(("random_rotation", "random_shear", "random_shift"), {"0.3": _NO_AXES, "1.0": _AXES}),
    "random_zoom": {"0.3": f"rg:zoom_range {_NO_AXES}", "1.0": _AXES},
    "random_channel_shift": {"0.3": "rg:intensity -channel_axis", "1.0": "channel_index:channel_axis"},
    "ImageDataGenerator": {
        "0.3": "-zoom_range -channel_shift_range -fill_mode -cval -rescale -preprocessing_function -dim_ordering",
        "1.0": "-preprocessing_function",
        "2 3": "featurewise_center samplewise_center featurewise_std_normalization samplewise_std_normalization "
        "zca_whitening zca_epsilon rotation_range width_shift_range height_shift_range brightness_range shear_range "
        "zoom_range channel_shift_range fill_mode cval horizontal_flip vertical_flip rescale preprocessing_function "
        "data_format validation_split interpolation_order dtype",
    },
    "ImageDataGenerator.fit": {"0.3 1.0": "X:x"},
    "Iterator": {"1.0": "N:n"},
    "NumpyArrayIterator": {
        "1.0": "X:x",
        "2 3": "x y image_data_generator batch_size shuffle sample_weight seed data_format save_to_dir save_prefix "
        "save_format subset dtype",
    },
    "DirectoryIterator": "directory image_data_generator target_size color_mode classes class_mode batch_size shuffle "
    "seed data_format save_to_dir save_prefix save_format follow_links subset interpolation dtype",
    "ImageDataGenerator.flow": {
        "1.0": "-sample_weight -subset",
        "2 3": "x:X y batch_size shuffle sample_weight seed save_to_dir save_prefix save_format subset",
    },
    "ImageDataGenerator.flow_from_directory": "directory target_size color_mode classes class_mode batch_size shuffle "
    "seed save_to_dir save_prefix save_format follow_links subset interpolation",
    # the rest
    "get_test_data": "num_train:nb_train num_test:nb_test input_shape output_shape classification num_classes:nb_class",
    "to_categorical": {"2": "y num_classes dtype", "3": "x:y num_classes"},
    "normalize": "x:a",
    "backend.set_epsilon": {"3": "value:e"},
    "backend.set_floatx": {"3": "value:floatx"},
    "adapt": {"3": "data steps batch_size"},
    "get_file": "fname origin untar md5_hash file_hash cache_subdir hash_algorithm extract archive_format cache_dir",
    "imdb.load_data": {
        "0.3": "path nb_words skip_top maxlen test_split seed start_char oov_char index_from",
        "2 3": "num_words:nb_words -test_split",
    },
    "reuters.load_data": "num_words:nb_words",
    "boston_housing.load_data": "path test_split seed",
    **dict.fromkeys(
        ("VGG16", "VGG19", "ResNet50", "InceptionV3", "Xception"),
        {"2 3": "include_top weights input_tensor input_shape pooling classes"},
    ),
    "multiclass_logloss": {"0.3 1.0": "P:p Y:y"},
    **dict.fromkeys(("BaseWrapper.fit", "KerasRegressor.predict", "KerasRegressor.score"), {"0.3 1.0": "X:x"}),
    **{f"KerasClassifier.{name}": {"0.3 1.0": "X:x"} for name in ("predict", "predict_proba", "score")},
}


_PHASE = "the phase is that of the call in progress"
_PRINTED = "nothing is printed: print what it returns"
_THREADS = "a generator is drawn from in one order, whatever the number of threads"
# Argument that is taken and dropped -> (the values that lose nothing by it, None for all; why, or what is lost). A line
# says so for other values.
DROPPED: dict[str, tuple[tuple[Any, ...] | None, str]] = {
    "Layer.set_previous.reset_weights": ((True,), "a layer keeps the weights that its first call made"),
    "Layer.set_previous.connection_map": ((None, {}), "a layer is called on one output: call it on the one you mean"),
    **{f"Recurrent.{name}.train": (None, _PHASE) for name in ("get_constants", "preprocess_input")},
    **{f"{name}.get_config.verbose": ((0,), _PRINTED) for name in ("Container", "Sequential")},
    **{f"{name}.fit_generator.nb_val_worker": (None, _THREADS) for name in ("Sequential", "Graph")},
    "TensorBoard.batch_size": (None, "histograms are of weights, which need no data"),
    "TensorBoard.write_grads": ((False, None), "histograms are of weights, not of gradients"),
    "TensorBoard.embeddings_layer_names": ((None, []), "embeddings are not written"),
    "TensorBoard.embeddings_data": ((None,), "embeddings are not written"),
}


def rows(key: str) -> dict[str, str]:
    """Return eras, separated by blanks -> entry in `ORDERS` of a class or function for these eras."""
    told = ORDERS.get(key, {})
    return {"2 3": told} if isinstance(told, str) else told


def row(key: str, era: str) -> str | None:
    """Return the entry in `ORDERS` of a class or function for an era; None if nothing differs."""
    found = next((told for eras, told in rows(key).items() if era in eras.split()), None)
    of_model = key.replace("Sequential.", "Model.", 1)
    return row(of_model, era) if found is None and of_model != key else found


def parameters(told: str, today: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return the parameters in an entry of `ORDERS`; `today`: the current parameters.

    Each comes with its name in horngate: empty if it has no meaning any more, None if the entry does not say.
    """
    words = [word.partition(":") for word in told.split()]
    found = [(old, ours if colon else None) for old, colon, ours in words]
    if any(ours is None and not old.startswith("-") for old, ours in found):
        return found
    gone = {old for old, _ in found}
    renamed = {ours: old for old, ours in found if ours}
    kept = [(renamed.get(name, name), name if name in renamed else None) for name in today if f"-{name}" not in gone]
    return [*kept, *((old, ours) for old, ours in found if ours == "")]


def meaning(word: str, ours: Collection[str]) -> Any:
    """Return the name in `ours` for an argument name of another Keras version: a tuple for several; None if unknown."""
    if word in ours:
        return word
    for target in SPELLINGS.get(word, ()):
        if target in ours or isinstance(target, tuple) and all(part in ours for part in target):
            return target
    return None
