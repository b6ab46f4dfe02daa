"""Connectionist temporal classification: the loss of a labelling, and the labellings that fit best.

The blank is the last class. Source: Graves et al., "Connectionist temporal classification", ICML 2006.
"""

import functools
import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from horngate.backend.graph import Tensor, on_arrays, op
from horngate.backend.orders import of_eras
from horngate.backend.ranges import Range, in_range
from horngate.backend.types import TensorLike

_TINY = 1e-8  # keeps the logarithm of a probability finite
_NEVER = -1e5  # log-probability of the impossible; finite, so that gradients are


@op
def ctc_batch_cost(
    y_true: TensorLike, y_pred: TensorLike, input_length: TensorLike, label_length: TensorLike
) -> TensorLike:
    """-log p(labels | predictions) of each sample: (samples, 1).

    `y_true`: labels (samples, most labels). `y_pred`: probabilities (samples, time, classes), the blank last.
    `input_length`, `label_length`: (samples, 1), the numbers of steps and labels that count; the rest is ignored.
    """
    logs = jax.nn.log_softmax(jnp.log(jnp.asarray(y_pred) + _TINY), axis=-1)
    most = {"input_length": logs.shape[1], "label_length": jnp.shape(y_true)[1]}
    lengths = [
        on_arrays(in_range)(n, Range(f"K.ctc_batch_cost: {name} is at most {size}", size + 1))
        for n, (name, size) in zip((input_length, label_length), most.items())
    ]
    steps, counts = (jnp.asarray(n).astype("int32").reshape(logs.shape[0]) for n in lengths)
    labels = _counted(y_true, counts)
    return -jax.vmap(_log_likelihood)(logs, _checked(labels, logs, "K.ctc_batch_cost"), steps, counts)[:, None]


def _counted(labels, counts):
    """The first `counts` labels of each row, followed by 0."""
    where = (np if isinstance(labels, np.ndarray) and not isinstance(counts, Tracer) else jnp).where
    return where(np.arange(jnp.shape(labels)[1]) < counts[:, None], labels, 0)


def _checked(labels, predictions, who):
    """`labels`, whole numbers of all classes but the blank."""
    count = predictions.shape[-1] - 1
    limits = Range(f"{who}: labels are whole numbers from 0 to {count - 1}, {count} is the blank", count)
    return jnp.asarray(on_arrays(in_range)(labels, limits)).astype("int32")


def _log_likelihood(logs, labels, steps, length):
    """log p(labels[:length]) given the log-probabilities logs[:steps] of one sample."""
    path = _interleaved(labels, logs.shape[-1] - 1)
    alphas = _forward(logs[:, path], _skips(path))
    ends = jnp.array([2 * length, jnp.maximum(2 * length - 1, 0)])
    last = alphas[jnp.maximum(steps - 1, 0), ends]
    return jnp.where(length == 0, last[0], jnp.logaddexp(last[0], last[1]))


def _interleaved(labels, blank):
    """blank, first label, blank, second label, ..., blank."""
    return jnp.full(2 * labels.shape[0] + 1, blank, labels.dtype).at[1::2].set(labels)


def _skips(path):
    """Whether a path may skip to each place from two places before: its label differs from the last label."""
    places = jnp.arange(path.shape[0])
    return (places % 2 == 1) & (places > 1) & (path != jnp.roll(path, 2))


def _forward(logs, skips):
    """log alpha[t, s]: the paths that stand at place s after step t; `logs` (time, places). Graves et al., eq. 6."""
    start = jnp.where(jnp.arange(logs.shape[1]) < 2, logs[0], _NEVER)

    def step(before, now):
        after = now + _moves(before, skips)
        return after, after

    return jnp.concatenate([start[None], lax.scan(step, start, logs[1:])[1]])


def _moves(before, skips):
    """log of the sum over staying, moving one place on and, where allowed, two."""
    shifted = [jnp.pad(before, (n, 0), constant_values=_NEVER)[: before.shape[0]] for n in (1, 2)]
    skipping = jnp.where(skips, shifted[1], _NEVER)
    return jax.nn.logsumexp(jnp.stack([before, shifted[0], skipping]), axis=0)


@op
def ctc_cost(predict: TensorLike, Y: TensorLike) -> TensorLike:
    """-log p(Y) of one sample: `predict` (time, classes) probabilities, the blank last; `Y` (labels,)."""
    predict = jnp.asarray(predict)
    Y = _checked(Y, predict, "K.ctc_cost")
    return -_log_likelihood(jnp.log(predict + _TINY), Y, predict.shape[0], Y.shape[0])


