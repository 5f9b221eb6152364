"""Writes this folder's checkpoints with real PyTorch, and beside each what it holds as JSON.

    python make_fixtures.py FOLDER        (FOLDER: torch-2.15 by PyTorch 2.15, torch-1.13 by Debian 12's 1.13)

    python make_fixtures.py FOLDER printed        (afterwards, by PyTorch 2.15: how it prints the modules that 1.13 saved)

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
printing = sys.argv[2:] == ["printed"]


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
        json.dump({"tensors": described(list(tensors_in(value))), **more}, file, separators=(",", ":"))


def save(name, value, **options):
    if printing:
        return
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

# Older and other framings of the same state dictionary.
save("state_dict_legacy.pth", make_net().state_dict(), _use_new_zipfile_serialization=False)
save("state_dict_protocol4.pth", make_net().state_dict(), pickle_protocol=4)
save("state_dict_legacy_protocol3.pth", make_net().state_dict(), _use_new_zipfile_serialization=False,
     pickle_protocol=3)


def repacked(name, compression=zipfile.ZIP_STORED, large=False, prefix=None, swap=False):
    """The state dictionary's entries in a zip file of Python's own making."""
    if printing:
        return
    with zipfile.ZipFile(os.path.join(folder, "state_dict.pth")) as source, \
            zipfile.ZipFile(os.path.join(folder, name), "w", compression) as target:
        for entry in source.namelist():
            content = source.read(entry)
            if swap and entry.endswith("/byteorder"):
                content = b"big"
            elif swap and "/data/" in entry:
                width = 8 if entry.endswith("/6") else 4
                content = b"".join(content[i:i + width][::-1] for i in range(0, len(content), width))
            if entry.endswith("/byteorder") is False or modern:
                info = zipfile.ZipInfo(entry if prefix is None else prefix + entry[entry.index("/"):])
                info.compress_type = compression
                with target.open(info, "w", force_zip64=large) as file:
                    file.write(content)
    describe(name, make_net().state_dict())


repacked("deflated.pth", zipfile.ZIP_DEFLATED)
repacked("zip64.pth", large=True)
repacked("prefix.pth", prefix="größer mit Leerzeichen")
if modern and not printing:
    repacked("big_endian.pth", swap=True)
    assert torch.equal(torch.load(os.path.join(folder, "big_endian.pth"))["fc.weight"], make_net().fc.weight)

# Every dtype, with the values that are special to it.
dtypes = OrderedDict()
special = [0.0, -0.0, 1.0, -1.5, 0.1, 448.0, 6e-8, 65504.0, 1e30, float("inf"), -float("inf"), float("nan")]
for kind in ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]:
    if hasattr(torch, kind):
        dtypes[kind] = torch.tensor(special, dtype=torch.float64).to(getattr(torch, kind))
for kind in ["float8_e4m3fn", "float8_e5m2"]:
    if hasattr(torch, kind):
        dtypes["all_" + kind] = torch.arange(256, dtype=torch.int32).to(torch.uint8).view(getattr(torch, kind))
for kind in ["int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"]:
    if hasattr(torch, kind):
        info = torch.iinfo(getattr(torch, kind))
        top = min(info.max, 2**63 - 1)
        dtypes[kind] = torch.tensor([0, 1, info.min, top, 97], dtype=getattr(torch, kind))
dtypes["bool"] = torch.tensor([True, False, True])
dtypes["complex64"] = torch.tensor([1 + 2j, -0.5j, complex(float("inf"), float("nan"))], dtype=torch.complex64)
dtypes["complex128"] = torch.tensor([[1 + 2j, 3 - 4j]], dtype=torch.complex128)
save("dtypes.pth", dtypes)
save("dtypes_legacy.pth", dtypes, _use_new_zipfile_serialization=False)

# Views: what isn't laid out in rows, what shares its bytes, what has none.
base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
tied = torch.arange(6, dtype=torch.float32).reshape(2, 3)
save("views.pth", OrderedDict(
    base=base, transposed=base.t(), sliced=base[1:3, ::2], column=base[:, 4], expanded=torch.ones(1, 3).expand(5, 3),
    scalar=torch.tensor(2.5), number=torch.tensor(7), empty=torch.zeros(0, 3), permuted=base.reshape(2, 3, 4).permute(2, 0, 1),
    tied=tied, tied_too=tied, tied_row=tied[1], single=base[2:3, 3:4], diagonal=base.diagonal(),
    channels_last=torch.arange(48.0).reshape(1, 3, 4, 4).to(memory_format=torch.channels_last)))

# What programs wrap around a state dictionary.
lightning = {
    "epoch": 3, "global_step": 400, "pytorch-lightning_version": "2.1.0",
    "state_dict": OrderedDict(("model." + key, tensor) for key, tensor in make_net().state_dict().items()),
    "loops": {"fit_loop": {"state_dict": {}}}, "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.25)}},
    "optimizer_states": [trained()["optimizer_state_dict"]], "lr_schedulers": [{"last_epoch": 3, "_step_count": 4}],
    "hparams_name": "kwargs", "hyper_parameters": {"lr": 0.05, "layers": [3, 4, 3]},
}
save("lightning.ckpt", lightning)
save("nested.pth", {"model": {"encoder": make_net().fc.state_dict(), "heads": [torch.ones(2), {"w": torch.zeros(1)}]},
                    "step": 5})
save("tensor.pth", torch.arange(5.0))
save("list.pth", [torch.arange(3), (torch.ones(2), "text")])


class Counter(nn.Module):
    """A class that nobody else has."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor([1.0, 2.0]))
        self.register_buffer("seen", torch.tensor(3))
        self.register_buffer("scratch", torch.zeros(4), persistent=False)
        self.register_parameter("nothing", None)
        self.limit = 5

    def forward(self, x):
        return x * self.gain


