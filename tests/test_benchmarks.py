"""The benchmark suite: its arithmetic beside hand counts, its verdicts, and a quick run that needs no peers."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import floor, profile, report, scale, summary
from benchmarks.__main__ import asked
from benchmarks.contenders.horngate import Contender
from benchmarks.contenders.jax import Contender as ByHand
from benchmarks.contenders.own_steps import horngate as own_steps
from benchmarks.contenders.own_steps import jax as own_steps_by_hand
from benchmarks.workloads import (
    GPU_SIZES,
    WORKLOADS,
    Workload,
    data,
    initial_weights,
    shape_after,
    sized,
    transformer,
    walk,
    weight_shapes,
)

ROOT = Path(__file__).resolve().parents[1]
ROWS = {  # small networks in which every kind of row takes part
    "dense": ((("dense", 5, "relu"), ("dropout", 0.5), ("dense", 3, "softmax")), (4,), 0),
    "images": (
        (
            ("conv", 4, 3, "relu", 2, 3),
            ("norm",),
            ("residual", (("conv", 4, 3, None, 1, 1), ("norm",)), ()),
            ("activation", "relu"),
            ("pool", 2, 2),
            ("flatten",),
            ("dense", 3, "softmax"),
        ),
        (8, 8, 2),
        0,
    ),
    "mean": ((("conv", 4, 1, None, 1, 0), ("mean",), ("dense", 3, "softmax")), (8, 8, 2), 0),
    "lstm": ((("embedding", 9, 4), ("lstm", 3), ("dense", 1, "sigmoid")), (6,), 9),
    "gru": ((("embedding", 9, 4), ("gru", 3), ("dense", 1, "sigmoid")), (6,), 9),
    "bidirectional": ((("embedding", 9, 4), ("bidirectional", 3), ("dense", 1, "sigmoid")), (6,), 9),
    "gpt": ((("embedding", 9, 6), *transformer(2, 6, 2, True), ("dense", 9, "softmax")), (5,), 9),
    "vit": (
        (("conv", 6, 2, None, 2, 0), ("tokens",), *transformer(1, 6, 3, False), ("mean",), ("dense", 3, "softmax")),
        (8, 8, 2),
        0,
    ),
    "mobilenet": (
        (
            ("conv", 4, 3, None, 2, 1),
            ("depthwise", 3, 2, 1),
            ("norm",),
            ("activation", "relu"),
            ("depthwise", 3, 1, 1),
            ("mean",),
            ("dense", 3, "softmax"),
        ),
        (8, 8, 2),
        0,
    ),
    "words": ((("embedding", 9, 4), ("mean",), ("dense", 1, "sigmoid")), (6,), 9),
}


@pytest.mark.parametrize("ordering", ["tf", "th"])
@pytest.mark.parametrize("name", ROWS)
def test_horngate_trains_as_jax_by_hand_does(name, ordering):
    network, shape, words = ROWS[name]
    workload = Workload(network, shape, batch=8, rows=8, words=words, ordering=ordering).without_dropout()
    X, y = data(workload, 8)
    losses = []
    for kind in (Contender, ByHand):
        contender = kind(workload)
        contender.set_weights(initial_weights(workload))
        losses.append([contender.step(X, contender.targets(y)) for _ in range(4)])
    assert losses[0][0] > losses[0][-1]
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_a_step_of_ones_own_trains_as_fit_does():
    network, shape, words = ROWS["images"]
    workload = Workload(network, shape, batch=8, rows=8, words=words, warm_epochs=1).without_dropout()
    (X, y), weights, losses = data(workload, 8), initial_weights(workload), []
    for kind in (Contender, own_steps.CustomStep):
        contender = kind(workload)
        contender.set_weights(weights)
        losses.append([contender.fit(X, y, 2, lambda: None), contender.step(X, contender.targets(y))])
    np.testing.assert_allclose(*losses, rtol=1e-5)


@pytest.mark.skipif(os.environ.get("HORNGATE_TESTS") != "all", reason="compiles for half a minute")
@pytest.mark.parametrize("name", ["Gan", "Vae"])
def test_programs_with_own_steps_train(name):
    workload = Workload((), (28, 28, 1), batch=16, rows=48, rate=0.01, own_step=name)
    for module in (own_steps, own_steps_by_hand):
        contender, losses = getattr(module, name)(workload), []
        for _ in range(2):
            losses.append(contender.fit(*data(workload, workload.rows), 2, lambda: None))
        assert np.isfinite(losses).all() and (name == "Gan" or losses[0] > losses[1]), losses


def test_resnet50_has_the_published_number_of_weights():
    rows = walk(WORKLOADS["resnet50"].network, (224, 224, 3))
    assert sum(int(np.prod(shape)) for row in rows for shape in weight_shapes(*row)) == 25_583_592


def test_shapes_follow_the_networks():
    shape = (28, 28, 1)
    for row in WORKLOADS["cnn"].network[:3]:
        shape = shape_after(row, shape)
    assert shape == (12, 12, 32)


def test_operations_of_a_step_are_counted():
    """Two of 4 -> 5 -> 3 a sample: outputs, kernels' gradients, and the input's gradient of the second layer."""
    workload = Workload(ROWS["dense"][0], (4,), batch=8, rows=8)
    assert floor.needs(workload)["operations"] == 8 * (2 * (2 * 20 + 2 * 15) + 2 * 15)
    assert floor.needs(workload, training=False)["operations"] == 8 * 2 * (20 + 15)


def runs_of(**warm):
    return {
        "runs": [
            {"contender": name, "turn": 0, "cache": "empty", "warm_epochs": taken} for name, taken in warm.items()
        ],
        "checks": {},
    }


def test_verdicts_compare_medians():
    result = runs_of(horngate=[1.0, 2.0, 9.0], torch=[5.0, 5.0], keras_jax=[2.0])
    found = summary.verdicts({"workloads": {"mlp": result}, "imports": {"base": [1.0], "horngate": [1.2]}})
    assert ("mlp, warm epoch", "torch", "2.00", "2.50", True) in found
    assert ("mlp, warm epoch", "keras_jax", "1.20", "1.00", False) in found
    assert found[-1][2:] == ("0.15 s more", "0.20 s more", False)


@pytest.mark.parametrize("seconds, text", [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.2e-5, "42 µs"), (None, "")])
def test_figures_are_shown_in_their_units(seconds, text):
    assert report.shown(seconds) == text


def test_a_quick_run_writes_its_report(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "--quick", "--repeats", "1", "--out", str(tmp_path)]
    subprocess.run([*command, "--workloads", "tiny", "--contenders", "horngate"], cwd=ROOT, check=True)
    results = json.loads((tmp_path / "report.json").read_text())
    first, second = results["workloads"]["tiny"]["runs"]
    assert (first["cache"], second["cache"]) == ("empty", "filled")
    assert first["first_epoch"] > 0 and len(first["warm_epochs"]) == 1 and np.isfinite(first["loss"])
    assert len(results["workloads"]["tiny"]["checks"]["horngate"]["losses"]) == 6
    text = (tmp_path / "report.md").read_text()
    assert "| horngate |" in text and "A quick run" in text
    assert (tmp_path / "report.png").stat().st_size > 1000


def test_a_failed_contender_is_told_with_its_reason():
    result = runs_of(horngate=[1.0])
    result["runs"].append({"contender": "torch", "turn": 0, "cache": "empty", "error": "ValueError: why"})
    machine = {"processor": "p", "cores": 2, "platform": "l", "python": "3", "versions": {}, "error": "no floor"}
    text = report.markdown(
        {
            "workloads": {"mlp": result},
            "imports": {},
            "machine": machine,
            "quick": False,
            "dtype": "float32",
            "date": "2026-01-01",
        }
    )
    assert "PyTorch eager failed: `ValueError: why`" in text and "could not be measured: no floor" in text


def test_a_profile_adds_up_operations_by_what_they_do(tmp_path):
    lines = [
        '  %dot.1 = f32[8,4]{1,0} dot(%a, %b), metadata={op_name="jit(f)/jvp()/dot_general"}',
        '  ROOT %dot.2 = f32[8,4]{1,0} dot(%c), metadata={op_name="jit(f)/transpose(jvp())/dot_general"}',
        '  %while.3 = (s32[], f32[8,4]{1,0}) while(%t), metadata={op_name="jit(f)/while"}',
    ]
    (tmp_path / "module.cpu_after_optimizations.txt").write_text("\n".join(lines))
    events = [{"ph": "X", "name": name, "dur": 500} for name in ("dot.1", "dot.1", "dot.2", "while.3", "python")]
    (tmp_path / "trace.json.gz").write_bytes(gzip.compress(json.dumps({"traceEvents": events}).encode()))
    found = profile.seconds_by_operation(tmp_path / "trace.json.gz", profile.instructions(tmp_path))
    assert found == {("forward: dot_general", "f32[8,4]"): 0.001, ("gradient: dot_general", "f32[8,4]"): 0.0005}


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_gpu_gets_sizes_of_its_own(name):
    rows, batch = GPU_SIZES.get(name, (WORKLOADS[name].rows, WORKLOADS[name].batch))
    assert (sized(name, "gpu").rows, sized(name, "gpu").batch) == (rows, batch)
    assert sized(name) is WORKLOADS[name] and sized(name, "gpu").network == WORKLOADS[name].network


def test_the_report_of_a_gpu_is_kept_beside_that_of_the_cpu():
    folders = [asked(["--sizes", sizes]).out for sizes in ("cpu", "gpu")]
    assert folders[1] == folders[0] / "gpu" and folders[0].name == "results"


def test_bytes_that_a_program_sends():
    text = """
  %a = (f32[4,2]{1,0}, bf16[3]{0}) all-reduce(%x, %y), replica_groups={}
  ROOT %b = f32[8]{0} all-gather-start(%z)
  %c = f32[100]{0} add(%z, %z)
