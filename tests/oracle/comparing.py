"""Two libraries' answers side by side: what agrees, what differs, and what cannot be compared, with the reason."""

import collections
import json
from typing import NamedTuple

import numpy as np

from tests.oracle.exclusions import reason

ROUGH = ("Conv", "RNN", "LSTM", "GRU", "Bidirectional", "TimeDistributed")  # so many sums one after the other
NOT_ASKED = {"refused": "not asked"}
MOST = {"float16": 4e-3, "bfloat16": 4e-2, "float32": 2e-6}


class Verdict(NamedTuple):
    """One aspect of one row: "agrees", "differs" or "excluded", and what there is to say."""

    row: str
    name: str
    wide: str
    aspect: str
    kind: str
    said: str = ""


def bound(row, wide, dtype):
    """By how much arrays of a number type may differ, relative to the largest number."""
    if "float16" in (told := str(row.options.get("dtype"))):
        return MOST[told.removeprefix("mixed_")]
    if dtype == "float64" and wide == "float64":
        return 1e-12
    most = MOST.get(str(dtype), 2e-6)
    return max(most, 1e-5) if any(word in row.name for word in ROUGH) else most


def arrays_differ(row, wide, ours, theirs):
    """A sentence, or "" if arrays agree."""
    if [x.shape for x in ours] != [x.shape for x in theirs]:
        return f"shapes {[x.shape for x in ours]}, in Keras {[x.shape for x in theirs]}"
    size = max((np.abs(x.astype(float)[np.isfinite(x.astype(float))]).max(initial=1e-3) for x in theirs), default=1)
    for place, (x, y) in enumerate(zip(ours, theirs)):
        if x.dtype != y.dtype:
            return f"number {place} is {x.dtype}, in Keras {y.dtype}"
        x, y = x.astype(float), y.astype(float)
        off = np.where((x == y) | np.isnan(x) & np.isnan(y), 0.0, np.abs(x - y)).max(initial=0) / size
        if not off < bound(row, wide, theirs[place].dtype):
            return f"number {place} is off by {off:.1e} of the largest"
    return ""


def spreads_differ(ours, theirs, shapes):
    """Likewise for what was drawn: mean, deviation and range, as far as so many draws tell."""
    for place, (x, y, shape) in enumerate(zip(ours, theirs, shapes)):
        count = max(np.prod(shape), 1)
        if y[1] == 0 or x[1] == 0:
            if not np.allclose(x, y, rtol=1e-6):
                return f"weight {place} is {x[0]:.4g}, in Keras {y[0]:.4g}"
        elif count >= 20 and (
            abs(np.log(x[1] / y[1])) > 6 / np.sqrt(count) or abs(x[0] - y[0]) > 6 * y[1] * np.sqrt(2 / count)
        ):
            return f"weight {place} spreads by {x[1]:.4g} around {x[0]:.2g}, in Keras by {y[1]:.4g} around {y[0]:.2g}"
    return ""


def plain_differ(ours, theirs, place=""):
    """Likewise for configurations and names: the first places that differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{place}: no {key!r}" for key in theirs if key not in ours]
        found += [f"{place}: {key!r} is not in Keras" for key in ours if key not in theirs]
        found += [plain_differ(ours[key], theirs[key], f"{place}.{key}") for key in theirs if key in ours]
        return "; ".join(each for each in found if each)
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        found = [plain_differ(x, y, f"{place}[{i}]") for i, (x, y) in enumerate(zip(ours, theirs))]
        return "; ".join(each for each in found if each)
    same = ours == theirs or (
        isinstance(ours, float) and isinstance(theirs, float) and abs(ours - theirs) <= 1e-7 * abs(theirs)
    )
    if same and isinstance(ours, bool) == isinstance(theirs, bool):
        return ""
    return f"{place}: {json.dumps(ours, default=str)[:90]}, in Keras {json.dumps(theirs, default=str)[:90]}"


def difference(row, wide, aspect, ours, theirs):
    """A sentence, or "" if an aspect agrees."""
    if isinstance(theirs, tuple):
        return spreads_differ(ours[0], theirs[0], theirs[1]) if len(ours[0]) == len(theirs[0]) else "not as many"
    if isinstance(theirs, list) and any(isinstance(x, np.ndarray) for x in [*theirs, *ours]):
        return arrays_differ(row, wide, ours, theirs)
    return plain_differ(ours, theirs)


def judged(row, wide, ours, theirs, prefix=""):
    """The verdicts on a row in a number type."""
    if "refused" in theirs:
        said = theirs["refused"]
        kind = "agrees" if "refused" in ours else "excluded"
        why = "" if kind == "agrees" else f"Keras raises an error here: {said.partition(':')[0]}"
        yield Verdict(str(row), row.name, wide, prefix + "refusal", kind, why)
    for aspect in [name for name in theirs if name != "refused"]:
        if aspect not in ours:
            said = f"refused: {ours.get('refused', 'nothing')}"
        else:
            said = difference(row, wide, aspect, ours[aspect], theirs[aspect])
        why = reason(row, wide, prefix + aspect, said) if said else ""
        kind = "excluded" if why else "differs" if said else "agrees"
        yield Verdict(str(row), row.name, wide, prefix + aspect, kind, why or said)


def verdicts(ours, theirs):
    """All verdicts: of what both answered, and of what each made of the other's descriptions."""
    for row in theirs["rows"]:
        for wide in row.types:
            asked = [each["answers"].get((str(row), wide), NOT_ASKED) for each in (ours, theirs)]
            yield from judged(row, wide, *asked)
        for reader, own, word in ((ours, theirs, "read by horngate: "), (theirs, ours, "read by Keras: ")):
            refuses = "refused" in theirs["answers"].get((str(row), "float32"), {})  # Keras takes no such arguments
            if str(row) in reader["crossed"] and not refuses:
                wanted = own["answers"].get((str(row), "float32"), NOT_ASKED)
                wanted = {aspect: wanted[aspect] for aspect in ("configuration", "outputs") if aspect in wanted}
                found = reader["crossed"][str(row)]
                if found:  # a name has nothing to read
                    yield from judged(row, "float32", found, wanted, word)


def table(found):
    """The count as text: a line for each part of the library, and the reasons of what is excluded."""
    parts = collections.defaultdict(collections.Counter)
    reasons = collections.Counter()
    for each in found:
        for part in (each.row.rpartition("(")[0].partition("(")[0].rpartition(".")[0], "all"):
            parts[part][each.kind] += 1
        if each.kind == "excluded":
            reasons[each.said] += 1
    lines = [f"{'':24}{'aspects':>9}{'agree':>9}{'differ':>9}{'excluded':>9}"]
    for part, counts in parts.items():
        numbers = [counts.total(), counts["agrees"], counts["differs"], counts["excluded"]]
        lines.append(f"{part:24}" + "".join(f"{number:9}" for number in numbers))
    lines += ["", "Excluded:", *(f"{count:6}  {why}" for why, count in reasons.most_common())]
    return "\n".join(lines)
