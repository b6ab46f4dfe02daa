"""Hashes of texts that are the same in every process and in TensorFlow: Fingerprint64, its combination, SipHash.

Sources: Pike, Alakuijala, FarmHash (2014), the function `Fingerprint64`; Aumasson, Bernstein, SipHash: a fast
short-input PRF (2012), with 2 and 4 rounds.
"""

from collections.abc import Sequence

_ALL = 2**64 - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995
_SIP = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_FIRST = 0xDECAFCAFFE  # with what TensorFlow begins a combination


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _turned(x: int, by: int) -> int:
    """`x` with its 64 bits turned to the right."""
    return (x >> by | x << (64 - by)) & _ALL


def _mixed(x: int) -> int:
    return x ^ x >> 47


def _joined(u: int, v: int, factor: int) -> int:
    """Two numbers as one."""
    a = _mixed((u ^ v) * factor & _ALL)
    return _mixed((v ^ a) * factor & _ALL) * factor & _ALL


def fingerprint(data: bytes) -> int:
    """Return the Fingerprint64 of `data`, a number of 64 bits."""
    size = len(data)
    if size > 64:
        return _of_long(data)
    factor = _K2 + 2 * size
    if size > 32:
        return _of_64(data, factor)
    if size > 16:
        a, b = _word(data, 0) * _K1 & _ALL, _word(data, 8)
        c, d = _word(data, size - 8) * factor & _ALL, _word(data, size - 16) * _K2 & _ALL
        first = _turned(a + b & _ALL, 43) + _turned(c, 30) + d & _ALL
        return _joined(first, a + _turned(b + _K2 & _ALL, 18) + c & _ALL, factor)
    if size >= 8:
        a, b = _word(data, 0) + _K2 & _ALL, _word(data, size - 8)
        c = _turned(b, 37) * factor + a & _ALL
        return _joined(c, (_turned(a, 25) + b) * factor & _ALL, factor)
    if size >= 4:
        return _joined(size + (_word(data, 0, 4) << 3) & _ALL, _word(data, size - 4, 4), factor)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        return _mixed(y * _K2 & _ALL ^ (size + (data[-1] << 2)) * _K0 & _ALL) * _K2 & _ALL
    return _K2


def _of_64(data: bytes, factor: int) -> int:
    size = len(data)
    a, b = _word(data, 0) * _K2 & _ALL, _word(data, 8)
    c, d = _word(data, size - 8) * factor & _ALL, _word(data, size - 16) * _K2 & _ALL
    y = _turned(a + b & _ALL, 43) + _turned(c, 30) + d & _ALL
    z = _joined(y, a + _turned(b + _K2 & _ALL, 18) + c & _ALL, factor)
    e, f = _word(data, 16) * factor & _ALL, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * factor & _ALL, (z + _word(data, size - 24)) * factor & _ALL
    first = _turned(e + f & _ALL, 43) + _turned(g, 30) + h & _ALL
    return _joined(first, e + _turned(f + a & _ALL, 18) + g & _ALL, factor)


def _pair(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """The 32 bytes from `at` on, mixed into two numbers."""
    w, x, y, z = (_word(data, at + 8 * i) for i in range(4))
    a = a + w & _ALL
    b = _turned(b + a + z & _ALL, 21)
    c = a
    a = a + x + y & _ALL
    return a + z & _ALL, b + _turned(a, 44) + c & _ALL


def _of_long(data: bytes) -> int:
    size, x = len(data), 81
    y = 81 * _K1 + 113 & _ALL
    z = _mixed(y * _K2 + 113 & _ALL) * _K2 & _ALL
    v, w = (0, 0), (0, 0)
    x = x * _K2 + _word(data, 0) & _ALL
    end, last = (size - 1) // 64 * 64, size - 64

    def step(at, factor, far):
        nonlocal x, y, z, v, w
        x = _turned(x + y + v[0] + _word(data, at + 8) & _ALL, 37) * factor & _ALL
        y = _turned(y + v[1] + _word(data, at + 48) & _ALL, 42) * factor & _ALL
        x = x ^ w[1] * far & _ALL
        y = y + v[0] * far + _word(data, at + 40) & _ALL
        z = _turned(z + w[0] & _ALL, 33) * factor & _ALL
        v = _pair(data, at, v[1] * factor & _ALL, x + w[0] & _ALL)
        w = _pair(data, at + 32, z + w[1] & _ALL, y + _word(data, at + 16) & _ALL)
        z, x = x, z

    for at in range(0, end, 64):
        step(at, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1) & _ALL
    w = w[0] + (size - 1 & 63) & _ALL, w[1]
    v = v[0] + w[0] & _ALL, v[1]
    w = w[0] + v[0] & _ALL, w[1]
    step(last, factor, 9)
    first = _joined(v[0], w[0], factor) + _mixed(y) * _K0 + z & _ALL
    return _joined(first, _joined(v[1], w[1], factor) + x & _ALL, factor)


def combined(numbers: Sequence[int]) -> int:
    """Return one hash of several, or of whole numbers, in their order."""
    result = _FIRST
    for number in numbers:
        result = (result ^ _CAT) ^ _mixed((number & _ALL) * _CAT & _ALL) * _CAT & _ALL
        result = _mixed(_mixed(result * _CAT & _ALL) * _CAT & _ALL)
    return result


def salted(data: bytes, salt: Sequence[int]) -> int:
    """Return the SipHash of `data` under the two numbers of `salt`, a number of 64 bits."""
    keys = [key & _ALL for key in salt]
    v = [part ^ keys[i % 2] for i, part in enumerate(_SIP)]

    def rounds(count):
        for _ in range(count):
            for a, b, by in ((0, 1, 51), (2, 3, 48)):
                v[a] = v[a] + v[b] & _ALL
                v[b] = _turned(v[b], by) ^ v[a]
            v[0] = _turned(v[0], 32)
            for a, b, by in ((2, 1, 47), (0, 3, 43)):
                v[a] = v[a] + v[b] & _ALL
                v[b] = _turned(v[b], by) ^ v[a]
            v[2] = _turned(v[2], 32)

    whole = len(data) // 8 * 8
    words = [_word(data, at) for at in range(0, whole, 8)]
    for word in [*words, _word(data, whole) | (len(data) & 0xFF) << 56]:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]