"""
    assert scale.collectives(text) == {"all-reduce": 4 * 8 + 2 * 3, "all-gather": 4 * 8}


def test_times_on_paper():
    """8 chips of a node compute 0.15 ms, and send 7/4 of 100 MB over 450 GB/s, and 6 messages of 5 us."""
    computed, sent = scale.projected("H100, 8 a node, 400 Gb/s each", "ResNet50, 32 a chip", 8)
    assert computed == pytest.approx(3 * 8.2e9 * 32 / (989e12 * 0.4))
    assert sent == pytest.approx(7 / 4 * 4 * 25.6e6 / 450e9 + 6 * 5e-6)
    assert scale.projected("TPU v5e, 256 a pod", "ResNet50, 32 a chip", 512)[1] > sent


def test_the_page_of_several_devices():
    """Ratios are of pairs, and a library that hangs on eight devices is told of."""
    one = {"no mesh": [0.1, 0.2], "mesh of 1": [0.1, 0.2], "2 devices": [0.2, 0.2], "8 devices": [0.3, 0.6]}
    hung = {mesh: times for mesh, times in one.items() if mesh != "8 devices"}
    found = {"times": {"mlp": {"horngate": [one], "keras": [hung]}}, "sizes": {}, "ends": {"killed": 0.4}}
    page = scale.report(found)
    assert "| mlp | horngate | 150.00 | 1.00 | 1.50 | 3.00 | 1.6 |" in page
    assert "| mlp | keras | 150.00 | 1.00 | 1.50 | hangs |  |" in page
    assert "| killed | 0.4 |" in page
