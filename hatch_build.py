"""Compiles the native kernels when the package is built; where that is not possible, the package is built without them.

`python hatch_build.py` does it in place, with the headers of the jax that is installed. `CXX` names the compiler.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called by hand
    BuildHookInterface = object

FOLDER = Path(__file__).resolve().parent / "horngate" / "backend" / "kernels"
FLAGS = [
    "-O3",
    "-std=c++17",
    "-shared",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-Wall",
    "-Wno-psabi",
]
# bytes of a vector -> what lets the compiler use such vectors; every machine of an architecture has those of 16
INSTRUCTION_SETS = {16: []}
if platform.machine().lower() in ("x86_64", "amd64"):
    INSTRUCTION_SETS[32] = ["-mavx2", "-mfma"]
    INSTRUCTION_SETS[64] = ["-mavx512f", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"]


def compiler():
    """The C++ compiler's path, or None; Microsoft's does not know the extensions that the kernels are written in."""
    names = [os.environ["CXX"]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    return None if sys.platform == "win32" else next(filter(None, map(shutil.which, names)), None)


def include_folder():
    """Where jaxlib keeps the headers of XLA's foreign function interface."""
    import jaxlib

    return Path(jaxlib.__file__).parent / "include"


def compile_kernels(folder=FOLDER, flags=()):
    """Compile a library for each instruction set into `folder`, all at once; returns the files.

    Raises subprocess.CalledProcessError where the compiler fails.
    """
    running, files = [], []
    for size, instructions in INSTRUCTION_SETS.items():
        file = Path(folder) / f"kernels-{size}.native"
        command = [
            compiler(),
            *FLAGS,
            *instructions,
            f"-DHORNGATE_VECTOR_BYTES={size}",
            "-isystem",
            include_folder(),
            *flags,
            *sorted((FOLDER / "source").glob("*.cc")),
            "-o",
            file,
        ]
        running.append((command, subprocess.Popen(command)))
        files.append(file)
    for command, process in running:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
    return files


class CustomBuildHook(BuildHookInterface):
    """What hatchling calls while it builds a wheel, an editable one too."""

    def dependencies(self):
        """The headers come with jaxlib; without a compiler nobody needs them."""
        return ["jaxlib>=0.10"] if self.target_name == "wheel" and compiler() else []

    def initialize(self, version, build_data):
        if self.target_name != "wheel":
            return
        if not compiler():
            self.app.display_warning("No C++ compiler was found: horngate goes without its native kernels.")
            return
        try:
            files = compile_kernels()
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"horngate goes without its native kernels, which did not compile: {error}")
            return
        build_data["artifacts"] += [str(file.relative_to(self.root)) for file in files]
        build_data["pure_python"], build_data["infer_tag"] = False, True


if __name__ == "__main__":
    compile_kernels()
