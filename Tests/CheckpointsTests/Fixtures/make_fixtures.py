"""Writes this folder's checkpoints with real PyTorch, and beside each what it holds as JSON.

    python make_fixtures.py FOLDER        (FOLDER: torch-2.15 by PyTorch 2.15, torch-1.13 by Debian 12's 1.13)

Everything is made by formula, nothing is random, so the files differ between runs only in their serialization ids.
"""

import json
import math
import os
import struct
import sys
import zipfile
from collections import OrderedDict

import torch
from torch import nn

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
modern = hasattr(torch, "float8_e4m3fn")


def fill(tensors):
    """Distinct values that float16 still holds exactly."""
    for number, tensor in enumerate(tensors):
        with torch.no_grad():
            count = tensor.numel()
            values = (torch.arange(count) * 7 + number * 3) % 61 - 30
            tensor.copy_((values.to(torch.float64) / 8).reshape(tensor.shape))


class Net(nn.Module):
    """The example network, made small: 3x4x4 images, 4 channels, 3 classes."""

    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(3, 4, kernel_size=3, stride=1, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x):
        return self.fc(self.flatten(self.layer1(x)))


def make_net():
    net = Net()
    fill(tensor for tensor in net.state_dict().values() if tensor.is_floating_point())
    net.layer1[1].num_batches_tracked.fill_(938)
    return net


def component(value):
    if isinstance(value, (bool, int)):
        return int(value)
    return value if math.isfinite(value) else repr(value)


def numbers(tensor):
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    if tensor.is_complex():
        return [component(part) for value in flat.tolist() for part in (value.real, value.imag)]
    if tensor.is_floating_point():
        flat = flat.to(torch.float64)
    return [component(value) for value in flat.tolist()]


def described(tensors):
    return [
        {"name": name, "dtype": str(tensor.dtype).split(".")[-1], "shape": list(tensor.shape),
         "stride": list(tensor.stride()), "values": numbers(tensor)}
        for name, tensor in tensors
    ]


def tensors_in(value, name=""):
    def below(key):
        return f"{name}.{key}" if name else str(key)

    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, nn.Module):
        for key, tensor in value.state_dict().items():
            yield below(key), tensor
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from tensors_in(item, below(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from tensors_in(item, below(index))


def describe(name, value, **more):
    with open(os.path.join(folder, name + ".json"), "w") as file:
        json.dump({"tensors": described(list(tensors_in(value))), **more}, file, indent=0)


def save(name, value, **options):
    torch.save(value, os.path.join(folder, name), **options)
    describe(name, value)


def trained():
    """One step of SGD with momentum, on a gradient by formula."""
    net = make_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    for parameter in net.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)
    optimizer.step()
    schedule.step()
    return {
        "model_state_dict": net.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
        "epoch": 7, "global_step": 938, "resume": {"seed": 1, "position": 12, "scale": 0.5, "note": "größer"},
    }


save("state_dict.pth", make_net().state_dict())
save("training.pth", trained())
