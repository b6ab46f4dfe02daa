"""The calls by which the functions of `ops` are compared with those of the real Keras 3."""

import numpy as np

_random = np.random.RandomState(7)


def numbers(*shape, low=0.1, high=0.9):
    return _random.uniform(low, high, shape).astype("float32")


A, B, OTHER = numbers(3, 4), numbers(3, 4), numbers(4, 5)
ROW, ROWS, MIXED = numbers(8), numbers(2, 3, 4), numbers(3, 4, low=-2, high=2)
HOLES = np.where(MIXED > 1, np.nan, MIXED).astype("float32")
SQUARE = numbers(2, 3, 3) + 2 * np.eye(3, dtype="float32")
POSITIVE = SQUARE @ SQUARE.transpose(0, 2, 1)
WHOLE, WHOLE2 = np.array([[5, 3, 12], [7, 1, 8]]), np.array([[2, 1, 3], [3, 2, 4]])
TRUTHS, TRUTHS2 = MIXED > 0, A > 0.5
IMAGES, ONE = numbers(2, 7, 6, 3), numbers(7, 6, 3)
SIGNAL, SERIES = numbers(2, 40), numbers(2, 9, 3)
VOLUMES = numbers(1, 5, 4, 4, 2)
KERNEL, KERNEL1, KERNEL3, APART = numbers(3, 3, 3, 4), numbers(3, 3, 2), numbers(2, 2, 2, 2, 3), numbers(3, 3, 3, 2)
QUERY, KEY, VALUE = numbers(2, 4, 2, 6), numbers(2, 5, 2, 6), numbers(2, 5, 2, 6)
PROBABILITIES = A / A.sum(-1, keepdims=True)
AFFINE = np.tile(np.array([0.9, 0.2, 0.4, -0.1, 1.1, 0.3, 0, 0], "float32"), (2, 1))
COMPLEX = (numbers(2, 8), numbers(2, 8))
ONES = "abs absolute arcsin arcsinh arccos arctan arctanh cbrt ceil cos cosh deg2rad erf erfc erfinv exp exp2 expm1 "
ONES += "fabs floor i0 log log10 log1p log2 negative rad2deg real reciprocal rsqrt sigmoid sign sin sinc sinh sqrt "
ONES += "square tan tanh trunc relu6 hard_tanh leaky_relu elu celu selu silu swish gelu glu hard_shrink "
ONES += "hard_silu hard_swish hard_sigmoid log_sigmoid log_softmax softmax softplus softsign soft_shrink sparse_plus "
ONES += "sparse_sigmoid squareplus tanh_shrink relu ravel fliplr flipud transpose corrcoef copy conj conjugate"
PLAIN = "isfinite isinf isnan isneginf isposinf isreal signbit logical_not nonzero angle imag"
PAIRS = "add arctan2 divide true_divide subtract multiply maximum minimum power logaddexp logaddexp2 fmax fmin hypot "
PAIRS += "inner kron divide_no_nan vdot outer"
COMPARED = "equal greater greater_equal less less_equal not_equal heaviside floor_divide fmod mod nextafter isin"
REDUCED = "amax amin max mean median min prod ptp std sum var logsumexp"
HOLED = "nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar"

