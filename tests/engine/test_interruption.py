"""Ctrl-C during training leaves the model with the weights of a finished step, usable and saveable."""

import signal
import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
from horngate.callbacks import LambdaCallback
from horngate.layers import Dense
from horngate.models import Sequential, load_model

rng = np.random.RandomState(0)
x, y = rng.rand(4096, 64).astype('float32'), rng.rand(4096, 8).astype('float32')

def make():
    np.random.seed(0)
    model = Sequential([Dense(64, activation='tanh', input_dim=64), Dense(8)])
    model.compile('adam', 'mse')
    return model

model, again = make(), make()
ready = LambdaCallback(on_epoch_end=lambda epoch, logs: print('ready' if epoch == 2 else '.', flush=True))
try:
    model.fit(x, y, nb_epoch=10**6, verbose=0, shuffle=False, callbacks=[ready])
except KeyboardInterrupt:
    done = int(model.optimizer.iterations)
    for step in range(done):
        at = step * 32 % 4096
        again.train_on_batch(x[at:at + 32], y[at:at + 32])
    same = all(np.allclose(a, b, atol=1e-5) for a, b in zip(model.get_weights(), again.get_weights()))
    model.save(sys.argv[1])
    saved = load_model(sys.argv[1]).predict(x[:4])
    print(done > 300, same, np.array_equal(saved, model.predict(x[:4])))
    print(np.isfinite(model.train_on_batch(x[:32], y[:32])))
"""


def test_ctrl_c_leaves_the_weights_of_the_last_finished_step(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "model.h5")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "ready" not in (line := process.stdout.readline()):
            assert line, process.stderr.read()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=300)
    assert output.split()[-4:] == ["True"] * 4, output + errors
