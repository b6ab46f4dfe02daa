"""Whole files of every kind, and what hostile hands make of them: damaged bytes, and other parts."""

import io
import json
import marshal
import shutil
import tokenize
import zipfile
from pathlib import Path

import h5py
import numpy as np
import yaml

from horngate.callbacks import BackupAndResume
from horngate.layers import GRU, BatchNormalization, Convolution1D, Dense, Embedding, Lambda
from horngate.models import Model, Sequential

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "keras3"
WHOLE = GOLDEN.parent / "keras3_files"
SECRET = 12345.678  # what stands in the file outside
CLASSES = (
    "Dense",
    "GRU",
    "Lambda",
    "Reshape",
    "Model",
    "Sequential",
    "Embedding",
    "RepeatVector",
    "Merge",
    "os.system",
)


def chain():
    """A small model of several kinds of weights."""
    return Sequential(
        [
            Embedding(5, 3, batch_input_shape=(2, 6)),
            Convolution1D(2, 2),
            BatchNormalization(),
            GRU(2, stateful=True),
            Dense(2, name="last"),
        ]
    )


def trained():
    """A small compiled model, for states of trainings."""
    model = Sequential([Dense(3, input_dim=2), Dense(1)])
    model.compile("adam", "mse")
    return model


def fitted(model, folder):
    """Train `model` for one epoch, with its state in `folder`."""
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], nb_epoch=1, verbose=0, callbacks=[BackupAndResume(folder)])


def originals(folder):
    """name -> bytes of a whole file of each kind."""
    model = chain()
    model.compile("adam", "mse", metrics=["accuracy"])
    model.fit(np.ones((2, 6)), np.ones((2, 2)), nb_epoch=1, batch_size=2, verbose=0)
    for name in ("w.h5", "w.safetensors"):
        model.save_weights(folder / name)
    model.save(folder / "model.h5")
    (folder / "model.json").write_text(model.to_json())
    (folder / "model.yaml").write_text(model.to_yaml())
    (folder / "code.json").write_text(with_code())
    fitted(trained(), folder / "state")
    shutil.copy(GOLDEN / "images.weights.h5", folder / "k3.weights.h5")
    shutil.copy(GOLDEN / "images.keras", folder / "k3.keras")
    model.save(folder / "model.keras")
    for name in ("whole.keras", "whole.h5"):
        shutil.copy(WHOLE / f"trained{Path(name).suffix}", folder / name)
    shutil.copy(WHOLE / "attention.keras", folder / "graph.keras")
    shutil.copy(folder / "state" / "training.npz", folder / "training.npz")
    names = "w.h5 w.safetensors model.h5 model.json model.yaml code.json k3.weights.h5 k3.keras training.npz "
    names += "model.keras whole.keras whole.h5 graph.keras"
    return {name: (folder / name).read_bytes() for name in names.split()}


def with_code():
    """A model whose Lambda holds byte code that makes a file, as Keras wrote it."""
    code = compile("open('hacked', 'w')", "x", "eval")
    config = json.loads(Model.to_json(Sequential([Lambda(abs, input_shape=(2,))])))
    text = marshal.dumps(code).decode("raw_unicode_escape")
    config["config"][0]["config"].update(function=[text, None, None], function_type="lambda")
    return json.dumps(config)


def mutated(name, content, rng, outside):
    """The bytes of a file that was damaged or changed; `outside`: a file that none may read."""
    if rng.random() < 0.4:
        return damaged(content, rng)
    change = next(change for ending, change in CHANGES.items() if name.endswith(ending))
    for _ in range(int(rng.integers(1, 3))):
        content = change(content, rng, outside)
    return damaged(content, rng) if rng.random() < 0.1 else content


