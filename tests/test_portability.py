"""The pure wheel runs everywhere: what only some systems have is used behind a question whether it is there.

A use counts as guarded where a condition around it, or one before it that leaves the function, asks for the system or
the name (`hasattr`, `sys.platform`, `os.name`), or where a `try` around it expects its absence.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted((ROOT / "horngate").rglob("*.py"))

MODULES = {"crypt", "fcntl", "grp", "posix", "pty", "pwd", "resource", "spwd", "syslog", "termios", "tty"}
NAMES = {  # module -> what it lacks on Windows or on macOS, or does there in another way
    "os": "chmod chown chroot confstr ctermid fchdir fchmod fchown fork forkpty getegid geteuid getgid getgroups "
    "getloadavg getpgid getpgrp getpriority getresuid getsid getuid initgroups killpg lchmod lchown link lockf "
    "memfd_create mkfifo mknod nice openpty pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv pwrite "
    "readlink register_at_fork sched_getaffinity sched_setaffinity sendfile setgid setpriority setsid setuid "
    "splice statvfs symlink sync sysconf tcgetpgrp umask uname wait wait3 wait4 waitid waitpid O_CLOEXEC O_DIRECTORY "
    "O_NOFOLLOW O_NONBLOCK WNOHANG",
    "signal": "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 alarm getitimer "
    "pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait",
    "select": "epoll kqueue poll",
    "socket": "AF_UNIX",
    "time": "clock_gettime tzset CLOCK_MONOTONIC",
    "mmap": "MAP_PRIVATE MAP_SHARED PROT_READ PROT_WRITE",
}
DOTTED = {f"{module}.{name}" for module, names in NAMES.items() for name in names.split()}
METHODS = {"chmod", "hardlink_to", "lchmod", "symlink_to"}  # of paths, wherever they come from
FOLDERS = ("/dev/", "/etc/", "/proc/", "/sys/", "/tmp/")
QUESTIONS = ("hasattr", "sys.platform", "os.name", "platform.system", "get_all_start_methods", "Path.exists")
EXPECTED = {"ImportError", "ModuleNotFoundError", "AttributeError", "NotImplementedError", "OSError", "TypeError"}


def dotted(node):
    """`a.b` of an attribute; an empty string for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def bound_to_some_systems(node):
    """What a node uses that not every system has, in words; an empty string for most."""
    if isinstance(node, ast.Import):
        return ", ".join(alias.name for alias in node.names if alias.name in MODULES)
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return node.module if node.module in MODULES else ", ".join(name for name in names if name in DOTTED)
    if dotted(node) in DOTTED:
        return dotted(node)
    if isinstance(node, ast.Call):
        first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ...
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "CDLL" and first is None:
            return "CDLL(None)"
        if name in ("get_context", "set_start_method") and first in ("fork", "forkserver"):
            return f"{name}({first!r})"
        if isinstance(node.func, ast.Attribute) and name in METHODS:
            return f".{name}()"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(FOLDERS):
        return repr(node.value)
    return ""


def asks(condition):
    """Whether a condition asks what system this is, or whether something is there."""
    text = ast.unparse(condition)
    return any(question in text for question in QUESTIONS)


def leaves(statement):
    """Whether an `if` asks for the system, and ends the function or the loop's body where it is no good."""
    ends = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    return isinstance(statement, ast.If) and asks(statement.test) and isinstance(statement.body[-1], ends)


def expects(handlers):
    """Whether handlers of a `try`, or a `suppress`, expect that something is not there."""
    caught = {node.id for handler in handlers for node in ast.walk(handler) if isinstance(node, ast.Name)}
    return bool(caught & EXPECTED)


