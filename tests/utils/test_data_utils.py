"""Fetching files from a server on this machine: whole, checked, taken up again, and never outside their folder."""

import functools
import hashlib
import http.server
import io
import os
import random
import subprocess
import sys
import tarfile
import threading
import time
import zipfile

import pytest

from horngate.utils import data_utils, whole_files
from horngate.utils.data_utils import get_file, validate_file

CONTENT = random.Random(0).randbytes(300_000)
MD5, SHA256 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves `files` by name; `breaks` answers break off in their midst, `refusals` answer that all is busy."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.breaks, self.refusals, self.ranges = {"/data.bin": CONTENT}, 0, 0, []
        self.slow = 0  # seconds between two pieces
        self.date = None  # of the files, as the header Last-Modified says it

    def address(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        if self.headers.get("If-Range") not in (None, self.server.date):
            asked = None
        self.server.ranges.append(asked)
        if self.server.refusals:
            self.server.refusals -= 1
            return self.send_error(503)
        if self.path not in self.server.files:
            return self.send_error(404)
        content = self.server.files[self.path]
        start = int(asked.split("=")[1].rstrip("-")) if asked else 0
        if start >= len(content):
            return self.send_error(416)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if self.server.date:
            self.send_header("Last-Modified", self.server.date)
        self.end_headers()
        if self.server.breaks:
            self.server.breaks -= 1
            self.wfile.write(content[start : start + 100_000])
        else:
            for at in range(start, len(content), 50_000):
                self.wfile.write(content[at : at + 50_000])
                time.sleep(self.server.slow)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(data_utils, "_PAUSE", 0.01)
    return tmp_path / "datasets"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def names(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("hashes", [{}, {"md5_hash": MD5}, {"md5_hash": SHA256}, {"sha256_hash": SHA256}], ids=str)
def test_a_file_is_fetched_once(server, cache, hashes, capsys):
    for _ in range(2):
        path = get_file("data.bin", server.address("data.bin"), **hashes)
        assert path == str(cache / "data.bin") and read(path) == CONTENT
    assert len(server.ranges) == 1 and names(cache) == ["data.bin"]
    assert capsys.readouterr().out.startswith(f"Downloading data from {server.address('data.bin')}\n")


DATES = ["Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT"]


@pytest.mark.parametrize("told", ["by a checksum", "by the date", "by nothing"])
@pytest.mark.parametrize("same", [True, False])
def test_what_broke_off_is_taken_up_where_it_is_known_to_be_of_the_same_file(server, told, same):
    """Within one call, and in a later one; never are the parts of two files put together."""
    long = CONTENT * 2
    hashes = {"md5_hash": hashlib.md5(long).hexdigest()} if told == "by a checksum" else {}
    fetch = functools.partial(get_file, "data.bin", server.address("data.bin"), **hashes)
    server.date = DATES[0] if told == "by the date" else None
    server.files["/data.bin"] = long if same else long[::-1]
    server.breaks = 3
    with pytest.raises(OSError, match="broke off"):
        fetch()
    server.files["/data.bin"] = long
    server.date = server.date and DATES[not same]
    if told == "by a checksum" and not same:
        with pytest.raises(ValueError, match="is not the file that was expected"):
            fetch()
    assert read(fetch()) == long
    goes_on = told == "by a checksum" or told == "by the date" and same
    first = [None] * 3 if told == "by nothing" else [None, "bytes=100000-", "bytes=200000-"]
    assert server.ranges[:4] == [*first, "bytes=300000-" if goes_on else None]


def test_what_an_earlier_process_left_is_taken_up(server, cache):
    cache.mkdir()
    (cache / "data.bin.part").write_bytes(CONTENT[:1000])
    assert read(get_file("data.bin", server.address("data.bin"), md5_hash=MD5)) == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_a_leftover_that_is_too_long_is_thrown_away(server, cache):
    cache.mkdir()
    (cache / "data.bin.part").write_bytes(CONTENT + b"more")
    assert read(get_file("data.bin", server.address("data.bin"))) == CONTENT


def test_a_busy_server_is_asked_again(server):
    server.refusals = 2
    assert read(get_file("data.bin", server.address("data.bin"))) == CONTENT


def test_another_file_than_expected_is_thrown_away(server, cache):
    with pytest.raises(ValueError, match=SHA256):
        get_file("data.bin", server.address("data.bin"), md5_hash="0" * 32)
    assert names(cache) == []


def test_a_damaged_file_in_the_cache_is_fetched_anew(server, cache):
    cache.mkdir()
    (cache / "data.bin").write_bytes(b"damaged")
    assert read(get_file("data.bin", server.address("data.bin"), md5_hash=MD5)) == CONTENT


@pytest.mark.parametrize("name, requests", [("none.bin", 1), (None, 0)])
def test_what_cannot_be_fetched_says_where_to_put_it(server, cache, name, requests):
    address = server.address(name) if name else "http://127.0.0.1:9/data.bin"  # nobody listens there
    with pytest.raises(OSError) as caught:
        get_file("x.bin", address)
    assert address in str(caught.value) and str(cache / "x.bin") in str(caught.value)
    assert len(server.ranges) == requests, "that it is not there is said once"


def archive_of(**files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_archives_are_unpacked_once(server, cache):
    server.files["/pack.tar.gz"] = archive_of(pack__a=b"1", pack__b=b"2")
    for _ in range(2):
        folder = get_file("pack", server.address("pack.tar.gz"), untar=True)
        assert folder == str(cache / "pack") and names(folder) == ["a", "b"]
    assert len(server.ranges) == 1 and names(cache) == ["pack", "pack.tar.gz"]


def test_zip_archives_are_unpacked_beside_themselves(server, cache):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside/a.txt", "1")
    server.files["/pack.zip"] = packed.getvalue()
    assert get_file("pack.zip", server.address("pack.zip"), extract=True) == str(cache / "pack.zip")
    assert names(cache) == [".pack.zip.unpacked", "inside", "pack.zip"] and read(cache / "inside" / "a.txt") == b"1"


def zip_of(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.mark.parametrize("name, packed", [("p.zip", zip_of), ("p.tar.gz", archive_of)])
def test_unpacking_leaves_what_stands_there(server, cache, name, packed):
    """Files beside those of the archive, files that were changed since, and files that were taken out."""

    def fetched():
        get_file(name, server.address(name), extract=True)
        return {path: read(cache / "data" / path) for path in names(cache / "data") if path != "deep"}

    server.files[f"/{name}"] = packed(data__a=b"1", data__b=b"2", data__deep__c=b"3")
    (cache / "data" / "deep").mkdir(parents=True)
    (cache / "data" / "mine").write_bytes(b"a week of work")
    (cache / "data" / "deep" / "mine").write_bytes(b"another")
    assert fetched() == {"a": b"1", "b": b"2", "mine": b"a week of work"}
    assert read(cache / "data" / "deep" / "mine") == b"another" and read(cache / "data" / "deep" / "c") == b"3"
    (cache / "data" / "a").write_bytes(b"changed")
    (cache / "data" / "b").unlink()
    assert fetched() == {"a": b"changed", "mine": b"a week of work"}
    os.utime(cache / name, (1, 1))  # another archive of the same name
    assert fetched() == {"a": b"1", "b": b"2", "mine": b"a week of work"}
    (cache / "data").rename(cache / "elsewhere")
    assert fetched() == {"a": b"1", "b": b"2"}
    (cache / f".{name}.unpacked").write_text("damaged")
    assert fetched() == {"a": b"1", "b": b"2"}
    assert not [found for found in names(cache) if found.endswith((".tmp", ".part"))]


FETCHES = """
import sys
from horngate.utils.data_utils import get_file
path = get_file("big.bin", sys.argv[1], md5_hash=sys.argv[2] or None, cache_dir=sys.argv[3])
print(len(open(path, "rb").read()))
"""


@pytest.mark.parametrize("hashed", [True, False])
def test_several_processes_that_fetch_one_file_fetch_it_once(server, tmp_path, hashed):
    server.files["/big.bin"] = CONTENT
    server.slow = 0.02
    arguments = [server.address("big.bin"), MD5 if hashed else "", tmp_path]
    command = [sys.executable, "-c", FETCHES, *arguments]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate()[0].splitlines()[-1] for process in started]
    assert said == [str(len(CONTENT))] * 4 and len(server.ranges) == 1
    assert names(tmp_path / "datasets") == ["big.bin"] and read(tmp_path / "datasets" / "big.bin") == CONTENT


@pytest.mark.parametrize("lacks", ["locks", "nothing"])
def test_a_failed_fetch_leaves_the_file_that_was_there(server, cache, lacks, monkeypatch):
    if lacks == "locks":
        monkeypatch.setattr(whole_files, "fcntl", None)
    cache.mkdir()
    (cache / "data.bin").write_bytes(b"an older one")
    with pytest.raises(OSError):
        get_file("data.bin", server.address("gone.bin"), md5_hash=MD5)
    assert names(cache) == ["data.bin"] and read(cache / "data.bin") == b"an older one"
    assert read(get_file("data.bin", server.address("data.bin"), md5_hash=MD5)) == CONTENT
    assert names(cache) == ["data.bin"]


def evil_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../evil", "1")
    return packed.getvalue()


def link_outside():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [archive_of(**{"..__evil": b"1"}), link_outside(), evil_zip(), b"no archive at all"],
    ids=["tar", "link", "zip", "neither"],
)
def test_archives_that_reach_outside_are_refused(server, cache, content):
    server.files["/pack.tar.gz"] = content
    with pytest.raises(ValueError, match="pack.tar.gz"):
        get_file("pack", server.address("pack.tar.gz"), untar=True)
    assert names(cache) == ["pack.tar.gz"] and "evil" not in names(cache.parent)


@pytest.mark.parametrize("pack, name", [(zip_of, "p.zip"), (archive_of, "p.tar.gz")])
def test_archives_that_fill_the_disk_are_refused(server, cache, pack, name):
    packed = io.BytesIO()
    zeros = bytes(20_000_000)
    if pack is zip_of:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", zeros)
            archive.writestr("b", zeros)
        server.files[f"/{name}"] = packed.getvalue()
    else:
        server.files[f"/{name}"] = archive_of(a=zeros, b=zeros)
    with pytest.raises(ValueError, match=f"{name} was not unpacked: it has .* bytes and holds 40,000,000"):
        get_file(name, server.address(name), extract=True)
    assert names(cache) == [name]


@pytest.mark.parametrize(
    "name, address, sentence",
    [
        ("", "http://127.0.0.1:9/x", "fname must be the file's name in the cache, such as 'data.npz'; received ''"),
        (None, "http://127.0.0.1:9/x", "fname must be the file's name .* received None"),
        ("x.bin", "x.bin", "origin must be an address such as 'https://host/data.npz'; received 'x.bin'"),
        ("x.bin", None, "origin must be an address .* received None"),
    ],
)
def test_calls_that_cannot_be_meant_say_what_is_expected(cache, name, address, sentence):
    with pytest.raises(ValueError, match=f"^get_file: {sentence}"):
        get_file(name, address)


def test_names_with_folders(server, cache):
    assert read(get_file("new/data.bin", server.address("data.bin"))) == CONTENT and names(cache) == ["new"]


def test_validate_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    assert validate_file(str(path), MD5.upper()) and validate_file(str(path), SHA256)
    assert not validate_file(str(path), "0" * 32)
