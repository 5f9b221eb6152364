"""Opens what Normscope converted; exit status 0 if all is as it should be.

    python open_converted.py FOLDER

FOLDER holds original.pth (a state dictionary by PyTorch), outlined.pth and recovered.pth (whole modules), plain.pth (a state
dictionary) and plain.safetensors. No class is defined here: the modules must open without one.
"""

import os
import sys

import torch
from torch import nn


def path(name):
    return os.path.join(sys.argv[1], name)


recent = int(torch.__version__.split(".")[0]) >= 2
whole = {"weights_only": False} if recent else {}
reference = nn.Sequential()
reference.add_module("layer1", nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()))
reference.add_module("flatten", nn.Flatten())
reference.add_module("fc", nn.Linear(64, 3))
state = torch.load(path("original.pth"), weights_only=True)
reference.load_state_dict(state)
images = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).reshape(2, 3, 4, 4) / 50

for name in ["outlined.pth", "recovered.pth"]:
    module = torch.load(path(name), **whole)
    for mode in [False, True]:
        difference = (module.train(mode)(images) - reference.train(mode)(images)).abs().max().item()
        assert difference <= 1e-5, (name, mode, difference)
    reference.load_state_dict(state)
    module.zero_grad()
    module(images).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    str(module)
    module.state_dict()
    module.double()

plain = torch.load(path("plain.pth"), weights_only=True)
assert list(plain) == list(state) and all(torch.equal(plain[key], state[key]) for key in state)
reference.load_state_dict(plain, strict=True)
if recent:
    import safetensors.torch

    safe = safetensors.torch.load_file(path("plain.safetensors"))
    assert set(safe) == set(state) and all(torch.equal(safe[key], state[key]) for key in state)
print("opened by PyTorch", torch.__version__)