class Zoo(nn.Module):
    def __init__(self):
        super().__init__()
        self.counter = Counter()
        self.features = nn.Sequential(OrderedDict([
            ("conv", nn.Conv2d(3, 4, 3, padding="same", bias=False)),
            ("strided", nn.Conv2d(4, 4, (3, 1), stride=2, padding=(1, 0), dilation=2, groups=2)),
            ("up", nn.ConvTranspose2d(4, 2, 2, stride=2, output_padding=1)),
            ("mirror", nn.Conv1d(2, 2, 3, padding=1, padding_mode="reflect")), ("deep", nn.Conv3d(1, 1, 2))]))
        self.norms = nn.ModuleList([
            nn.BatchNorm1d(3, momentum=None), nn.BatchNorm2d(2, affine=False), nn.BatchNorm3d(2, track_running_stats=False),
            nn.InstanceNorm2d(2), nn.GroupNorm(2, 4), nn.LayerNorm([2, 3]), nn.LocalResponseNorm(5), nn.SyncBatchNorm(2)])
        self.activations = nn.Sequential(
            nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2, inplace=True), nn.ELU(), nn.CELU(), nn.SELU(), nn.GELU(),
            nn.SiLU(), nn.Mish(), nn.Hardtanh(), nn.Hardswish(), nn.Hardsigmoid(), nn.PReLU(3), nn.RReLU(), nn.Softplus(),
            nn.Softshrink(), nn.Threshold(0.1, 20), nn.GLU(), nn.Sigmoid(), nn.Tanh(), nn.Softmax(dim=1),
            nn.LogSoftmax(dim=-1), nn.Softmax2d(), nn.Softsign(), nn.Tanhshrink(), nn.LogSigmoid(), nn.Hardshrink())
        self.pools = nn.ModuleDict({
            "max": nn.MaxPool2d(2), "max1": nn.MaxPool1d(3, stride=2, padding=1, ceil_mode=True), "avg": nn.AvgPool2d(3, 2, 1),
            "avg1": nn.AvgPool1d(2), "adaptive": nn.AdaptiveAvgPool2d((1, None)), "adaptive_max": nn.AdaptiveMaxPool2d(1),
            "lp": nn.LPPool2d(2, 3), "fractional": nn.AvgPool3d(2)})
        self.blocks = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)] + [nn.Linear(2, 1, bias=False)])
        self.shapes = nn.Sequential(
            nn.Flatten(), nn.Unflatten(1, (2, 3)), nn.Identity(), nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Upsample(size=(4, 4), mode="bilinear"), nn.PixelShuffle(2), nn.ReflectionPad2d(1), nn.ZeroPad2d((1, 2, 3, 4)),
            nn.ConstantPad2d(1, 0.5), nn.Dropout(0.3), nn.Dropout2d(), nn.AlphaDropout(0.1), nn.Unfold(3), nn.ChannelShuffle(2))
        self.embedding = nn.Embedding(5, 3, padding_idx=0)
        self.rnn = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True, dropout=0.1)
        self.cell = nn.GRUCell(3, 4)
        self.attention = nn.MultiheadAttention(4, 2)
        self.bilinear = nn.Bilinear(2, 3, 4)
        self.parameters_too = nn.ParameterList([torch.ones(2), torch.zeros(1, 3)])
        self.loss = nn.CrossEntropyLoss()
        self.absent = None
        self.similarity = nn.CosineSimilarity(dim=1)
        self.decoder = nn.Linear(3, 5, bias=False)
        self.decoder.weight = self.embedding.weight


