"""Images: as the real Keras 1.2.2 altered and scaled them, as SciPy moves them, and from files."""

import inspect

import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import Dense, Flatten
from horngate.models import Sequential
from horngate.preprocessing import image
from horngate.preprocessing.image import ImageDataGenerator
from horngate.preprocessing.image.warp import FILL_MODES, warp
from tests.golden_data import close, read

FUNCTIONS, FUNCTION_CASES = read("preprocessing/image_functions.npz")
GENERATOR, GENERATOR_CASES = read("preprocessing/image_generator.npz")
scipy = pytest.importorskip("scipy.ndimage")
pytest.importorskip("PIL")


def cases_of(kind):
    return [name for name in GENERATOR_CASES if name.startswith(kind + "__")]


@pytest.mark.parametrize("name", FUNCTION_CASES)
def test_functions(name):
    case = FUNCTION_CASES[name]
    x = FUNCTIONS[case["input"]]
    if case["function"] == "img_to_array":
        x = image.array_to_img(FUNCTIONS["image_tf"], "tf", scale=False)
    args = [FUNCTIONS[case["matrix"]]] if "matrix" in case else case.get("args", [])
    np.random.seed(case.get("numpy_seed"))
    found = np.asarray(getattr(image, case["function"])(x, *args, **case["kwargs"]))
    assert found.dtype == FUNCTIONS[name].dtype
    close(found, FUNCTIONS[name], rtol=1e-6)


def test_offset_center():
    moved = image.transform_matrix_offset_center(FUNCTIONS["offset_center_input"], 7, 9)
    close(moved, FUNCTIONS["offset_center_output_7_9"])


@pytest.mark.parametrize("name", cases_of("standardize"))
def test_standardize(name):
    case = GENERATOR_CASES[name]
    x, generator = GENERATOR[case["input"]], ImageDataGenerator(**case["kwargs"])
    generator.fit(x)
    # ten images span ten of the ninety directions that whitening scales: the others are float32's rounding
    tolerance = 1e-3 if "zca" in name else 1e-5
    close(np.stack([generator.standardize(one.copy()) for one in x]), GENERATOR[f"{name}__output"], 1e-4, tolerance)
    close(generator.standardize_batch(x), GENERATOR[f"{name}__output"], 1e-4, tolerance)
    for part in ("mean", "std"):
        if f"{name}__{part}" in GENERATOR:
            close(getattr(generator, part), GENERATOR[f"{name}__{part}"], 1e-4, 1e-5)


@pytest.mark.parametrize("name", cases_of("random_transform"))
def test_random_transform(name):
    case = GENERATOR_CASES[name]
    generator = ImageDataGenerator(**case["kwargs"])
    np.random.seed(case["numpy_seed"])
    close([generator.random_transform(x) for x in GENERATOR[case["input"]]], GENERATOR[f"{name}__output"])
    np.random.seed(case["numpy_seed"])
    close(generator.transform_batch(GENERATOR[case["input"]], np.random), GENERATOR[f"{name}__output"])


@pytest.mark.parametrize("name", cases_of("flow"))
def test_flow(name):
    case = GENERATOR_CASES[name]
    flow = ImageDataGenerator(**case["kwargs"]).flow(GENERATOR[case["input"]], GENERATOR["y"], **case["flow"])
    batches = [next(flow) for _ in range(7)]
    assert [len(x) for x, _ in batches] == case["batch_sizes"]
    close(np.concatenate([x for x, _ in batches]), GENERATOR[f"{name}__x"])
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), GENERATOR[f"{name}__y"])


@pytest.mark.parametrize("name", cases_of("fit_augment"))
def test_fit_on_altered_images(name):
    case = GENERATOR_CASES[name]
    generator = ImageDataGenerator(**case["kwargs"])
    generator.fit(GENERATOR[case["input"]], **case["fit"])
    close(generator.mean, GENERATOR[f"{name}__mean"])


