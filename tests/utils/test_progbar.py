"""The progress bar draws what was told, live on a terminal and once elsewhere."""

import io

import pytest

from horngate.utils import progbar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize("verbose, live, drawings", [(1, True, 3), (1, False, 1), (2, False, 1), (0, True, 0)])
def test_drawings(verbose, live, drawings, monkeypatch):
    stream = Terminal() if live else io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    bar = progbar.Progbar(10, verbose=verbose)
    bar.interval = -1
    for done, loss in ((2, 1.0), (6, 0.5), (10, 0.0)):
        bar.update(done, [("loss", loss)])
    text = stream.getvalue()
    assert text.count("loss") == drawings
    assert text.count("\r") == (drawings if live else 0)
    if verbose:
        assert "loss: 0.4000" in text, "the mean is over units"
        assert text.endswith("\n")
    if verbose == 1:
        assert "10/10 [==============================]" in text


def test_time_left_and_unknown_end(monkeypatch):
    monkeypatch.setattr("sys.stdout", Terminal())
    clock = iter([0.0, 5.0, 5.0, 8.0])
    monkeypatch.setattr(progbar.time, "time", lambda: next(clock))
    bar = progbar.Progbar(20)
    bar.add(5)
    import sys

    assert " 5/20 [======>.......................] - ETA: 15s" in sys.stdout.getvalue()
    open_end = progbar.Progbar(None)
    open_end.add(3)
    assert "\r3 - 3s" in sys.stdout.getvalue()
