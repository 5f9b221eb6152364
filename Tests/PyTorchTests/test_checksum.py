"""CRC-32C against its published check value, TensorBoard's own implementation, and itself."""

from __future__ import annotations

import random

import pytest
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import crc32c as tensorboards
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from normscope._files._crc32c import _of_short, crc32c, masked


def test_has_the_published_check_value() -> None:
    # RFC 3720, appendix B.4: 32 bytes of zeros, of ones; and the check value that every catalogue of CRCs lists.
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


@pytest.mark.parametrize("length", [0, 1, 3, 8, 95, 96, 97, 1023, 1024, 1025, 31 * 1024, 100_003])
def test_agrees_with_tensorboard_at_every_length(length: int) -> None:
    data = random.Random(length).randbytes(length)
    assert crc32c(data) == tensorboards(data)
    assert masked(data) == masked_crc32c(data)


def test_a_long_message_is_summed_up_as_byte_by_byte() -> None:
    generator = random.Random(7)
    for _ in range(20):
        data = generator.randbytes(generator.randrange(97, 5000))
        assert crc32c(data) == _of_short(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