# against SciPy


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("channels_last", [True, False])
def test_a_batch_is_moved_as_scipy_moves_each_image(fill_mode, channels_last):
    rng = np.random.RandomState(0)
    images = rng.rand(70, 23, 31, 2).astype("float32")
    matrices = np.zeros((70, 3, 3))
    matrices[:, :2, :2] = np.eye(2) + rng.uniform(-0.5, 0.5, (70, 2, 2))
    matrices[:, :2, 2], matrices[:, 2, 2] = rng.uniform(-15, 15, (70, 2)), 1
    flips = rng.rand(70, 2) < 0.5
    given = images if channels_last else images.transpose(0, 3, 1, 2)
    found = warp(given, matrices, fill_mode, 0.5, channels_last, flips)
    found = found if channels_last else found.transpose(0, 2, 3, 1)
    # SciPy's own `wrap` counts the border pixels as one, as Keras 1 did
    for x, matrix, (down, right), moved in zip(images, matrices, flips, found):
        planes = [
            scipy.affine_transform(x[..., c], matrix[:2, :2], matrix[:2, 2], order=0, mode=fill_mode, cval=0.5)
            for c in range(2)
        ]
        wanted = np.stack(planes, -1)[:: -1 if down else 1, :: -1 if right else 1]
        assert np.mean(moved != wanted) < 2e-3, "but for places half way between two pixels"


def test_what_lies_beyond_is_far_away_too():
    x = np.arange(12, dtype="float32").reshape(1, 3, 4, 1)
    far = np.array([[[1, 0, 1e7], [0, 1, -1e7], [0, 0, 1]]])
    assert (warp(x, far, "nearest") == 8).all()
    assert (warp(x, far, "constant", -1) == -1).all()
    assert set(warp(x, far, "reflect").ravel()) <= set(x.ravel())


# the generator's options


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_flips_alone_and_with_motion(ordering):
    x = np.random.RandomState(0).rand(1, 3, 4, 5).astype("float32")
    x = x if ordering == "th" else x.transpose(0, 2, 3, 1)
    rows, columns = (2, 3) if ordering == "th" else (1, 2)
    for options, axis in (({"horizontal_flip": True}, columns), ({"vertical_flip": True}, rows)):
        for motion in ({}, {"rotation_range": 1e-9}):
            generator = ImageDataGenerator(dim_ordering=ordering, **options, **motion)
            found = {generator.random_transform(x[0]).tobytes() for _ in range(20)}
            assert found == {x[0].tobytes(), np.flip(x, axis)[0].tobytes()}


def test_preprocessing_comes_before_rescaling():
    generator = ImageDataGenerator(preprocessing_function=lambda x: x + 1, rescale=2.0)
    close(generator.standardize(np.zeros((3, 4, 4))), np.full((3, 4, 4), 2.0))


def test_data_stay_as_they_are():
    x = np.random.rand(6, 3, 5, 5).astype("float32")
    before = x.copy()
    generator = ImageDataGenerator(
        featurewise_center=True, zca_whitening=True, samplewise_center=True, rescale=3.0, channel_shift_range=0.5
    )
    generator.fit(x)
    next(generator.flow(x))
    generator.standardize(x[0])
    image.array_to_img(x[0])
    np.testing.assert_array_equal(x, before)


def test_whitening_decorrelates():
    x = np.random.RandomState(0).rand(400, 1, 3, 3).astype("float32")
    x[:, 0, 0] += x[:, 0, 1]
    generator = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
    generator.fit(x)
    white = generator.standardize_batch(x).reshape(400, -1)
    close(white.T @ white / 400, np.eye(9), atol=1e-2)


def test_a_seed_gives_the_same_batches_and_each_round_another_order():
    x = np.arange(8, dtype="float32").reshape(8, 1, 1, 1)
    rounds = [
        [next(flow).ravel().tolist() for _ in range(8)]
        for flow in (ImageDataGenerator().flow(x, batch_size=4, seed=3) for _ in range(2))
    ]
    assert rounds[0] == rounds[1]
    orders = [tuple(rounds[0][i] + rounds[0][i + 1]) for i in range(0, 8, 2)]
    assert all(sorted(order) == list(range(8)) for order in orders) and len(set(orders)) == 4


def test_era_0_3_centers_and_keeps_the_order():
    K.set_era("0.3")
    try:
        generator = ImageDataGenerator()
        assert generator.featurewise_center and generator.featurewise_std_normalization
        assert not generator.flow(np.zeros((2, 1, 3, 3))).shuffle
    finally:
        K.set_era("1.0")


