"""Trained on eight devices, networks are what they are on one; and each device does, holds and sends its share only."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from horngate.backend import kernels
from horngate.backend.kernels.shares import SAMPLES
from horngate.backend.mesh import Distribution, axes_of, sized
from tests.mesh import child
from tests.mesh.networks import BATCH, NETWORKS

FLAGS = "--xla_force_host_platform_device_count=8"
# XLA compiles in a third of the time what then runs a little longer; the second flag is gone from jaxlib 0.11
QUICKLY = FLAGS + " --xla_backend_optimization_level=0"
QUICKLY += " --xla_cpu_use_fusion_emitters=false" if jax.__version_info__ < (0, 11) else ""
pytestmark = pytest.mark.skipif(
    os.environ.get("JAX_PLATFORMS", "cpu") != "cpu", reason="devices are pretended on a CPU"
)


def started(*arguments, **environment):
    """What the child prints."""
    environment = {**os.environ, "XLA_FLAGS": QUICKLY, "JAX_PLATFORMS": "cpu", **environment}
    command = [sys.executable, "-m", "tests.mesh.child", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def differences():
    return started("exact")


@pytest.fixture(scope="module")
def native():
    return started("native")


@pytest.fixture(scope="module")
def many():
    return started("many")


@pytest.fixture(scope="module")
def refused():
    return started("refused", HORNGATE_MESH="data:4")


CASES = [f"{name}/{layout}" for name in NETWORKS for layout in child.LAYOUTS.get(name, {"data": None})]


@pytest.mark.parametrize("case", CASES)
def test_results_are_those_of_one_device(case, differences):
    """Losses, metrics, predictions, weights, and the optimizer's arrays, in float64."""
    assert differences[case] <= 1e-12


MEASURED = ["dense", "convolutional", "recurrent", "mixed"]
CUT = [*(f"{name}/{layout}" for name in MEASURED for layout in ("data", "zero")), "dense/rules"]


@pytest.mark.parametrize("case", CUT)
def test_losses_of_the_first_steps(case, native):
    name = case.split("/")[0]
    pairs = list(zip(native[case]["losses"], native[f"{name}/one"]["losses"], strict=True))
    assert len(pairs) > 20
    assert max(abs(a - b) for a, b in pairs) <= (1e-3 if name == "mixed" else 1e-5)


@pytest.mark.parametrize("case", CUT)
def test_each_device_computes_its_share(case, native):
    """An eighth, and a little for the optimizer's step and for what all need."""
    assert native[case]["operations"] < 0.35 * native[case.split("/")[0] + "/one"]["operations"]


@pytest.mark.parametrize("name", MEASURED)
def test_data_parallel_steps_send_gradients_alone(name, native):
    found = native[f"{name}/data"]
    assert set(found["collectives"]) == {"all-reduce"}
    assert found["collectives"]["all-reduce"] <= 1.01 * found["trained"] + found["statistics"] + 16
    assert found["collectives"]["all-reduce"] >= found["trained"]
    assert found["in prediction"] == {}


@pytest.mark.parametrize("layout", ["data", "zero"])
def test_of_many_words_only_those_of_the_batch_are_sent(layout, native):
    """A table's gradient is sent as the rows of the batch's words, 5 for each of its samples."""
    found, table = native[f"vocabulary/{layout}"], 4 * 3000 * 8
    sent = sum(found["collectives"].values())
    at_use = table if layout == "zero" else 0  # weights are gathered where they are used
    assert sent <= 1.01 * (found["trained"] - table) + at_use + 2 * BATCH * 5 * 4 * (8 + 1) + 16
    losses = zip(found["losses"], native["vocabulary/one"]["losses"], strict=True)
    assert max(abs(a - b) for a, b in losses) <= 1e-5


@pytest.mark.parametrize("name", MEASURED)
def test_zero_keeps_a_part_and_sends_weights_once(name, native):
    found = native[f"{name}/zero"]
    assert found["on a device"] <= 1.05 / 8 * found["state"]
    assert found["collectives"]["all-gather"] <= found["trained"] + 3 * found["statistics"]
    assert found["collectives"]["all-reduce"] <= 1.01 * found["trained"] + found["statistics"] + 16


@pytest.mark.parametrize("case", CUT)
def test_a_program_is_compiled_once(case, native):
    assert native[case]["asked"] == native[case]["programs"] == 2


