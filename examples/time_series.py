"""Tomorrow's value: a GRU forecasts a noisy seasonal series and is compared with the simplest forecasts.

    python examples/time_series.py [--quick]

The series has a daily and a weekly rhythm, a slow swell and noise. Prints the mean absolute error beside those of
"as now" and "as a day ago", and draws a stretch of forecasts into out/time_series.png.
"""

import sys
from pathlib import Path

import numpy as np

from horngate.layers import GRU, Dense
from horngate.models import Sequential

QUICK = "--quick" in sys.argv
OUT = Path("out")
DAY, LOOK_BACK = 24, 48


def series(length):
    """An hourly load, made up."""
    hours = np.arange(length)
    daily = np.sin(2 * np.pi * hours / DAY) + 0.4 * np.sin(4 * np.pi * hours / DAY + 1)
    weekly = 0.5 * (hours // DAY % 7 < 5)
    swell = np.cumsum(np.random.randn(length)) * 0.02
    return (daily + weekly + swell + 0.1 * np.random.randn(length)).astype("float32")


def main():
    """Train on the first four fifths, forecast the rest."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(6)
    values = series(400 if QUICK else 5000)
    starts = np.arange(len(values) - LOOK_BACK)
    X = values[starts[:, np.newaxis] + np.arange(LOOK_BACK)][:, :, np.newaxis]
    now = X[:, -1]
    change = values[LOOK_BACK:, np.newaxis] - now
    cut = len(X) * 4 // 5
    model = Sequential([GRU(32, input_shape=(LOOK_BACK, 1)), Dense(1)])
    model.compile("adam", "mae")
    model.fit(X[:cut], change[:cut], batch_size=64, nb_epoch=1 if QUICK else 15, verbose=0)
    forecast = now[cut:] + model.predict(X[cut:])
    truth = values[LOOK_BACK + cut :, np.newaxis]
    for name, guess in (("GRU", forecast), ("as now", now[cut:]), ("as a day ago", X[cut:, -DAY])):
        print(f"{name}: mean absolute error {np.abs(guess - truth).mean():.3f}")

    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(truth[: 5 * DAY], label="truth", color="0.5")
    axes.plot(forecast[: 5 * DAY], label="forecast an hour ahead", lw=1)
    axes.set(xlabel="hours")
    axes.legend(frameon=False)
    figure.savefig(OUT / "time_series.png", dpi=120)


if __name__ == "__main__":
    main()