def test_a_network_learns_from_altered_images():
    rng = np.random.RandomState(0)
    y = np.arange(64) % 2
    x = rng.rand(64, 1, 8, 8).astype("float32") * 0.1
    x[y == 1, :, 2:6, 2:6] += 1
    model = Sequential([Flatten(input_shape=(1, 8, 8)), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["acc"])
    flow = ImageDataGenerator(rotation_range=20, horizontal_flip=True).flow(x, y, batch_size=16)
    history = model.fit_generator(flow, samples_per_epoch=64, nb_epoch=30, verbose=0, nb_worker=2).history
    assert history["acc"][-1] > 0.95


WRONG = {
    "a zoom of three": (lambda: ImageDataGenerator(zoom_range=(1, 2, 3)), "zoom_range"),
    "an unknown fill mode": (lambda: ImageDataGenerator(fill_mode="nearst"), "nearest"),
    "an unknown ordering": (lambda: ImageDataGenerator(dim_ordering="thf"), "thf"),
    "no fit": (lambda: ImageDataGenerator(zca_whitening=True).standardize(np.zeros((1, 2, 2))), r"call fit\(x\)"),
    "images without channels": (lambda: ImageDataGenerator().flow(np.zeros((3, 4, 4))), r"\(3, 4, 4\)"),
    "the other ordering": (lambda: ImageDataGenerator(dim_ordering="th").flow(np.zeros((3, 8, 8, 3))), "ordering"),
    "targets that are too few": (lambda: ImageDataGenerator().flow(np.zeros((3, 1, 4, 4)), [1]), "3 samples and y 1"),
    "an array of two axes as image": (lambda: image.array_to_img(np.zeros((3, 4))), r"3 axes"),
    "five channels": (lambda: image.array_to_img(np.zeros((5, 4, 4)), "th"), "received 5"),
    "one zoom factor": (lambda: image.random_zoom(np.zeros((1, 4, 4)), (0.5,)), "pair"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls(what):
    call, words = WRONG[what]
    with pytest.raises(ValueError, match=words):
        call()


# files


@pytest.fixture
def folder(tmp_path):
    """Three classes of 3, 4 and 5 images of one colour each, one of them in a folder within."""
    colours = {"blue": (0, 0, 255), "green": (0, 255, 0), "red": (255, 0, 0)}
    for number, (name, colour) in enumerate(colours.items()):
        (tmp_path / name / "more").mkdir(parents=True)
        for i in range(3 + number):
            x = np.broadcast_to(np.array(colour, "float32"), (6 + i, 8, 3))
            place = tmp_path / name / ("more" if i == 0 else ".") / f"{i}.png"
            image.array_to_img(x, "tf", scale=False).save(place)
    (tmp_path / "red" / "notes.txt").write_text("no image")
    return tmp_path


CLASS_MODES = {
    "categorical": lambda numbers: np.eye(3)[numbers],
    "sparse": lambda numbers: numbers,
    "binary": lambda numbers: numbers,
}


@pytest.mark.parametrize("class_mode", CLASS_MODES)
@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_flow_from_directory(folder, class_mode, ordering, capsys):
    flow = ImageDataGenerator(dim_ordering=ordering).flow_from_directory(
        str(folder), target_size=(5, 7), class_mode=class_mode, batch_size=5, shuffle=False
    )
    assert capsys.readouterr().out == "Found 12 images belonging to 3 classes.\n"
    assert flow.class_indices == {"blue": 0, "green": 1, "red": 2} and flow.nb_sample == 12
    numbers = np.repeat([0, 1, 2], [3, 4, 5])
    np.testing.assert_array_equal(flow.classes, numbers)
    batches = [next(flow) for _ in range(3)]
    x, y = (np.concatenate([batch[k] for batch in batches]) for k in range(2))
    assert x.shape == ((12, 3, 5, 7) if ordering == "th" else (12, 5, 7, 3))
    np.testing.assert_array_equal(y, CLASS_MODES[class_mode](numbers))
    colours = x.mean((2, 3) if ordering == "th" else (1, 2))
    np.testing.assert_array_equal(colours, 255 * np.eye(3)[2 - numbers])


def test_flow_from_directory_without_targets_in_gray_for_chosen_classes(folder):
    flow = ImageDataGenerator().flow_from_directory(
        str(folder), (4, 4), "grayscale", classes=["red", "blue"], class_mode=None, batch_size=8, seed=1
    )
    x = next(flow)
    assert x.shape == (8, 1, 4, 4) and set(np.unique(x)) == {29.0, 76.0}  # the luminance of blue and of red
    assert flow.class_indices == {"red": 0, "blue": 1}


def test_links_are_followed_if_asked(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("links")
    (other / "all").mkdir()
    (other / "all" / "link").symlink_to(folder / "red", target_is_directory=True)
    with pytest.raises(ValueError, match="no images found"):
        ImageDataGenerator().flow_from_directory(str(other))
    assert ImageDataGenerator().flow_from_directory(str(other), follow_links=True).nb_sample == 5


def test_a_broken_file_is_named_or_skipped(folder):
    whole = (folder / "red" / "2.png").read_bytes()
    (folder / "red" / "2.png").write_bytes(whole[: len(whole) // 2])
    options = {"batch_size": 12, "target_size": (4, 4), "shuffle": False}
    with pytest.raises(ValueError, match="2.png"):
        next(ImageDataGenerator().flow_from_directory(str(folder), **options))
    flow = ImageDataGenerator().flow_from_directory(str(folder), broken="skip", **options)
    with pytest.warns(UserWarning, match="2.png"):
        x, y = next(flow)
    assert len(x) == len(y) == 11 and [name.split("/")[-1] for name in flow.broken_files] == ["2.png"]


def test_images_are_saved_to_look_at(folder, tmp_path):
    out = tmp_path / "out"
    flow = ImageDataGenerator().flow_from_directory(
        str(folder), (4, 4), batch_size=4, save_to_dir=str(out), save_prefix="x", save_format="png"
    )
    next(flow)
    assert len(image.list_pictures(out)) == 4 and image.load_img(image.list_pictures(out)[0]).size == (4, 4)


def test_load_img_and_list_pictures(folder):
    pictures = image.list_pictures(str(folder))
    assert len(pictures) == 12 and pictures == sorted(pictures)
    assert image.list_pictures(str(folder), ext="jpg") == []
    img = image.load_img(str(folder / "red" / "1.png"))
    assert img.mode == "RGB" and img.size == (8, 7)
    assert image.load_img(str(folder / "red" / "1.png"), grayscale=True, target_size=(2, 3)).size == (3, 2)
    with pytest.raises(FileNotFoundError):
        image.load_img(str(folder / "none.png"))


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_contact_sheet(ordering, tmp_path):
    x = np.zeros((5, 3, 4, 6), "float32")
    x[np.arange(5), 0] = np.arange(5)[:, None, None]  # ever redder
    batch = x if ordering == "th" else x.transpose(0, 2, 3, 1)
    picture = image.plot_batch((batch, None), columns=3, dim_ordering=ordering, to_file=tmp_path / "sheet.png")
    assert picture.size == (3 * 8 + 2, 2 * 6 + 2) and (tmp_path / "sheet.png").exists()
    pixels = np.asarray(picture)
    assert pixels[2, 2].tolist() == [0, 0, 0] and pixels[2 + 6, 2 + 8].tolist() == [255, 0, 0]


def test_bent_like_a_barrel():
    np.random.seed(0)
    x = np.random.rand(3, 9, 9)
    np.testing.assert_array_equal(image.random_barrel_transform(x, 0.0), x)
    bent = image.random_barrel_transform(x, 0.5)
    assert bent.shape == x.shape and (bent[:, 4, 4] == x[:, 4, 4]).all() and (bent != x).any()


@pytest.mark.parametrize(("channels", "ending"), [(3, "png"), (1, "bmp"), (4, "png"), (4, "jpg")])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_a_saved_image_is_read_again(tmp_path, channels, ending, data_format):
    x = np.random.RandomState(0).randint(0, 256, (8, 9, channels)).astype("float32")
    told = x if data_format == "channels_last" else np.moveaxis(x, 2, 0)
    image.save_img(tmp_path / f"x.{ending}", told, data_format=data_format, scale=False)
    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels if ending != "jpg" else 3]
    found = image.img_to_array(image.load_img(tmp_path / f"x.{ending}", color_mode=mode), "tf")
    assert found.shape == (8, 9, 3 if ending == "jpg" else channels)
    assert ending == "jpg" or (found == x).all()


def test_every_function_is_tested():
    source = inspect.getsource(inspect.getmodule(test_functions))
    public = [name for name in dir(image) if inspect.isfunction(getattr(image, name)) and not name.startswith("_")]
    tested = {case["function"] for case in FUNCTION_CASES.values()}
    covered_by_flips = {"horizontal_flip", "vertical_flip"}
    assert [n for n in public if n not in tested | covered_by_flips and f"image.{n}(" not in source] == []


def test_old_flips():
    x = np.random.rand(3, 4, 5)
    np.testing.assert_array_equal(image.horizontal_flip(x), x[:, :, ::-1])
    np.testing.assert_array_equal(image.vertical_flip(x), x[:, ::-1])
