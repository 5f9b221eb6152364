"""Trains on several ranks; in its first life rank 1 is killed at a step, and in its second it comes to its end."""

import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from ranks_train import Net, batch
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def main():
    torch.set_num_threads(1)
    rank = int(os.environ["RANK"])
    # A store for each life: torchrun's, with --standalone, keeps the addresses of the life before.
    place = f"file://{os.getcwd()}/store-{os.environ['TORCHELASTIC_RESTART_COUNT']}"
    dist.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
    model = DistributedDataParallel(Net())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    is_first = os.environ["TORCHELASTIC_RESTART_COUNT"] == "0"
    for step in range(1, 61):
        optimizer.zero_grad()
        images, labels = batch(step, 0, rank)
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
        if is_first and step == 40 and rank == 1:
            while not Path("runs/ranks_restart/status.json").exists():
                pass
            os.kill(os.getpid(), 9)
    dist.destroy_process_group()
    Path(sys.argv[1]).mkdir(exist_ok=True)
    (Path(sys.argv[1]) / f"end-{rank}").touch()


main()
