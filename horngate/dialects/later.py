"""The modules of Keras 2 and 3: their names, and the place of each in horngate."""

import functools

from horngate.backend import arrays

_IMAGE_NETWORKS = "decode_predictions preprocess_input"
_NEXT = "ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge"
_ACTIVATIONS = (
    "celu gelu glu hard_shrink hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax relu6 silu "
    "soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus swish tanh_shrink threshold"
)
_EFFICIENT = " ".join(f"EfficientNetB{number}" for number in range(8))
_EFFICIENT_2 = " ".join(f"EfficientNetV2{variant}" for variant in ("B0", "B1", "B2", "B3", "L", "M", "S"))


def _of_switches(names: str) -> str:
    """Return the places of functions that are in `backend.switches`."""
    return " ".join(f"{name}:backend.switches.{name}" for name in names.split())


_BOTH = {
    "": "Input:layers.Input Model:models.Model Sequential:models.Sequential",
    "activations": "deserialize elu exponential get linear relu selu serialize sigmoid softmax softplus softsign tanh",
    "applications": "DenseNet121 DenseNet169 DenseNet201 InceptionResNetV2 InceptionV3 MobileNet MobileNetV2 "
    "NASNetLarge NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50V2 VGG16 VGG19 Xception",
    "applications.densenet": f"DenseNet121 DenseNet169 DenseNet201 {_IMAGE_NETWORKS}",
    "applications.imagenet_utils": _IMAGE_NETWORKS,
    "applications.inception_resnet_v2": f"InceptionResNetV2 {_IMAGE_NETWORKS}",
    "applications.inception_v3": f"InceptionV3 {_IMAGE_NETWORKS}",
    "applications.mobilenet": f"MobileNet {_IMAGE_NETWORKS}",
    "applications.mobilenet_v2": f"MobileNetV2 {_IMAGE_NETWORKS}",
    "applications.nasnet": f"NASNetLarge NASNetMobile {_IMAGE_NETWORKS}",
    "applications.resnet": f"ResNet101 ResNet152 ResNet50 {_IMAGE_NETWORKS}",
    "applications.resnet50": _IMAGE_NETWORKS,
    "applications.resnet_v2": f"ResNet101V2 ResNet152V2 ResNet50V2 {_IMAGE_NETWORKS}",
    "applications.vgg16": f"VGG16 {_IMAGE_NETWORKS}",
    "applications.vgg19": f"VGG19 {_IMAGE_NETWORKS}",
    "applications.xception": f"Xception {_IMAGE_NETWORKS}",
    "backend": "backend cast_to_floatx clear_session epsilon floatx get_uid image_data_format is_keras_tensor "
    "set_epsilon set_floatx set_image_data_format",
    "callbacks": "BackupAndRestore CSVLogger Callback CallbackList EarlyStopping History LambdaCallback "
    "LearningRateScheduler ModelCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor TensorBoard TerminateOnNaN",
    "constraints": "Constraint MaxNorm MinMaxNorm NonNeg UnitNorm deserialize get serialize "
    "max_norm:MaxNorm min_max_norm:MinMaxNorm non_neg:NonNeg unit_norm:UnitNorm",
    "datasets": "",
    **{f"datasets.{name}": "load_data" for name in ("boston_housing", "cifar10", "cifar100", "mnist")},
    **{f"datasets.{name}": "get_word_index load_data" for name in ("imdb", "reuters")},
    "initializers": "Constant Identity Initializer Ones Orthogonal RandomNormal RandomUniform TruncatedNormal Zeros "
    "VarianceScaling constant deserialize get glorot_normal glorot_uniform he_normal he_uniform "
    "identity lecun_normal lecun_uniform ones orthogonal random_normal random_uniform serialize truncated_normal zeros",
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
    "losses": "BinaryCrossentropy CategoricalCrossentropy CategoricalHinge Hinge Huber KLDivergence LogCosh Loss "
    "MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson "
    "SparseCategoricalCrossentropy SquaredHinge binary_crossentropy categorical_crossentropy categorical_hinge "
    "deserialize get hinge mean_absolute_error mean_absolute_percentage_error mean_squared_error "
    "mean_squared_logarithmic_error poisson serialize sparse_categorical_crossentropy squared_hinge",
    "metrics": "AUC Accuracy BinaryAccuracy BinaryCrossentropy CategoricalAccuracy CategoricalCrossentropy "
    "CategoricalHinge CosineSimilarity FalseNegatives FalsePositives Hinge KLDivergence LogCoshError Mean "
    "MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper MeanSquaredError "
    "MeanSquaredLogarithmicError Metric Poisson Precision Recall RootMeanSquaredError SensitivityAtSpecificity "
    "SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity "
    "SquaredHinge Sum TopKCategoricalAccuracy TrueNegatives TruePositives binary_accuracy binary_crossentropy "
    "categorical_accuracy categorical_crossentropy deserialize get hinge mean_absolute_error "
    "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson serialize "
    "sparse_categorical_accuracy sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge "
    "top_k_categorical_accuracy",
    "models": "Model Sequential clone_model load_model model_from_json save_model",
    "optimizers": "Adadelta Adagrad Adam Adamax Nadam Optimizer RMSprop SGD get",
    "preprocessing": "",
    "preprocessing.image": "array_to_img img_to_array load_img",
    "preprocessing.sequence": "pad_sequences",
    "regularizers": "L1L2:L1L2Regularizer Regularizer deserialize get l1_l2:L1L2Regularizer serialize",
    "utils": "CustomObjectScope Progbar Sequence custom_object_scope get_custom_objects get_file normalize plot_model "
    "to_categorical",
}
_SWITCHES = _of_switches("disable_interactive_logging enable_interactive_logging is_interactive_logging_enabled")
_OF_FOLDERS = " ".join(
    f"{kind}_dataset_from_directory:preprocessing.folders.{kind}_dataset_from_directory" for kind in ("image", "text")
)
_MORE = {
    "2": {
        "activations": "hard_sigmoid",
        "applications": "ResNet50",
        "applications.resnet50": "ResNet50",
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
        "datasets.fashion_mnist": "load_data",
        "engine": "Input:layers.Input InputSpec:layers.InputSpec Layer:layers.Layer",
        "engine.topology": "Input InputLayer InputSpec Layer get_source_inputs",
        "layers": "ConvLSTM2DCell ConvRNN2D GRUCell LSTMCell LocallyConnected1D LocallyConnected2D SimpleRNNCell "
        "StackedRNNCells ThresholdedReLU",
        "losses": "cosine_proximity huber_loss:objectives.huber kullback_leibler_divergence "
        "logcosh:objectives.log_cosh",
        "metrics": "cosine_proximity",
        "models": "model_from_config model_from_yaml",
        "optimizers": "TFOptimizer clip_norm",
        "preprocessing.image": "DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator",
        "preprocessing.sequence": "make_sampling_table skipgrams",
        "preprocessing.text": "Tokenizer one_hot text_to_word_sequence tokenizer_from_json",
        "regularizers": "l1:L1L2Regularizer/l1 l2:L1L2Regularizer/l2",
        "utils": "HDF5Matrix pad_sequences:preprocessing.sequence.pad_sequences",
        "wrappers": "",
        "wrappers.scikit_learn": "BaseWrapper KerasClassifier KerasRegressor",
    },
    "3": {
        "": "Function:models.Model Operation:layers.Layer Initializer:initializers.Initializer "
        "InputSpec:layers.InputSpec Layer:layers.Layer Loss:losses.Loss "
        "Optimizer:optimizers.Optimizer Regularizer:regularizers.Regularizer Metric:metrics.Metric "
        "DTypePolicy:mixed_precision.DTypePolicy FloatDTypePolicy:mixed_precision.DTypePolicy "
        "Variable:dialects.keras3.variables.Variable/variable "
        "KerasTensor:dialects.keras3.variables.Tensor/keras_tensor remat:dialects.keras3.variables.remat",
        "applications": f"ResNet50:applications.resnet.ResNet50 {_NEXT} {_EFFICIENT} {_EFFICIENT_2}",
        "applications.convnext": f"{_NEXT} {_IMAGE_NETWORKS}",
        "applications.efficientnet": f"{_EFFICIENT} {_IMAGE_NETWORKS}",
        "applications.efficientnet_v2": f"{_EFFICIENT_2} {_IMAGE_NETWORKS}",
        "applications.resnet50": "ResNet50:applications.resnet.ResNet50",
        "tree": "MAP_TO_NONE assert_same_paths assert_same_structure flatten flatten_with_path is_nested "
        "lists_to_tuples map_shape_structure map_structure map_structure_up_to pack_sequence_as traverse",
        "activations": f"{_ACTIVATIONS} hard_sigmoid:hard_sigmoid_of_keras_3 mish",
        "dtype_policies": "DTypePolicy:mixed_precision.DTypePolicy FloatDTypePolicy:mixed_precision.DTypePolicy",
        "mixed_precision": "LossScaleOptimizer:optimizers.LossScaleOptimizer DTypePolicy "
        "Policy:mixed_precision.DTypePolicy dtype_policy:mixed_precision.global_policy "
        "global_policy set_dtype_policy:mixed_precision.set_global_policy set_global_policy",
        "config": f"{_SWITCHES} "
        + _of_switches("disable_flash_attention enable_flash_attention is_flash_attention_enabled")
        + " "
        + _of_switches("disable_traceback_filtering enable_traceback_filtering is_traceback_filtering_enabled")
        + " enable_unsafe_deserialization:saving.files.enable_unsafe_deserialization "
        "dtype_policy:mixed_precision.global_policy set_dtype_policy:mixed_precision.set_global_policy "
        "backend:backend.backend epsilon:backend.epsilon floatx:backend.floatx "
        "image_data_format:backend.image_data_format set_epsilon:backend.set_epsilon set_floatx:backend.set_floatx "
        "set_image_data_format:backend.set_image_data_format",
        "distribution": "DataParallel DeviceMesh LayoutMap ModelParallel TensorLayout distribute_tensor distribution "
        "get_device_count initialize list_devices set_distribution",
        "initializers": "GlorotNormal GlorotUniform HeNormal HeUniform IdentityInitializer LecunNormal LecunUniform "
        "OrthogonalInitializer STFT STFTInitializer stft variance_scaling",
        "layers": "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AlphaDropout Identity AdditiveAttention Attention "
        "Conv1DTranspose Conv3DTranspose ConvLSTM1D ConvLSTM3D GlobalAvgPool3D:layers.GlobalAveragePooling3D "
        "GlobalMaxPool3D:layers.GlobalMaxPooling3D ReversibleEmbedding SpectralNormalization deserialize serialize "
        "Convolution1DTranspose:layers.Conv1DTranspose Convolution2DTranspose:layers.Conv2DTranspose "
        "Convolution3DTranspose:layers.Conv3DTranspose DepthwiseConv1D DepthwiseConv2D EinsumDense "
        "GRUCell GroupNormalization GroupQueryAttention LSTMCell LayerNormalization MultiHeadAttention "
        "Normalization Rescaling AugMix CutMix MixUp RandAugment MelSpectrogram Pipeline STFTSpectrogram "
        "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization "
        "AutoContrast Equalization RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast "
        "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPosterization RandomSaturation "
        "RandomSharpness Solarization CenterCrop RandomCrop RandomElasticTransform RandomErasing RandomFlip "
        "RandomPerspective RandomRotation RandomShear RandomTranslation RandomZoom Resizing "
        "MaxNumBoundingBoxes ContrastLimitedAdaptiveHistogramEqualization RMSNormalization "
        "SeparableConv1D "
        "SeparableConvolution1D:layers.SeparableConv1D SimpleRNNCell StackedRNNCells UnitNormalization",
        "callbacks": "OrbaxCheckpoint SwapEMAWeights",
        "losses": "BinaryFocalCrossentropy CTC CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy Circle "
        "CosineSimilarity Dice Tversky binary_focal_crossentropy categorical_focal_crossentropy "
        "categorical_generalized_cross_entropy circle cosine_similarity ctc dice huber "
        "kl_divergence:kullback_leibler_divergence log_cosh tversky",
        "optimizers": "Adafactor AdamW Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon OptimizerMap "
        "ScheduleFreeAdamW "
        "deserialize:optimizers.optimizer_from_config serialize",
        "optimizers.schedules": "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay "
        "LearningRateSchedule PiecewiseConstantDecay PolynomialDecay deserialize serialize",
        "metrics": "BinaryIoU ConcordanceCorrelation F1Score FBetaScore IoU OneHotIoU OneHotMeanIoU "
        "PearsonCorrelation PrecisionAtRecall R2Score RecallAtPrecision binary_focal_crossentropy "
        "categorical_focal_crossentropy categorical_hinge concordance_correlation huber "
        "kl_divergence:kullback_leibler_divergence log_cosh pearson_correlation",
        "ops": f"{_ACTIVATIONS} convert_to_numpy elu hard_sigmoid meshgrid ndim relu selu shape sigmoid softmax "
        "softplus softsign vectorize",  # and those of `backend.arrays`
        "ops.image": "affine_transform crop_images extract_patches extract_patches_3d gaussian_blur hsv_to_rgb "
        "map_coordinates pad_images perspective_transform resize rgb_to_grayscale rgb_to_hsv "
        "scale_and_translate sobel_edges ssim",
        "random": "SeedGenerator beta binomial categorical dropout gamma normal randint shuffle truncated_normal "
        "uniform",
        "regularizers": "L1:L1L2Regularizer/l1 L2:L1L2Regularizer/l2 OrthogonalRegularizer l1:L1L2Regularizer/l1 "
        "l2:L1L2Regularizer/l2 orthogonal_regularizer:OrthogonalRegularizer",
        "saving": "CustomObjectScope:utils.CustomObjectScope custom_object_scope:utils.custom_object_scope "
        "get_custom_objects:utils.get_custom_objects load_model:models.load_model register_keras_serializable "
        "save_model:models.save_model deserialize_keras_object:dialects.keras3.objects.deserialize_keras_object "
        "serialize_keras_object:dialects.keras3.objects.serialize_keras_object "
        "get_registered_name:utils.generic_utils.get_registered_name "
        "get_registered_object:utils.generic_utils.get_registered_object "
        "load_weights:dialects.keras3.objects.load_weights save_weights:dialects.keras3.objects.save_weights",
        "utils.bounding_boxes": "clip_to_image_size compute_ciou compute_iou convert_format crop "
        "decode_deltas_to_boxes encode_box_to_deltas pad",
        "preprocessing": f"{_OF_FOLDERS} "
        "timeseries_dataset_from_array:preprocessing.series.timeseries_dataset_from_array",
        "preprocessing.image": "save_img",
        "utils": f"{_SWITCHES} {_OF_FOLDERS} FeatureSpace:dialects.keras3.feature_space.FeatureSpace "
        "audio_dataset_from_directory:preprocessing.folders.audio_dataset_from_directory "
        "timeseries_dataset_from_array:preprocessing.series.timeseries_dataset_from_array "
        "save_img:preprocessing.image.save_img is_keras_tensor:backend.is_keras_tensor "
        "get_source_inputs:engine.container.get_source_inputs "
        "PyDataset:utils.Sequence register_keras_serializable set_random_seed model_to_dot "
        "pack_x_y_sample_weight:training.open_spec.packed unpack_x_y_sample_weight:training.open_spec.unpacked "
        "pad_sequences:preprocessing.sequence.pad_sequences array_to_img:preprocessing.image.array_to_img "
        "img_to_array:preprocessing.image.img_to_array load_img:preprocessing.image.load_img "
        "deserialize_keras_object:dialects.keras3.objects.deserialize_keras_object "
        "serialize_keras_object:dialects.keras3.objects.serialize_keras_object "
        "get_registered_name:utils.generic_utils.get_registered_name "
        "get_registered_object:utils.generic_utils.get_registered_object clear_session:backend.clear_session",
    },
}


@functools.cache
def names(era: str) -> dict[str, dict[str, str]]:
    """Return the modules of an era: name -> path of the object in horngate."""
    found: dict[str, dict[str, str]] = {}
    for module in {**_BOTH, **_MORE[era]}:
        words = f"{_MORE[era].get(module, '')} {_BOTH.get(module, '')}".split()
        words = sorted(words + arrays.names()) if module == "ops" else words
        pairs = [(name, source or name) for name, _, source in (word.partition(":") for word in words)]
        found[module] = {name: at if "." in at else f"{module}.{at}" for name, at in pairs}
    return found
