"""The sample of Fashion-MNIST as tensors, for the programs beside this file."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import torch
from torch import Tensor

FOLDER = Path(__file__).parents[3] / "sample-data" / "fashion-mnist"


def read(name: str) -> Tensor:
    """``[N, …]`` uint8: a file in IDX format, gzipped."""
    with gzip.open(FOLDER / name) as file:
        data = file.read()
    sides = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return torch.frombuffer(bytearray(data[4 + 4 * data[3] :]), dtype=torch.uint8).view(*sides)


def dataset(part: str) -> torch.utils.data.TensorDataset:
    """``[N, 1, 28, 28]`` images from 0 to 1 and their labels; ``part`` is ``train`` or ``t10k``."""
    images = read(f"{part}-images-idx3-ubyte.gz").float().div(255).unsqueeze(1)
    return torch.utils.data.TensorDataset(images, read(f"{part}-labels-idx1-ubyte.gz").long())