# (name, arguments, keywords, whether the derivative by the first argument is compared)
CASES = [
    *((name, (A,), {}, True) for name in ONES.split()),
    *((name, (MIXED,), {}, False) for name in PLAIN.split()),
    ("arccosh", (A + 1,), {}, True),
    *((name, (A, B), {}, True) for name in PAIRS.split()),
    *((name, (A, B), {}, False) for name in COMPARED.split()),
    *((name, (ROWS,), {"axis": 1, "keepdims": True}, True) for name in REDUCED.split()),
    *((name, (ROWS,), {}, True) for name in REDUCED.split() if name != "ptp"),
    *((name, (HOLES,), {"axis": 1}, False) for name in HOLED.split()),
    *((name, (MIXED,), {"axis": 1}, False) for name in ("argmax", "argmin", "nanargmax", "nanargmin", "count_nonzero")),
    *((name, (TRUTHS,), {"axis": 0}, False) for name in ("all", "any")),
    *((name, (MIXED,), {"axis": 1}, True) for name in ("cumprod", "cumsum", "sort", "flip")),
    *((name, (HOLES,), {"axis": 1}, False) for name in ("nancumprod", "nancumsum")),
    *((name, (WHOLE, WHOLE2), {}, False) for name in ("gcd", "lcm", "bitwise_and", "bitwise_or", "bitwise_xor")),
    *((name, (WHOLE, WHOLE2), {}, False) for name in ("bitwise_left_shift", "bitwise_right_shift")),
    *((name, (WHOLE, WHOLE2), {}, False) for name in ("left_shift", "right_shift")),
    *((name, (WHOLE,), {}, False) for name in ("bitwise_invert", "bitwise_not")),
    *((name, (TRUTHS, TRUTHS2), {}, False) for name in ("logical_and", "logical_or", "logical_xor")),
    *((name, (7,), {}, False) for name in ("bartlett", "blackman", "hamming", "hanning")),
    ("kaiser", (7, 8.0), {}, False),
    ("ldexp", (A, WHOLE[0, :1]), {}, False),
    *((name, (A, OTHER), {}, True) for name in ("dot", "matmul")),
    ("tensordot", (ROWS, OTHER), {"axes": 1}, True),
    ("einsum", ("abc,cd->abd", ROWS, OTHER), {}, False),
    ("cross", (SQUARE, POSITIVE), {}, True),
    ("correlate", (ROW, ROW[:3]), {"mode": "same"}, True),
    ("isclose", (A, A + 1e-7), {}, False),
    ("allclose", (A, B), {"atol": 1.0}, False),
    ("argsort", (MIXED,), {"axis": 0}, False),
    ("argpartition", (MIXED, 2), {}, False),
    ("append", (A, B), {"axis": 1}, True),
    ("arange", (2, 9, 3), {}, False),
    ("array", (A,), {}, True),
    ("average", (A,), {"axis": 1, "weights": B}, True),
    ("bincount", (WHOLE[0],), {"minlength": 3}, False),
    ("broadcast_to", (A, (2, 3, 4)), {}, True),
    ("cast", (MIXED, "int32"), {}, False),
    ("clip", (MIXED, -1, 0.5), {}, True),
    ("diag", (ROW, 1), {}, True),
    ("diagflat", (A,), {}, True),
    ("diagonal", (ROWS,), {"offset": 1, "axis1": 1, "axis2": 2}, True),
    ("diff", (A,), {"n": 2}, True),
    ("digitize", (A, np.array([0.2, 0.5, 0.8], "float32")), {}, False),
    ("expand_dims", (A, 1), {}, True),
    ("eye", (3, 4, 1), {}, False),
    ("full", ((2, 3), 5.0), {}, False),
    ("full_like", (A, 2), {}, False),
    ("geomspace", (1.0, 16.0, 5), {}, False),
    ("identity", (3,), {}, False),
    ("linspace", (0.0, 1.0, 5), {"endpoint": False}, False),
    ("logspace", (0.0, 2.0, 3), {}, False),
    ("moveaxis", (ROWS, 0, 2), {}, True),
    ("nan_to_num", (HOLES,), {"nan": 3.0}, True),
    ("ones", ((2, 3),), {}, False),
    ("ones_like", (A,), {}, False),
    ("zeros", ((2, 3),), {"dtype": "int32"}, False),
    ("zeros_like", (A,), {}, False),
    ("pad", (A, ((1, 2), (0, 1))), {"constant_values": 3.0}, True),
    ("pad", (A, 1), {"mode": "reflect"}, True),
    ("percentile", (A, 30.0), {"axis": 1}, True),
    ("nanpercentile", (HOLES, 30.0), {"axis": 1}, False),
    ("repeat", (A, 2), {"axis": 1}, True),
    ("reshape", (A, (2, -1)), {}, True),
    ("roll", (A, 1), {"axis": 0}, True),
    ("rot90", (A,), {"k": 3}, True),
    ("round", (MIXED, 1), {}, False),
    ("searchsorted", (np.sort(ROW), A[0]), {"side": "right"}, False),
    ("select", ([TRUTHS, TRUTHS2], [A, B]), {"default": 3.0}, False),
    ("squeeze", (A[:, None], 1), {}, True),
    ("swapaxes", (ROWS, 0, 2), {}, True),
    ("take", (A, np.array([2, 0])), {"axis": 1}, True),
    ("take_along_axis", (A, np.array([[2], [0], [1]])), {"axis": 1}, True),
    ("tile", (A, (2, 1)), {}, True),
    ("trace", (ROWS,), {"axis1": 1, "axis2": 2}, True),
    ("trapezoid", (A,), {"dx": 0.5}, True),
    ("tri", (3,), {"k": -1}, False),
    ("tril", (A, -1), {}, True),
    ("triu", (A, 1), {}, True),
    ("unravel_index", (WHOLE[1], (3, 4)), {}, False),
    ("vander", (ROW, 3), {"increasing": True}, True),
    ("where", (TRUTHS, A, B), {}, False),
    *((name, ([A, B],), {}, False) for name in ("concatenate", "stack", "hstack", "vstack", "dstack")),
    ("dsplit", (ROWS, 2), {}, False),
    ("split", (A, 2), {"axis": 1}, False),
    ("split", (A, (1, 3)), {"axis": 1}, False),
    ("array_split", (A, 3), {"axis": 1}, False),
    ("hsplit", (A, 2), {}, False),
    ("vsplit", (A, 3), {}, False),
    ("histogram", (ROW,), {"bins": 4, "range": (0.0, 1.0)}, False),
    # choosing and placing
    ("get_item", (A, 1), {}, True),
    ("slice", (A, (1, 1), (2, 2)), {}, True),
    ("slice_update", (A, (1, 1), B[:2, :2]), {}, True),
    ("scatter", (np.array([[0, 1], [2, 0], [0, 1]]), ROW[:3], (3, 2)), {}, False),
    *(
        ("scatter_update", (A, np.array([[0, 1], [2, 0]]), ROW[:2]), {"reduction": how}, True)
        for how in (None, "add", "max", "min", "mul")
    ),
    *((f"segment_{how}", (A, np.array([0, 0, 1])), {"num_segments": 2}, True) for how in ("sum", "max", "min")),
    ("segment_prod", (A, np.array([0, 0, 1])), {"num_segments": 3, "sorted": True}, False),
    ("top_k", (MIXED, 2), {}, True),
    ("in_top_k", (np.array([0, 2, 1]), MIXED, 2), {}, False),
    ("one_hot", (WHOLE, 9), {"axis": 1}, False),
    ("multi_hot", (WHOLE, 13), {}, False),
    ("unstack", (ROWS,), {"axis": 1}, True),
    ("saturate_cast", (MIXED * 300, "uint8"), {}, False),
    ("unique", (np.array([3, 1, 3, 2]),), {"return_counts": True, "return_inverse": True}, False),
    ("view_as_complex", (numbers(3, 2),), {}, False),
    ("polar", (A, B), {}, False),
    ("psnr", (A, B, 1.0), {}, True),
    ("extract_sequences", (SIGNAL, 8, 5), {}, True),
    ("rearrange", (ROWS, "a (b c) d -> (d a) c b"), {"b": 3}, True),
    # linear algebra
    *((name, (SQUARE,), {}, True) for name in ("det", "inv")),
    *((name, (POSITIVE,), {}, True) for name in ("cholesky", "logdet")),
    ("cholesky", (POSITIVE,), {"upper": True}, False),
    ("cholesky_inverse", (np.linalg.cholesky(POSITIVE[0]),), {}, True),
    ("cholesky_inverse", (np.linalg.cholesky(POSITIVE[0]).T.copy(),), {"upper": True}, False),
    *((name, (POSITIVE,), {}, False) for name in ("eigh", "slogdet", "lu_factor", "matrix_rank", "pinv")),
    ("qr", (SQUARE,), {}, False),
    ("svd", (A,), {"compute_uv": False}, True),
    ("svd", (A,), {"full_matrices": False}, False),
    ("solve", (SQUARE, POSITIVE), {}, True),
    ("solve", (SQUARE[0], POSITIVE[0, 0]), {}, True),
    ("solve_triangular", (np.tril(SQUARE), POSITIVE), {"lower": True}, True),
    ("lstsq", (OTHER.T, ROW[:5]), {}, False),
    *(("norm", (A,), {"ord": order, "axis": 1}, True) for order in (None, 1, 2, 3)),
    ("norm", (A,), {"ord": "fro", "axis": (0, 1), "keepdims": True}, True),
    *(("normalize", (MIXED,), {"axis": 0, "order": order}, True) for order in (1, 2, 3)),
    ("cdist", (A, B), {}, True),
    # signals
    *((name, (COMPLEX,), {}, False) for name in ("fft", "fft2", "ifft2", "irfft")),
    ("rfft", (SIGNAL,), {"fft_length": 32}, True),
    ("stft", (SIGNAL, 8, 4, 10), {}, True),
    ("stft", (SIGNAL, 8, 4, 8), {"window": "hamming", "center": False}, True),
    # networks
    ("conv", (IMAGES, KERNEL), {"strides": 2, "padding": "same"}, True),
    ("conv", (IMAGES, KERNEL), {"dilation_rate": 2}, True),
    ("conv", (IMAGES.transpose(0, 3, 1, 2), KERNEL), {"data_format": "channels_first"}, True),
    ("conv", (SERIES[..., :2], KERNEL1[:, :2]), {}, True),
    ("conv", (VOLUMES, KERNEL3), {}, True),
    ("depthwise_conv", (IMAGES, APART), {"padding": "same"}, True),
    ("separable_conv", (IMAGES, APART, numbers(1, 1, 6, 2)), {}, True),
    *(
        (
            "conv_transpose",
            (IMAGES, KERNEL.transpose(0, 1, 3, 2)),
            {"strides": s, "padding": p, "output_padding": o},
            True,
        )
        for s, p, o in ((1, "valid", None), (2, "valid", None), (2, "same", None), (2, "same", 1), (4, "valid", None))
    ),
    ("max_pool", (IMAGES, 2), {"strides": 2}, True),
    ("max_pool", (IMAGES, (3, 2)), {"strides": 2, "padding": "same"}, True),
    ("average_pool", (IMAGES, 3), {"strides": 2, "padding": "same"}, True),
    ("adaptive_average_pool", (IMAGES, (3, 4)), {}, True),
    ("adaptive_max_pool", (IMAGES, (3, 4)), {}, True),
    ("moments", (ROWS,), {"axes": [0, 2], "keepdims": True}, True),
    ("batch_normalization", (ROWS, A[0], B[0]), {"axis": -1, "offset": A[1], "scale": B[1]}, True),
    ("layer_normalization", (ROWS, A[0], B[0]), {}, True),
    ("layer_normalization", (ROWS,), {"axis": (1, 2), "epsilon": 0.1}, True),
    ("rms_normalization", (ROWS, A[0]), {}, True),
    ("dot_product_attention", (QUERY, KEY, VALUE), {}, True),
    ("dot_product_attention", (QUERY, KEY[:, :4], VALUE[:, :4]), {"is_causal": True, "scale": 2.0}, True),
    (
        "dot_product_attention",
        (QUERY, KEY, VALUE),
        {"bias": numbers(2, 2, 4, 5), "mask": numbers(2, 1, 4, 5) > 0.4},
        True,
    ),
    *(("binary_crossentropy", (B, A), {"from_logits": logits}, True) for logits in (False, True)),
    *(("categorical_crossentropy", (PROBABILITIES, A), {"from_logits": logits}, True) for logits in (False, True)),
    ("sparse_categorical_crossentropy", (np.array([0, 3, 1]), A), {}, False),
    ("ctc_loss", (np.array([[1, 2, 0], [2, 2, 1]]), SERIES, np.array([2, 3]), np.array([9, 8])), {}, False),
    ("space_to_depth", (IMAGES[:, :6], 2), {}, True),
    ("depth_to_space", (numbers(1, 2, 2, 8), 2), {}, True),
    ("unfold", (IMAGES, 3), {"stride": 2, "padding": 1}, True),
    ("fold", (numbers(2, 8, 9), (4, 4), 2), {}, True),
    # images
    *((f"image.{name}", (IMAGES,), {}, True) for name in ("rgb_to_grayscale", "rgb_to_hsv", "hsv_to_rgb")),
    *(
        ("image.resize", (IMAGES, (5, 9)), {"interpolation": how}, True)
        for how in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    ),
    ("image.resize", (ONE, (5, 9)), {"antialias": True, "crop_to_aspect_ratio": True}, True),
    ("image.resize", (IMAGES, (5, 9)), {"pad_to_aspect_ratio": True, "fill_value": 2.0}, True),
    (
        "image.crop_images",
        (IMAGES,),
        {"top_cropping": 1, "left_cropping": 2, "target_height": 5, "target_width": 3},
        True,
    ),
    ("image.pad_images", (ONE,), {"top_padding": 1, "left_padding": 2, "target_height": 9, "target_width": 9}, True),
    ("image.extract_patches", (IMAGES, (3, 2)), {}, True),
    ("image.extract_patches", (IMAGES, 3), {"strides": 2, "padding": "same"}, True),
    ("image.extract_patches_3d", (VOLUMES, 2), {}, True),
    *(
        ("image.map_coordinates", (A, numbers(2, 5) * 4 - 0.5), {"order": order, "fill_mode": mode}, True)
        for order, mode in ((0, "nearest"), (1, "constant"), (1, "reflect"), (1, "wrap"), (1, "mirror"))
    ),
    *(
        ("image.affine_transform", (IMAGES, AFFINE), how, True)
        for how in ({}, {"interpolation": "nearest", "fill_mode": "nearest"}, {"fill_mode": "reflect"})
    ),
    (
        "image.perspective_transform",
        (
            IMAGES,
            np.tile(np.array([[0, 0], [0, 5], [6, 0], [6, 5]], "float32"), (2, 1, 1)),
            np.tile(np.array([[1, 0], [0, 4], [5, 1], [6, 5]], "float32"), (2, 1, 1)),
        ),
        {},
        True,
    ),
    ("image.gaussian_blur", (IMAGES, (5, 3), (1.0, 0.5)), {"data_format": "channels_last"}, True),
    ("image.scale_and_translate", (A, (5, 5), np.array([1.5, 2.0], "float32"), ROW[:2], (0, 1), "linear"), {}, True),
    ("image.sobel_edges", (IMAGES,), {}, True),
    ("image.ssim", (IMAGES, IMAGES[::-1].copy()), {"filter_size": 3}, True),
]
KEYS = [f"{name}-{sum(other[0] == name for other in CASES[:i])}" for i, (name, *_) in enumerate(CASES)]


def found(ops, name):
    """The function of a name, which may have a point."""
    for part in name.split("."):
        ops = getattr(ops, part)
    return ops


def leaves(value):
    """The arrays that a function has returned, in a list."""
    if isinstance(value, (list, tuple)):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def weights(shape):
    """Numbers by which the elements of a result count in the sum that is differentiated."""
    return np.cos(np.arange(int(np.prod(shape)), dtype="float32")).reshape(shape)