@pytest.mark.parametrize("case", [case for case in CUT if "data" not in case])
def test_weights_and_slots_are_made_in_their_parts(case, native):
    """NumPy's arrays go to the devices part by part: none ever holds a whole one that is to be split."""
    moved, first_whole = native[case]["first whole"]
    assert moved > 0
    assert first_whole == []


@pytest.mark.skipif(not kernels.vector_bytes(), reason="there are no native kernels")
@pytest.mark.parametrize("case", CUT)
def test_native_kernels_work_on_shares(case, native):
    name, layout = case.split("/")
    cut = layout != "data"  # Adam's takes whole arrays alone
    assert native[case]["kernels"] == native[f"{name}/one"]["kernels"] - cut > 0


@pytest.mark.parametrize(
    "what, words",
    {
        "too many": ["ValueError", "needs 16 devices", "there are 8", "XLA_FLAGS"],
        "no rule": ["ValueError", "'conv'", "dense_1_W", "dense_2_b"],
        "not divided": ["ValueError", "dense_1_W", "(8, 6)", "4 parts"],
        "too many axes": ["ValueError", "2 axes", "dense_1_b"],
        "idle": ["ValueError", "axis 'rest'", "2 devices"],
        "uneven": ["UserWarning", "30 samples", "8 devices", "multiple of 8"],
    }.items(),
)
def test_refusals_say_what_to_do(what, words, refused):
    assert [word for word in words if word not in refused[what]] == [], refused[what]


@pytest.mark.parametrize("name", ["dense", "convolutional", "recurrent"])
def test_many_models_are_divided_among_the_devices(name, many):
    """Each trains as on one device, in float64, and no device sends anything to another."""
    assert many[name] <= 1e-12
    assert many[f"{name}, sent"]
    assert not any(many[f"{name}, sent"])
    assert all(many[f"{name}, cut"])
    assert many[f"{name}, goes on"] == 8


def test_models_take_the_mesh_in_force(refused):
    assert refused["by environment"] == 4
    assert refused["by distribute"] == 8
    assert refused["by nobody"] == 1


def test_a_model_that_was_never_compiled_predicts_on_the_mesh_in_force(refused):
    assert refused["never compiled, data:8"] == [8, [8, 8]]
    assert refused["never compiled, zero"] == [8, [1, 8]]
    assert refused["never compiled, one"] == [1, [8, 8]]


@pytest.mark.parametrize(
    "mesh", ["", "data:0", "data:x", "data:2,data:2", "data:-1,model:-1", "da ta:2", {"data": 1.5j}]
)
def test_meshes_that_mean_nothing(mesh):
    with pytest.raises(ValueError, match="mesh"):
        axes_of(mesh)


@pytest.mark.parametrize(
    "mesh, count, sizes",
    [("data", 8, [8]), ("data:4", 8, [4]), ("data,model:2", 8, [4, 2]), ("data:-1,model:2", 2, [1, 2])],
)
def test_sizes(mesh, count, sizes):
    assert sized(axes_of(mesh), count) == sizes


@pytest.mark.parametrize("mesh, count", [("data:9", 8), ("data,model:3", 8), ("data,model:4", 2)])
def test_sizes_that_do_not_fit(mesh, count):
    with pytest.raises(ValueError, match="devices"):
        sized(axes_of(mesh), count)


@pytest.mark.parametrize(
    "told, match",
    [
        ({"shard": "one"}, "'zero'"),
        ({"mesh": "model:2", "shard": "zero"}, "axis 'data'"),
        ({"rules": {"W": ("model",)}}, "axis 'model'"),
        ({"rules": {"W": ("data", "data")}}, "twice"),
    ],
)
def test_distributions_that_mean_nothing(told, match):
    with pytest.raises(ValueError, match=match):
        Distribution(**told)


def test_every_kernel_that_is_cut_is_one_that_is_there():
    """A kernel under another name would be gathered whole by each device, without a word."""
    source = Path(kernels.__file__).parent / "source"
    text = "".join(path.read_text() for path in source.iterdir() if path.suffix in (".cc", ".h", ".inc"))
    assert [name for name in SAMPLES if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize(
    "mesh, rules, told",
    [({"data": 2.5}, None, "number of devices"), ("data", {"(": ("data",)}, r"rule '\(' is no regular expression")],
)
def test_a_mesh_that_cannot_be_meant_is_refused(mesh, rules, told):
    with pytest.raises(ValueError, match=told):
        Distribution(mesh, rules=rules)
