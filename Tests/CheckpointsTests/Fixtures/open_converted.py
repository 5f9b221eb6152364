"""Opens what Normscope converted; exit status 0 if all is as it should be.

    python open_converted.py FOLDER

FOLDER holds original.pth (a state dictionary by PyTorch), outlined.pth and recovered.pth (whole modules), plain.pth (a state
dictionary) and plain.safetensors. No class is defined here: the modules must open without one.
"""

import importlib.util
import json
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
    assert list(module.state_dict()) == list(state)
    assert all(torch.equal(tensor, state[key]) for key, tensor in module.state_dict().items())
    for network in [module, reference]:
        # The fixture's variances are by formula and partly negative.
        dict(network.named_buffers())["layer1.1.running_var"].abs_()
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
# The safetensors file by its specification (a length, a JSON header, bytes), and by its own library where that is installed.
with open(path("plain.safetensors"), "rb") as file:
    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    data = file.read()
types = {"F32": torch.float32, "I64": torch.int64}
assert {name for name in header if name != "__metadata__"} == set(state)
for key, tensor in state.items():
    start, end = header[key]["data_offsets"]
    found = torch.frombuffer(bytearray(data[start:end]), dtype=types[header[key]["dtype"]])
    assert torch.equal(found.reshape(header[key]["shape"]), tensor), key
library = importlib.util.find_spec("safetensors") is not None
if library:
    import safetensors.torch

    safe = safetensors.torch.load_file(path("plain.safetensors"))
    assert set(safe) == set(state) and all(torch.equal(safe[key], state[key]) for key in state)
print("opened by PyTorch", torch.__version__, "and safetensors" if library else "without the library safetensors")