@op
def ctc_interleave_blanks(Y: TensorLike) -> TensorLike:
    """The labels `Y` with a blank, written -1, before, between and after them.

    >>> ctc_interleave_blanks([3, 5]).tolist()
    [-1, 3, -1, 5, -1]
    """
    return _interleaved(jnp.asarray(Y).astype("int32"), -1)


@op
def ctc_create_skip_idxs(Y: TensorLike) -> TensorLike:
    """The places of a path `Y` with blanks from which the next label may be reached directly.

    As many numbers as the path has pairs of neighbouring labels; those left over are the length of the path.

    >>> ctc_create_skip_idxs([-1, 3, -1, 3, -1, 5, -1]).tolist()
    [3, 7]
    """
    path = jnp.asarray(Y)
    allowed = jnp.roll(_skips(path), -2)
    return jnp.nonzero(allowed, size=max((path.shape[0] - 3) // 2, 0), fill_value=path.shape[0])[0]


@op
def ctc_update_log_p(
    skip_idxs: TensorLike, zeros: TensorLike, active: TensorLike, log_p_curr: TensorLike, log_p_prev: TensorLike
) -> list[TensorLike]:
    """One step of the forward sum: returns (how many places can be reached now, log-probabilities of the paths there).

    `skip_idxs`: see `ctc_create_skip_idxs`. `active`: how many places could be reached before, with log-probabilities
    `log_p_prev`. `log_p_curr`: those of the places' labels at this step. Out of reach stands what `zeros` holds.
    """
    now, before = jnp.asarray(log_p_curr), jnp.asarray(log_p_prev)
    places = jnp.arange(now.shape[0])
    skips = jnp.zeros(now.shape[0], bool).at[jnp.asarray(skip_idxs) + 2].set(True, mode="drop")
    moves = _moves(jnp.where(places < active, before, _NEVER), skips)
    reached = ~(moves <= _NEVER / 2)  # NaN counts as reached
    count = jnp.max(jnp.where(reached, places, 0)) + 1
    return [count, jnp.where(places < count, now + moves, zeros)]


@op
def ctc_path_probs(predict: TensorLike, Y: TensorLike, alpha: float = 1e-4) -> list[TensorLike]:
    """log of the probability of all paths that stand at place s at step t, and which (t, s) can be stood at.

    `predict`: probabilities (time, classes), mixed with a share `alpha` of an even distribution; `Y`: a path from
    `ctc_interleave_blanks`. The sum over s is p(Y) at every step: Graves et al., eq. 14.
    """
    path = jnp.asarray(Y).astype("int32")
    logs = jnp.log((1 - alpha) * jnp.asarray(predict)[:, path] + alpha / path.shape[0])
    ahead = _forward(logs, _skips(path))
    behind = _forward(logs[::-1, ::-1], _skips(path[::-1]))[::-1, ::-1]
    both = ahead + behind - logs
    return [both, (ahead > _NEVER / 2) & (behind > _NEVER / 2)]


def ctc_label_dense_to_sparse(labels: TensorLike, label_lengths: TensorLike) -> Any:
    """The first `label_lengths[i]` labels of each row, as a SciPy matrix in coordinate form.

    Raises TypeError for symbolic arguments: what is sparse has no symbolic form here.
    """
    from scipy.sparse import coo_matrix

    if any(isinstance(x, (Tensor, Tracer)) for x in (labels, label_lengths)):
        raise TypeError(
            "ctc_label_dense_to_sparse needs arrays; symbolic labels go to K.ctc_batch_cost as they are, dense"
        )
    labels, lengths = np.asarray(labels), np.asarray(label_lengths).reshape(-1)
    rows, columns = np.nonzero(np.arange(labels.shape[1]) < lengths[:, None])
    return coo_matrix((labels[rows, columns], (rows, columns)), shape=labels.shape)


@of_eras
def ctc_decode(
    y_pred: TensorLike,
    input_length: TensorLike,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
    dict_seq_lens: None = None,
    dict_values: None = None,
    merge_repeated: bool = False,
) -> tuple[list[TensorLike], TensorLike]:
    """The labellings that fit best: ([labels (samples, time), padded with -1, of each path], log-probabilities).

    # Arguments
        y_pred: probabilities (samples, time, classes), the blank last.
        input_length: (samples,), how many steps count.
        greedy: take the likeliest class at each step, and remove repetitions and blanks: one path, and its
            log-probability (samples, 1). Otherwise a beam search over labellings is made.
        beam_width: how many labellings the beam search keeps at each step.
        top_paths: how many it returns, best first, with log-probabilities (samples, top_paths).
        merge_repeated: whether the beam search removes repetitions from the labellings that it found.
        dict_seq_lens, dict_values: a dictionary, which is not supported; anything but None raises ValueError.

    Source: Hannun et al., "First-pass large vocabulary continuous speech recognition", 2014, algorithm 1.
    """
    if dict_seq_lens is not None or dict_values is not None:
        raise ValueError("K.ctc_decode knows no dictionaries: leave out dict_seq_lens and dict_values")
    if greedy:
        labels, logs = _greedy(y_pred, input_length)
        return [labels], logs
    *labels, logs = _beam(y_pred, input_length, int(beam_width or 100), int(top_paths), bool(merge_repeated))
    return labels, logs


@op
def _greedy(y_pred, input_length, merge_repeated=True):
    logs = jnp.log(jnp.asarray(y_pred) + _TINY)
    best = jnp.argmax(logs, axis=-1)
    counted = jnp.arange(best.shape[1]) < jnp.asarray(input_length).reshape(-1, 1)
    repeated = merge_repeated & jnp.pad(best[:, :-1] == best[:, 1:], ((0, 0), (1, 0)))
    kept = counted & (best != logs.shape[-1] - 1) & ~repeated
    places = jnp.where(kept, jnp.cumsum(kept, axis=1) - 1, best.shape[1])
    rows = jnp.arange(best.shape[0])[:, None]
    labels = jnp.full(best.shape, -1, "int32").at[rows, places].set(best.astype("int32"), mode="drop")
    return [labels, jnp.sum(jnp.where(counted, jnp.max(logs, axis=-1), 0), axis=1, keepdims=True)]


@op
def _beam(y_pred, input_length, beam_width, top_paths, merge_repeated):
    y_pred = jnp.asarray(y_pred)
    samples, time, _ = y_pred.shape
    labels = jax.ShapeDtypeStruct((samples, time), jnp.int32)
    logs = jax.ShapeDtypeStruct((samples, top_paths), y_pred.dtype)
    search = functools.partial(_beam_search, beam_width=beam_width, top_paths=top_paths, merge=merge_repeated)
    return jax.pure_callback(search, [labels] * top_paths + [logs], y_pred, jnp.asarray(input_length).reshape(-1))


def _beam_search(y_pred, input_length, beam_width, top_paths, merge):
    y_pred, lengths = np.asarray(y_pred), np.asarray(input_length).astype(int)
    labels = np.full((top_paths, *y_pred.shape[:2]), -1, np.int32)
    logs = np.full((y_pred.shape[0], top_paths), -np.inf, y_pred.dtype)
    for sample, (predictions, length) in enumerate(zip(y_pred, lengths)):
        with np.errstate(invalid="ignore"):  # NaN among the predictions
            found = _best_labellings(np.log(predictions[:length].astype("float64") + _TINY), beam_width, top_paths)
        for path, (labelling, log) in enumerate(found):
            labelling = [label for label, _ in itertools.groupby(labelling)] if merge else labelling
            labels[path, sample, : len(labelling)] = labelling
            logs[sample, path] = log
    return [*labels, logs]


def _best_labellings(logs, beam_width, top_paths):
    """Prefix search: [(labels, log-probability)], best first. `logs`: (time, classes)."""
    blank = logs.shape[1] - 1
    # labelling -> log p of its paths that end in a blank, and of those that end in a label
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for now in logs:
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        for labelling, (with_blank, with_label) in beam.items():
            either = np.logaddexp(with_blank, with_label)
            _add(grown, labelling, 0, either + now[blank])
            for label in range(blank):
                if labelling and labelling[-1] == label:
                    _add(grown, labelling, 1, with_label + now[label])
                    _add(grown, (*labelling, label), 1, with_blank + now[label])
                else:
                    _add(grown, (*labelling, label), 1, either + now[label])
        beam = dict(sorted(grown.items(), key=_likeliest_first)[:beam_width])
    return [(labelling, np.logaddexp(ends[0], ends[1])) for labelling, ends in beam.items()][:top_paths]


def _likeliest_first(item):
    """The key by which labellings with their `ends` are sorted; NaN comes first, as it does in argmax."""
    log = np.logaddexp(*item[1])
    return -np.inf if np.isnan(log) else -log


def _add(grown, labelling, end, log):
    ends = list(grown.get(labelling, (-np.inf, -np.inf)))
    ends[end] = np.logaddexp(ends[end], log)
    grown[labelling] = tuple(ends)