def unguarded(tree):
    """(line, what) of each use in a tree that no question goes before."""
    found = []

    def visit(node, guarded):
        used = bound_to_some_systems(node)
        if used and not guarded:
            found.append((node.lineno, used))
        for name, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            inside = guarded or guards(node, name)
            for child in children:
                if isinstance(child, ast.AST):
                    visit(child, inside)
                    inside = inside or leaves(child)
                if isinstance(node, ast.BoolOp) and name == "values":
                    inside = inside or asks(child)  # `hasattr(os, "x") and os.x()`

    def guards(node, field):
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            return field != "test" and asks(node.test)
        if isinstance(node, ast.Try):
            return field == "body" and expects([handler.type for handler in node.handlers if handler.type])
        if isinstance(node, ast.With):
            items = [item.context_expr for item in node.items]
            return field == "body" and any("suppress" in ast.unparse(item) and expects([item]) for item in items)
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # documentation

    visit(tree, False)
    return found


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_counts_on_one_system(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert unguarded(tree) == []
    assert of_unsaid_encoding(tree) == []


def of_unsaid_encoding(tree):
    """(line, call) of each text that is opened in whatever encoding the system likes, on Windows another one."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or "encoding" in {keyword.arg for keyword in node.keywords}:
            continue
        modes = [node.args[1] if len(node.args) > 1 else ast.Constant("r")]
        modes += [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
        opens = isinstance(node.func, ast.Name) and node.func.id == "open"
        binary = any(not isinstance(mode, ast.Constant) or "b" in str(mode.value) for mode in modes)
        reads = isinstance(node.func, ast.Attribute) and node.func.attr in ("read_text", "write_text")
        if reads or opens and not binary:
            found.append((node.lineno, ast.unparse(node)))
    return found


@pytest.mark.parametrize(
    "text, count",
    [("open('a')", 1), ("open('a', 'w')", 1), ("p.read_text()", 1), ("open('a', 'rb')", 0), ("open(a, mode)", 0)]
    + [("open('a', mode='wb')", 0), ("open('a', encoding='utf-8')", 0), ("zip.open('a')", 0)],
)
def test_the_search_for_encodings_finds(text, count):
    assert len(of_unsaid_encoding(ast.parse(text))) == count


FOUND = [
    "import fcntl",
    "from resource import getrusage",
    "import os\nos.fork()",
    "from os import fork",
    "os.symlink('a', 'b')",
    "path.symlink_to('b')",
    "os.chmod('a', 1)",
    "signal.SIGKILL",
    "ctypes.CDLL(None)",
    "multiprocessing.get_context('fork')",
    "open('/proc/self/status')",
    "if large:\n    os.fork()",
    "if os.name == 'posix':\n    pass\nelse:\n    pass\nos.fork()",
    "if os.fork() and hasattr(os, 'fork'):\n    pass",
    "try:\n    pass\nexcept AttributeError:\n    os.fork()",
    "try:\n    os.fork()\nexcept KeyError:\n    pass",
    "def f():\n    if sys.platform == 'win32':\n        print()\n    os.fork()",
]
ACCEPTED = [
    "import os, signal, ctypes",
    "os.replace('a', 'b'), signal.SIGINT, ctypes.CDLL('a')",
    "'/proc is told of'\nx = 'a/proc/'",
    "if hasattr(os, 'fork'):\n    os.fork()",
    "x = os.getuid() if os.name == 'posix' else 0",
    "x = hasattr(os, 'getuid') and os.getuid()",
    "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
    "with contextlib.suppress(AttributeError):\n    os.fork()",
    "def f():\n    if sys.platform == 'win32':\n        return\n    os.fork()",
]


@pytest.mark.parametrize("text", FOUND)
def test_the_search_finds(text):
    assert unguarded(ast.parse(text))


@pytest.mark.parametrize("text", ACCEPTED)
def test_the_search_accepts(text):
    assert unguarded(ast.parse(text)) == []


PROGRAM = """
import importlib, os, pkgutil, shutil, signal, subprocess, sys, tempfile, urllib.request
import h5py, jax, multiprocessing.context, numpy as np, optax, yaml  # as they are here: what they need is not asked
jax.devices()
for module, names in {names!r}.items():
    for name in names.split():
        if hasattr(sys.modules.get(module), name):
            delattr(sys.modules[module], name)
for module in {modules!r}:
    sys.modules[module] = None  # importing it fails
sys.platform = {system!r}
import ctypes
def missing(name, *args, CDLL=ctypes.CDLL, **options):
    if name is None:
        raise TypeError("no library without a name")
    return CDLL(name, *args, **options)
ctypes.CDLL = missing
multiprocessing.context.BaseContext.get_all_start_methods = lambda self: ["spawn"]
multiprocessing.get_all_start_methods = lambda: ["spawn"]

import horngate
for found in pkgutil.walk_packages(horngate.__path__, "horngate."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
from horngate.layers import Dense
from horngate.models import Sequential, load_model
model = Sequential([Dense(3, input_dim=4), Dense(2)])
model.compile("adam", "mse")
def batches():
    while True:
        yield np.ones((8, 4)), np.ones((8, 2))
model.fit_generator(batches(), 16, 1, nb_worker=2, verbose=0)
model.fit(np.ones((40, 4)), np.ones((40, 2)), nb_epoch=2, verbose=0)
model.save("m.h5")
assert (load_model("m.h5").predict(np.ones((2, 4))) == model.predict(np.ones((2, 4)))).all()
horngate.show_config()
"""


WITHOUT = {
    "win32": {
        "os": " ".join(sorted(set(NAMES["os"].split()) - {"chmod", "link", "readlink", "symlink", "umask", "waitpid"})),
        "signal": NAMES["signal"],
    },
    "darwin": {"os": "memfd_create pipe2 posix_fadvise sched_getaffinity sched_setaffinity"},
}


@pytest.mark.parametrize("system", WITHOUT)
def test_a_program_runs_without_what_some_systems_lack(system, tmp_path):
    """As on a system without all of that: every module is imported, and a model is trained and saved."""
    modules = sorted(MODULES) if system == "win32" else []
    program = PROGRAM.format(names=WITHOUT[system], modules=modules, system=system)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HORNGATE_KERNELS": "off"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "native kernels:" in done.stdout
