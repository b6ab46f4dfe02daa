"""From raw numbers to medians, ratios and targets; a ratio above 1 says that horngate is faster, or needs less."""

from dataclasses import dataclass
from statistics import median

from benchmarks.floor import floor_seconds
from benchmarks.workloads import sized

TRAINED = "tiny", "mlp"
IMAGES = "cnn", "cnn_th", "bncnn", "custom_step", "gan", "vae"
CALL_OVERHEAD, IMPORT_OVERHEAD = 60e-6, 0.15  # seconds
LAYOUT_OVERHEAD, STEP_OVERHEAD = 1.1, 1.05  # ratios


@dataclass(frozen=True)
class Quantity:
    """What a figure is: its title, its keys in the raw runs, which of the two runs it is of, and its unit.

    Of several keys, joined by `+`, it is the sum.
    """

    title: str
    key: str
    cache: str = ""  # "empty" or "filled"; both if neither
    unit: str = "s"

    def of(self, runs):
        """The median over some runs of one contender; None where none has it."""
        found = []
        for run in runs:
            values = [run.get(key) for key in self.key.split("+")]
            if None not in values and self.cache in ("", run["cache"]):
                found += values[0] if isinstance(values[0], list) else [sum(values)]
        return median(found) if found else None


QUANTITIES = {
    "import": Quantity("import", "import"),
    "build": Quantity("build", "build"),
    "first": Quantity("first epoch", "first_epoch", "empty"),
    "started": Quantity("build and first epoch", "build+first_epoch", "empty"),
    "first_again": Quantity("first epoch, second run", "first_epoch", "filled"),
    "warm": Quantity("warm epoch", "warm_epochs"),
    "script": Quantity("whole script", "script", "empty"),
    "script_again": Quantity("whole script, second run", "script", "filled"),
    "first_predict": Quantity("first prediction", "first_predict", "empty"),
    "predict": Quantity("prediction of a batch", "predicts"),
    "one": Quantity("prediction of one sample", "ones"),
    "step": Quantity("one step", "steps"),
    "memory": Quantity("peak memory", "peak_memory", unit="MB"),
    "loss": Quantity("last loss", "loss", unit=""),
}
MAIN = {"train": "warm", "predict": "predict", "one": "one", "step": "step", "build": "build"}

# workloads, quantity, peer, wanted ratio
TARGETS = [
    (("tiny",), "script", "keras_jax", 3),
    (("tiny",), "script", "torch", 1.5),
    (TRAINED, "warm", "torch", 2),
    (TRAINED, "warm", "keras_jax", 1.2),
    (TRAINED, "warm", "jax", 0.95),
    (IMAGES, "warm", "torch", 1.5),
    (IMAGES, "warm", "keras_jax", 4),
    (("lstm", "gru", "embedding"), "warm", "torch", 1.1),
    (("resnet50",), "warm", "torch", 1),
    (("resnet50",), "predict", "torch", 1),
    (("predict1",), "one", "torch", 1),
    (("mlp",), "memory", "torch", 1),
]
GPU_TARGETS = [
    # with the building, in which JAX by hand makes the first array and so starts the device
    (("tiny", "mlp", "cnn", "bncnn", "lstm", "embedding", "resnet50"), "started", "jax", 1),
    (("tiny", "mlp", "cnn", "bncnn", "lstm", "embedding", "resnet50"), "warm", "jax", 0.97),
    (("mlp", "cnn", "bncnn", "lstm", "embedding"), "warm", "torch", 1),
    (("resnet50",), "warm", "torch_compile", 1.3),
]


def medians(workload_result):
    """For each contender of a workload its quantities; an `error` where it failed."""
    runs = {}
    for run in workload_result["runs"]:
        runs.setdefault(run["contender"], []).append(run)
    found = {}
    for name, own in runs.items():
        values = {key: quantity.of(own) for key, quantity in QUANTITIES.items()}
        found[name] = {key: value for key, value in values.items() if value is not None}
        errors = [run["error"] for run in own if "error" in run]
        if errors:
            found[name]["error"] = errors[0]
    return found


def ratio(found, quantity, peer):
    """The peer's figure over horngate's; None where one is missing."""
    ours, theirs = (found.get(name, {}).get(quantity) for name in ("horngate", peer))
    return theirs / ours if ours and theirs else None


def agreement(checks):
    """For each contender the largest relative difference of its losses from horngate's, or what went wrong."""
    ours = checks.get("horngate", {}).get("losses")
    found = {}
    for name, own in checks.items():
        if "error" in own:
            found[name] = own["error"]
        elif ours:
            found[name] = max(abs(a - b) / abs(b) for a, b in zip(own["losses"], ours))
    return found


def floors(workload_name, quantity, results):
    """The seconds of the machine's floor for a workload's quantity, or None."""
    workload, machine = sized(workload_name, results.get("sizes")), results["machine"]
    batches = {"warm": workload.rows / workload.batch, "predict": 1, "step": 1}.get(quantity)
    if batches is None or workload.own_step or "products" not in machine:
        return None
    once = floor_seconds(workload, machine, training=quantity != "predict")
    return {name: batches * seconds for name, seconds in once.items()}


def verdicts(results):
    """(what, against, wanted, reached, met) for each target whose contenders were measured."""
    found = {name: medians(each) for name, each in results["workloads"].items()}
    rows = []
    for names, quantity, peer, wanted in GPU_TARGETS if results.get("sizes") == "gpu" else TARGETS:
        for name in names:
            reached = ratio(found.get(name, {}), quantity, peer)
            if reached:
                what = f"{name}, {QUANTITIES[quantity].title}"
                rows.append((what, peer, f"{wanted:.2f}", f"{reached:.2f}", reached >= wanted))
    return rows + [row for row in differences(results, found) if row]


def differences(results, found):
    """Those targets that are not ratios to a peer."""
    step, bare = (found.get("train_on_batch", {}).get(name, {}).get("step") for name in ("horngate", "jax"))
    if step and bare:
        wanted, over = f"{CALL_OVERHEAD * 1e6:.0f} µs more", step - bare
        yield "train_on_batch", "jax", wanted, f"{over * 1e6:.0f} µs more", over <= CALL_OVERHEAD
    th, tf = (found.get("cnn_th", {}).get(name, {}).get("warm") for name in ("horngate", "horngate_last"))
    if th and tf:
        wanted = f"at most {LAYOUT_OVERHEAD:.2f} x"
        yield "cnn_th, warm epoch", "its tf twin", wanted, f"{th / tf:.2f} x", th / tf <= LAYOUT_OVERHEAD
    own, plain = (found.get(name, {}).get("horngate", {}).get("warm") for name in ("custom_step", "cnn"))
    if own and plain:
        wanted = f"at most {STEP_OVERHEAD:.2f} x"
        yield (
            "custom_step, warm epoch",
            "horngate's fit (cnn)",
            wanted,
            f"{own / plain:.2f} x",
            own / plain <= STEP_OVERHEAD,
        )
    imports = {
        name: median(found)
        for name, found in results["imports"].items()
        if all(isinstance(seconds, float) for seconds in found)
    }
    if "horngate" in imports and "base" in imports:
        over = imports["horngate"] - imports["base"]
        wanted, reached = f"{IMPORT_OVERHEAD:.2f} s more", f"{over:.2f} s more"
        yield "import of models and layers", "jax, numpy, optax", wanted, reached, over <= IMPORT_OVERHEAD