if printing:
    for name in sorted(os.listdir(folder)):
        if name.startswith("module") and name.endswith(".pth") and name != "module_in_dict.pth":
            with open(os.path.join(folder, name + ".json")) as file:
                description = json.load(file)
            module = torch.load(os.path.join(folder, name), weights_only=False)
            description["printed"] = str(module)
            with open(os.path.join(folder, name + ".json"), "w") as file:
                json.dump(description, file, separators=(",", ":"))
    sys.exit()


def save_module(name, module, **options):
    torch.save(module, os.path.join(folder, name), **options)
    describe(name, module, printed=str(module))


def make_zoo():
    zoo = Zoo()
    fill(tensor for tensor in zoo.state_dict().values() if tensor.is_floating_point())
    return zoo


save_module("module.pth", make_net())
save_module("module_legacy.pth", make_net(), _use_new_zipfile_serialization=False)
save_module("module_zoo.pth", make_zoo())
save_module("module_parallel.pth", nn.DataParallel(make_net()))
save_module("module_double.pth", make_net().double())
save("module_in_dict.pth", {"model": make_net(), "epoch": 4})

# What is recognised but can't be shown.
script = torch.jit.script(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.ReLU()))
fill(tensor for tensor in script.state_dict().values() if tensor.is_floating_point())
script.save(os.path.join(folder, "script.pt"))
describe("script.pt", OrderedDict(script.state_dict()))
torch.save({"sparse": torch.eye(3).to_sparse(), "dense": torch.ones(2)}, os.path.join(folder, "sparse.pth"))
torch.save({"quantized": torch.quantize_per_tensor(torch.arange(4.0), 0.5, 1, torch.qint8), "dense": torch.ones(2)},
           os.path.join(folder, "quantized.pth"))

if modern:
    from torch._weights_only_unpickler import _get_allowed_globals

    with open(os.path.join(folder, "allowed-globals.txt"), "w") as file:
        file.write("\n".join(sorted(_get_allowed_globals())))

    import safetensors.torch

    tensors = {name.replace("all_", "every_"): tensor for name, tensor in dtypes.items() if "complex" not in name}
    tensors.update(scalar=torch.tensor(2.5), empty=torch.zeros(0, 3), matrix=base)
    safetensors.torch.save_file(tensors, os.path.join(folder, "dtypes.safetensors"), metadata={"format": "pt", "made by": "größer"})
    describe("dtypes.safetensors", tensors)
