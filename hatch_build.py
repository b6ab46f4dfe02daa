"""Compiles the native kernels when the package is built; where that is not possible, the package is built without them.

`HORNGATE_WHEEL` decides: `native` fails where the kernels do not compile, `pure` leaves them out, and without it they
are compiled where that is possible. A wheel with kernels is for one platform and every Python, a pure one for all.

`python hatch_build.py` compiles in place, or into a folder named behind it, with the headers of the jaxlib that is
installed. `CXX` names the compiler; one for another processor compiles for that one.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
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
INSTRUCTION_SETS_OF_X86 = {
    **INSTRUCTION_SETS,
    32: ["-mavx2", "-mfma"],
    64: ["-mavx512f", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"],
}
# A jaxlib takes kernels compiled with the headers of an older one, and refuses those of a newer one.
HEADERS = "jaxlib>=0.10,<0.11"


def compiler():
    """The C++ compiler's path, or None; Microsoft's does not know the extensions that the kernels are written in."""
    names = [os.environ["CXX"]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    return None if sys.platform == "win32" else next(filter(None, map(shutil.which, names)), None)


def instruction_sets():
    """The instruction sets of the processor that the compiler compiles for."""
    asked = subprocess.run([compiler(), "-dumpmachine"], capture_output=True, text=True, check=True)
    return INSTRUCTION_SETS_OF_X86 if asked.stdout.startswith(("x86_64", "amd64")) else INSTRUCTION_SETS


def include_folder():
    """Where jaxlib keeps the headers of XLA's foreign function interface."""
    import jaxlib

    return Path(jaxlib.__file__).parent / "include"


def compile_kernels(folder=FOLDER, flags=(), sizes=None):
    """Compile a library for each instruction set into `folder`, all at once; returns the files.

    `flags` are more of them for the compiler, `sizes` the bytes of the vectors wanted, if not all.
    Raises subprocess.CalledProcessError where the compiler fails.
    """
    running, files = [], []
    for size, instructions in instruction_sets().items():
        if sizes and size not in sizes:
            continue
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
        return [HEADERS] if self.target_name == "wheel" and wanted() != "pure" and compiler() else []

    def initialize(self, version, build_data):
        if self.target_name != "wheel":
            return
        if wanted() == "pure":
            return
        try:
            if not compiler():
                raise OSError("no C++ compiler was found")
            files = compile_kernels()
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            if wanted() == "native":
                raise
            self.app.display_warning(f"horngate goes without its native kernels, which did not compile: {error}")
            return
        build_data["artifacts"] += [str(file.relative_to(self.root)) for file in files]
        # They know nothing of Python's own interface: the same ones are for every version of it.
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"], build_data["tag"] = False, f"py3-none-{platform}"


def wanted():
    """`native`, `pure`, or an empty string for whichever is possible: what the environment asks for."""
    said = os.environ.get("HORNGATE_WHEEL", "")
    if said not in ("", "native", "pure"):
        raise ValueError(f"HORNGATE_WHEEL must be 'native' or 'pure', or not be set; received {said!r}.")
    return said


if __name__ == "__main__":
    compile_kernels(sys.argv[1] if sys.argv[1:] else FOLDER)
