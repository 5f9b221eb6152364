"""Trains a small network on several ranks, and notes on each what it did at each step.

It knows nothing of Normscope. What it notes (rates, momenta, times, statistics by hooks of its own) is written to
REPORT/rank-R.pt at the end, however that comes.
"""

import argparse
import os
import time
import warnings
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


class Sum(torch.autograd.Function):
    """The sum over all ranks, whose gradient is that of all ranks too."""

    @staticmethod
    def forward(context, values):
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient):
        total = gradient.clone()
        dist.all_reduce(total)
        return total


class AgreeingBatchNorm(nn.BatchNorm2d):
    """What SyncBatchNorm computes, which PyTorch has for GPUs only."""

    def forward(self, images):
        if not self.training:
            return super().forward(images)
        moments = torch.stack([images.mean((0, 2, 3)), images.pow(2).mean((0, 2, 3))])
        moments = Sum.apply(moments) / dist.get_world_size()
        mean, variance = moments[0], moments[1] - moments[0] ** 2
        count = images.numel() / images.shape[1] * dist.get_world_size()
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        normal = (images - mean[:, None, None]) * (variance + self.eps).rsqrt()[:, None, None]
        return normal * self.weight[:, None, None] + self.bias[:, None, None]


class Net(nn.Module):
    """Names out of the alphabet's order, and a layer of five channels, which two ranks can't halve."""

    def __init__(self, normalization=nn.BatchNorm2d):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, bias=False)
        self.outer = normalization(6)
        self.inner = nn.Sequential(nn.Conv2d(6, 5, 3), normalization(5), nn.ReLU())
        self.head = nn.Linear(5, 4)

    def forward(self, images):
        images = self.inner(torch.relu(self.outer(self.stem(images))))
        return self.head(images.mean((2, 3)))


def batch(step, part, rank):
    generator = torch.Generator().manual_seed(1000 * step + 10 * part + rank)
    images = torch.randn(8, 3, 8, 8, generator=generator) * (1 + rank) + rank
    return images, torch.randint(0, 4, (8,), generator=generator)


def wrapped(kind, model):
    if kind == "plain":
        return model
    if kind.startswith("fsdp1"):
        from torch.distributed.fsdp import FullyShardedDataParallel

        return FullyShardedDataParallel(model, use_orig_params=kind == "fsdp1", device_id=torch.device("cpu"))
    if kind == "fsdp2":
        from torch.distributed.fsdp import fully_shard

        fully_shard(model.inner)
        return fully_shard(model)
    if kind == "ddp-own":
        warnings.simplefilter("ignore", FutureWarning)  # newer PyTorches have another word for it
        return DistributedDataParallel(model, broadcast_buffers=False)
    return DistributedDataParallel(model)


def whole(model):
    """The full state of a sharded model, by PyTorch's own means."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    return get_model_state_dict(model, options=StateDictOptions(full_state_dict=True, cpu_offload=True))


def measure(model, noted):
    """Notes each batch's statistics and the running ones after it, by hooks."""

    def hook(module, inputs, output):
        if module.training:
            variance, mean = torch.var_mean(inputs[0].detach(), (0, 2, 3), correction=1)
            noted.setdefault(module.label, []).append((mean, variance))

    for label in ("outer", "inner.1"):
        module = model.get_submodule(label)
        module.label = label
        module.register_forward_hook(hook)


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("--wrap", default="ddp")
    parser.add_argument("--optimizer", default="SGD")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--parts", type=int, default=1, help="batches a step, all but the last without a sum")
    parser.add_argument("--sums", action="store_true", help="with several parts: sum after each")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=0.004, help="least time of a step")
    parser.add_argument("--die-at", type=int, default=0)
    parser.add_argument("--raise-at", type=int, default=0)
    parser.add_argument("--keep-group", action="store_true")
    return parser.parse_args()


def main():
    options = parsed()
    dist.init_process_group("gloo", timeout=timedelta(seconds=options.timeout))
    torch.set_num_threads(1)
    rank = dist.get_rank()
    torch.manual_seed(7)
    network = Net(AgreeingBatchNorm if options.wrap == "sync" else nn.BatchNorm2d)
    torch.manual_seed(100 + rank)
    noted = {}
    measure(network, noted)
    layers = [network.outer, network.inner[1]]
    model = wrapped(options.wrap, network)
    if options.optimizer == "Adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    report = {"steps": [], "rank": rank}
    try:
        for step in range(1, options.steps + 1):
            begin = time.monotonic()
            noted.clear()
            report["steps"].append(
                {
                    "step": step,
                    "lr": optimizer.param_groups[0]["lr"],
                    "momentum": layers[0].momentum,
                    "begin": begin,
                    "draw": float(torch.rand(())),
                }
            )
            optimizer.zero_grad()
            for part in range(options.parts):
                quiet = part < options.parts - 1 and not options.sums and hasattr(model, "no_sync")
                with model.no_sync() if quiet else nullcontext():
                    images, labels = batch(step, part, rank)
                    nn.functional.cross_entropy(model(images), labels).backward()
            report["steps"][-1]["batches"] = dict(noted)
            report["steps"][-1]["running"] = [
                (layer.running_mean.clone(), layer.running_var.clone()) for layer in layers
            ]
            if rank == 1 and step == options.die_at:
                os.kill(os.getpid(), 9)
            if rank == 1 and step == options.raise_at:
                raise ValueError("a bad batch")
            time.sleep(max(0, begin + options.seconds - time.monotonic()))
            optimizer.step()
            report["done"] = step
    finally:
        if options.wrap.startswith("fsdp"):
            report["whole"] = whole(model)
        options.report.mkdir(exist_ok=True)
        torch.save(report, options.report / f"rank-{rank}.pt")
    if not options.keep_group:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
