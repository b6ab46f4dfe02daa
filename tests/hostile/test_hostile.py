"""Some hostile files, some full disks, and every bomb: `python -m tests.hostile` tries thousands."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential, load_model

pytestmark = pytest.mark.skipif(
    not os.access("/proc/self/clear_refs", os.W_OK), reason="needs what Linux tells of memory"
)

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "tests" / "hostile" / "bombs.py").read_text().split("BOMBS = {")[1].split("\n}")[0]
NAMES = re.findall(r'^    "(.+?)": \(', TABLE, re.MULTILINE)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "HORNGATE_CACHE_DIR": "off"}
SECONDS, MEGABYTES = 20, 300


def refusal(name):
    """What a process says that reads a bomb: the error, and the MB that it took."""
    command = [sys.executable, "-m", "tests.hostile.bombs", name]
    done = subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS * 6)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else [name, None, done.stderr[-500:], 0, 0]


def test_every_bomb_is_refused_in_time_and_memory():
    assert len(NAMES) > 10
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(refusal, NAMES))
    for name, said, megabytes, seconds, size in found:
        assert said, (name, megabytes)
        assert megabytes <= MEGABYTES and seconds <= SECONDS and size < 5 * 2**20, (
            name,
            said,
            megabytes,
            seconds,
            size,
        )


@pytest.mark.parametrize("arguments", [["--files", "180", "--limits", "0"], ["--files", "0", "--limits", "4"]], ids=str)
def test_a_few_of_the_thousands(arguments):
    command = [sys.executable, "-m", "tests.hostile", *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_honest_data_that_are_packed_well_are_read(tmp_path):
    """Up to 1,000 times the bytes of the file; what is more is read where its reader says so."""
    model = Sequential([Dense(3000, input_dim=3000, name="a")])
    model.save_weights(tmp_path / "w.h5")
    values = [np.full((3000, 3000), 0.5, "float32"), np.ones(3000, "float32")]
    with h5py.File(tmp_path / "w.h5") as file, h5py.File(tmp_path / "packed.h5", "w") as packed:
        packed.attrs.update(file.attrs)
        group = packed.create_group("a")
        group.attrs.update(file["a"].attrs)
        for name, value in zip(("a_W", "a_b"), values):
            group.create_dataset(name, data=value, chunks=value.shape, compression="gzip", compression_opts=9)
    assert model.count_params() * 4 > 600 * os.path.getsize(tmp_path / "packed.h5")
    model.load_weights(tmp_path / "packed.h5")
    np.testing.assert_array_equal(model.get_weights()[0], values[0])
    with pytest.raises(ValueError, match=r"asks for 36,\d+,\d+ bytes.*load it with max_expansion="):
        model.load_weights(tmp_path / "packed.h5", max_expansion=10)
    model.save(tmp_path / "m.h5")
    with pytest.raises(ValueError, match="load it with max_expansion="):
        load_model(tmp_path / "m.h5", max_expansion=0.5)
    load_model(tmp_path / "m.h5", max_expansion=2)


def test_an_archive_may_be_packed(tmp_path):
    from tests.hostile.mutations import GOLDEN
    from tests.saving.test_keras3_files import images

    with zipfile.ZipFile(GOLDEN / "images.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_STORED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", packing) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        (tmp_path / "k3.keras").write_bytes(packed.getvalue())
        images("tf").load_weights(tmp_path / "k3.keras")