def damaged(content, rng):
    """The bytes with a few of them changed, cut away, or copied elsewhere."""
    content = bytearray(content or b" ")
    for _ in range(rng.integers(1, 4)):
        at, length = int(rng.integers(len(content))), int(rng.integers(1, 40))
        kind = rng.integers(5)
        if kind == 0:
            content[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            content[at : at + length] = rng.bytes(len(content[at : at + length]))
        elif kind == 2:
            content[at : at + 8] = b"\xff" * len(content[at : at + 8])
        elif kind == 3:
            source = int(rng.integers(len(content)))
            content[at : at + length] = content[source : source + length]
        elif len(content) > 200:
            del content[int(rng.integers(len(content) // 2, len(content))) :]
    return bytes(content)


def pick(rng, items):
    """One of `items`."""
    items = list(items)
    return items[int(rng.integers(len(items)))]


# Plain data.


def deep(rng):
    """A list in a list, many times."""
    found = []
    for _ in range(int(10 ** rng.uniform(1, 2.8))):
        found = [found]
    return found


NASTY = [
    *(lambda rng, value=value: value for value in (None, True, -1, 0, 1, 7, 10**5, 10**9, 10**18, 10**40)),
    *(
        lambda rng, value=value: value
        for value in (1e308, -0.5, float("nan"), float("inf"), "", "a" * 3000, "\0", "..")
    ),
    *(
        lambda rng, value=value: value
        for value in ("os.system", "../../outside", [], {}, [[]], {"a": None}, [None] * 50)
    ),
    lambda rng: pick(rng, CLASSES),
    lambda rng: {"class_name": pick(rng, CLASSES), "config": {}},
    lambda rng: [1] * int(10 ** rng.uniform(1, 4)),
    deep,
]


def places(tree):
    """(container, key) of everything in a tree of lists and dictionaries."""
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        found += [(node, key) for key in keys]
        stack += [node[key] for key in keys]
    return found


def change_tree(tree, rng):
    """Change a tree in one place."""
    container, key = pick(rng, places(tree) or [([None], 0)])
    kind = rng.integers(6)
    if kind == 0:
        del container[key]
    elif kind == 1 and isinstance(container, list):
        container.extend([container[key]] * int(10 ** rng.uniform(0, 3)))
    elif kind == 2:
        other, place = pick(rng, places(tree))
        container[key] = json.loads(json.dumps(other[place]))
    elif kind == 3 and isinstance(container[key], (int, float)) and not isinstance(container[key], bool):
        container[key] = container[key] * int(10 ** rng.uniform(0, 12)) - int(rng.integers(2))
    else:
        container[key] = pick(rng, NASTY)(rng)
    return tree


def change_json(content, rng, outside=None):
    try:
        return json.dumps(change_tree(json.loads(content), rng)).encode()
    except (ValueError, RecursionError):
        return damaged(content, rng)


def change_yaml(content, rng, outside):
    if rng.random() < 0.2 or b"&b" in content:
        bomb = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
            f"{one}: &{one} [{','.join(['*' + other] * 9)}]\n" for other, one in zip("abcdefgh", "bcdefghi")
        )
        return pick(
            rng, [bomb.encode(), b"a: !!python/object/apply:os.system ['touch hacked']\n" + content, b"[" * 30000]
        )
    try:
        return yaml.safe_dump(change_tree(yaml.safe_load(content.replace(b"!!python/", b"!")), rng)).encode()
    except (yaml.YAMLError, RecursionError):
        return damaged(content, rng)


# HDF5.


def items_of(file):
    """All groups and arrays in a file."""
    found = [file]
    file.visititems(lambda name, item: found.append(item))
    return found


def huge(rng, shape):
    return tuple(int(n * 10 ** rng.uniform(0, 9)) or 1 for n in shape or (1,))


def change_array(file, rng, outside):
    """Put another array in the place of one."""
    arrays = [item for item in items_of(file) if isinstance(item, h5py.Dataset)]
    if not arrays:
        return
    old = pick(rng, arrays)
    name, shape, kind = old.name, old.shape or (1,), rng.integers(9)
    parent, key = file[name.rsplit("/", 1)[0] or "/"], name.rsplit("/", 1)[1]
    del file[name]
    if kind <= 1:
        shape = huge(rng, shape)
        parent.create_dataset(key, shape, "f4", chunks=tuple(min(n, 1000) for n in shape))
    elif kind == 2:
        chunk = int(10 ** rng.uniform(1, 8))
        parent.create_dataset(key, shape, "f4", maxshape=(None,) * len(shape), chunks=(chunk, *[1] * (len(shape) - 1)))
    elif kind == 3:
        packed = pick(rng, [{"scaleoffset": 3}, {"compression": "gzip", "shuffle": True}, {"compression": "lzf"}])
        parent.create_dataset(
            key, data=np.zeros(shape, "i4"), chunks=tuple(map(max, shape, [1] * len(shape))), **packed
        )
    elif kind == 4:
        parent.create_dataset(key, shape, "f4", external=[(str(outside), 0, h5py.h5f.UNLIMITED)])
    elif kind == 5:
        layout = h5py.VirtualLayout(shape=shape, dtype="f4")
        layout[...] = h5py.VirtualSource(str(outside) + ".h5", "x", shape=shape)
        parent.create_virtual_dataset(key, layout)
    elif kind == 6:
        parent[key] = pick(rng, [h5py.SoftLink(name), h5py.SoftLink("/"), h5py.ExternalLink(f"{outside}.h5", "x")])
    elif kind == 7:
        parent[key] = pick(rng, items_of(file))
    else:
        odd = [
            np.array([b"a"]),
            np.ones(shape, "c8"),
            np.zeros(shape, [("a", "i4")]),
            h5py.Empty("f4"),
            3.0,
            np.ones(0),
        ]
        parent.create_dataset(key, data=pick(rng, odd))


def change_attribute(file, rng):
    """Put another value in the place of an attribute."""
    holders = [item for item in items_of(file) if len(item.attrs)]
    if not holders:
        return
    item = pick(rng, holders)
    name = pick(rng, item.attrs)
    old = item.attrs[name]
    kind = rng.integers(8)
    if kind <= 2 and isinstance(old, (bytes, str)) and name.endswith("config"):
        text = old if isinstance(old, bytes) else old.encode()
        item.attrs[name] = change_json(text, rng)[:60_000]
    elif kind == 3 and np.ndim(old):
        item.attrs[name] = np.repeat(old, int(10 ** rng.uniform(0, 2.5)))[: 60_000 // max(1, old.itemsize)]
    elif kind == 4:
        item.attrs[name] = [f"{i}" * 3 for i in range(3000)]  # of any length, in a heap
    elif kind == 5:
        del item.attrs[name]
    else:
        values = [3, -1, 10**9, float("nan"), b"", "", b"\xff\xfe", "x" * 50_000, h5py.Empty("S1"), np.zeros((3, 2))]
        item.attrs[name] = pick(
            rng, [*values, np.array([b"."]), np.array([b"a/b"]), np.array([b"../x"]), np.array([b""])]
        )


def change_links(file, rng):
    """Let many paths lead to the same things."""
    groups = [item for item in items_of(file) if isinstance(item, h5py.Group)]
    group = pick(rng, groups)
    kind = rng.integers(4)
    if kind == 0:
        group["again"] = pick(rng, items_of(file))
    elif kind == 1 and len(group):
        del group[pick(rng, group)]
    elif kind == 2:
        at = group
        for _ in range(40):  # two ways on at each step
            inner = at.create_group("layers") if "layers" not in at else at["layers"]
            if not isinstance(inner, h5py.Group):
                return
            for i in range(2):
                if f"g{i}" not in inner:
                    inner[f"g{i}"] = inner["g0"] if i else inner.create_group("g0")
            at = inner["g0"]
    else:
        for i in range(int(10 ** rng.uniform(1, 3))):
            group[f"same_{i}"] = pick(rng, groups)


def change_hdf5(content, rng, outside):
    stream = io.BytesIO(content)
    try:
        with h5py.File(stream, "r+") as file:
            kind = rng.integers(3)
            if kind == 0:
                change_array(file, rng, outside)
            elif kind == 1:
                change_attribute(file, rng)
            else:
                change_links(file, rng)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError):  # what HDF5 itself refuses
        return damaged(content, rng)
    return stream.getvalue()


# Archives.


def change_archive(content, rng, outside):
    """Change a member of an archive, or the archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError):
        return damaged(content, rng)
    name = pick(rng, members)
    kind, packing = rng.integers(7), pick(rng, [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    if kind == 0:
        del members[name]
    elif kind == 1:
        packing = zipfile.ZIP_DEFLATED
        members[name] = members[name][: int(rng.integers(200))] + b"[]," * int(10 ** rng.uniform(5, 7.3))
    elif kind == 2:
        members[name] = damaged(members[name], rng)
    elif name.endswith(".json"):
        members[name] = change_json(members[name], rng)
    elif name.endswith(".h5"):
        members[name] = change_hdf5(members[name], rng, outside)
    elif name == "facts.npy":
        text = members[name][128:].decode("utf-32-le", "ignore")  # behind the header
        members[name] = npy(np.array(change_json(text.encode(), rng).decode("utf8", "replace")))
    elif name.endswith(".npy"):
        members[name] = change_npy(members[name], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for member, inside in members.items():
            archive.writestr(member, inside)
        for _ in range(2000 * (kind == 3)):
            archive.writestr(f"{name}", b"", zipfile.ZIP_STORED)
    return packed.getvalue()


def npy(array):
    """The bytes of an array in NumPy's format."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def change_npy(content, rng):
    """Let an array claim another shape or type."""
    try:
        array = np.load(io.BytesIO(content))
    except (ValueError, EOFError, OSError, tokenize.TokenError):
        return damaged(content, rng)
    stream = io.BytesIO()
    shape, code = (
        pick(rng, [huge(rng, array.shape), array.shape]),
        pick(rng, [array.dtype.str, "|O", "<f8", "<U9", "|V7"]),
    )
    np.lib.format.write_array_header_1_0(stream, {"descr": code, "fortran_order": False, "shape": shape})
    return stream.getvalue() + array.tobytes()


def change_safetensors(content, rng, outside):
    """Change the header, which is JSON."""
    length = int.from_bytes(content[:8], "little")
    header, rest = content[8 : 8 + length], content[8 + length :]
    try:
        tree = json.loads(header)
        if rng.random() < 0.4:
            tree["__metadata__"]["layers"] = change_json(tree["__metadata__"]["layers"].encode(), rng).decode()
        else:
            change_tree(tree, rng)
        header = json.dumps(tree).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return damaged(content, rng)
    return len(header).to_bytes(8, "little") + header + rest


CHANGES = {
    ".h5": change_hdf5,
    ".keras": change_archive,
    ".npz": change_archive,
    ".safetensors": change_safetensors,
    ".json": change_json,
    ".yaml": change_yaml,
}
