"""Settings in the environment: each that exists is known, and a wrong name or value is told."""

import pathlib
import re

import pytest

from horngate.backend import environment

PROJECT = pathlib.Path(__file__).resolve().parents[2]
GOOD = [
    ("QUIET", "1"),
    ("QUIET", "No"),
    ("TRACEBACK", "full"),
    ("VECTOR_BYTES", "32"),
    ("KERNELS", "off"),
    ("ERA", "x"),
]
BAD = [
    ("TRACEBACK", "ful", "must be not set or full; received 'ful'"),
    ("QUIET", "please", "must be 1 or 0; received 'please'"),
    ("DETERMINISTIC", "2", "must be 1 or 0"),
    ("VECTOR_BYTES", "33", "must be not set or 16 or 32 or 64"),
    ("KERNELS", "of", "must be 'off' or a folder with kernels; there is no folder 'of'"),
    ("QUITE", "1", "Did you mean HORNGATE_QUIET"),
    ("ANYTHING", "1", "There are CACHE_DIR, "),
]


@pytest.mark.parametrize("name, value", GOOD)
def test_settings_that_exist(name, value):
    environment.check({f"HORNGATE_{name}": value, "HOME": "/"})


@pytest.mark.parametrize("name, value, told", BAD)
def test_settings_that_do_not(name, value, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        environment.check({f"HORNGATE_{name}": value})


def test_flags_are_read_by_their_meaning(monkeypatch):
    for value, wanted in (("1", True), ("true", True), ("0", False), ("FALSE", False), ("", False)):
        monkeypatch.setenv("HORNGATE_QUIET", value)
        assert environment.flag("QUIET") is wanted


def test_every_setting_that_is_read_is_known():
    read = re.compile(r"""["'`]HORNGATE_([A-Z_]+)""")
    for path in [*PROJECT.glob("horngate/**/*.py"), *PROJECT.glob("*.py")]:
        for name in read.findall(pathlib.Path(path).read_text(encoding="utf-8")):
            environment.check({f"HORNGATE_{name}": "" if name != "KERNELS" else "off"})
