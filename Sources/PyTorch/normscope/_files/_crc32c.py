"""CRC-32C (Castagnoli), which frames the records of event files.

The checksum is linear over GF(2): a message's is the exclusive or of what each of its bytes contributes, which
depends only on the byte and on how many bytes follow it. Long messages are summed up that way with torch's
operators, which let other Python threads run meanwhile; short ones byte by byte.
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor

_POLYNOMIAL = 0x82F63B78  # reversed bits
_BLOCK = 128  # bytes that are looked up in one row
_ROWS = 248  # rows at a time; _ROWS * _BLOCK stays below the size at which torch starts threads
_SHORT = 1000  # bytes up to which the loop in Python is faster
_ALL = 0xFFFFFFFF


def _byte_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _byte_table()


def crc32c(data: bytes) -> int:
    """The checksum of ``data``."""
    return _of_long(data) if len(data) > _SHORT else _of_short(data, _ALL) ^ _ALL


def masked(data: bytes) -> int:
    """The checksum as event files store it: rotated by 15 bits, plus a constant (TensorFlow's record format)."""
    value = crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & _ALL


def _of_short(data: bytes, state: int) -> int:
    table = _TABLE
    for byte in data:
        state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state


@functools.cache
def _contributions() -> tuple[Tensor, list[list[int]]]:
    """``[_BLOCK * 256]``: what each byte contributes at each place of a block; and how a state moves past a block.

    Rows are doubled: a state that n zero bytes follow is the exclusive or of what its four bytes contribute.
    """
    one = torch.tensor(_TABLE, dtype=torch.int64)
    rows = [one]  # rows[n]: contributions of a byte that n bytes follow
    while len(rows) < 4:
        rows.append((rows[-1] >> 8) ^ one[rows[-1] & 0xFF])
    table = torch.stack(rows)
    while len(table) < _BLOCK:
        shift = table[len(table) - 4 :].flip(0)  # of byte 0, 1, 2, 3 of a state
        moved = shift[0][table & 0xFF]
        for byte in range(1, 4):
            moved = moved ^ shift[byte][(table >> (8 * byte)) & 0xFF]
        table = torch.cat([table, moved])
    past_block = table[_BLOCK - 4 :].flip(0).tolist()
    signed = torch.where(table >= 1 << 31, table - (1 << 32), table).to(torch.int32)
    return signed.flip(0).reshape(-1).contiguous(), past_block


def _of_long(data: bytes) -> int:
    table, past = _contributions()
    # The initial state of all ones is an exclusive or on the first four bytes; zeros in front change nothing.
    padding = -len(data) % _BLOCK
    padded = bytearray(padding + len(data))
    padded[padding:] = data
    for place in range(padding, padding + 4):
        padded[place] ^= 0xFF
    blocks = torch.frombuffer(padded, dtype=torch.uint8).view(-1, _BLOCK)
    places = torch.arange(_BLOCK, dtype=torch.int32) * 256
    state = 0
    for rows in blocks.split(_ROWS):
        found = table.index_select(0, (rows.to(torch.int32) + places).reshape(-1)).view(-1, _BLOCK)
        width = _BLOCK
        while width > 1:
            width //= 2
            found = found[:, :width] ^ found[:, width:]
        for value in found.reshape(-1).tolist():
            state = (
                past[0][state & 0xFF]
                ^ past[1][state >> 8 & 0xFF]
                ^ past[2][state >> 16 & 0xFF]
                ^ past[3][state >> 24]
                ^ (value & _ALL)
            )
    return state ^ _ALL
