"""Trainings on several ranks that are not as they are in the book, each with an end of its own.

Each rank that comes to its end writes REPORT/end-R.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from ranks_train import Net, batch
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def train(model, steps, rank, seconds=0.002):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        images, labels = batch(step, 0, rank)
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
        time.sleep(seconds)


def only_rank_0():
    """Rank 1 only waits."""
    dist.init_process_group("gloo")
    if dist.get_rank() == 0:
        train(Net(), 50, 0)
    dist.barrier()


def no_group():
    """Each trains for itself."""
    train(Net(), 50, int(os.environ["RANK"]))


def fake():
    """One process plays two ranks."""
    from torch.testing._internal.distributed.fake_pg import FakeStore

    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=2)
    begin = time.monotonic()
    train(Net(), 50, 0)
    assert time.monotonic() - begin < 9, "waited for ranks that there are not"


def remade():
    """A group is destroyed and made again, between trainings and within one."""
    rank = int(os.environ["RANK"])
    for number in range(3):  # each with a store of its own: torchrun's keeps the addresses of the group before
        place = f"file://{os.getcwd()}/store-{number}"
        dist.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
        train(DistributedDataParallel(Net()), 30, rank)
        dist.destroy_process_group()


def join():
    """Rank 1 has fewer batches, twice."""
    dist.init_process_group("gloo")
    model = DistributedDataParallel(Net())
    for _ in range(2):
        with model.join():
            train(model, 60 if dist.get_rank() == 0 else 20, dist.get_rank())
    train(model, 20, dist.get_rank())


def unequal():
    """Ranks that share nothing; rank 0 goes on for longer, and rank 1 waits for it."""
    dist.init_process_group("gloo")
    train(Net(), 200 if dist.get_rank() == 0 else 20, dist.get_rank(), 0.004)
    dist.barrier()


def early():
    """Rank 1 is at its end before rank 0."""
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    train(Net(), 600 if rank == 0 else 20, rank, 0.004)


def alone():
    """Rank 0 validates for itself between epochs, longer than ranks are waited for."""
    dist.init_process_group("gloo", timeout=timedelta(seconds=60))
    model = DistributedDataParallel(Net())
    for epoch in range(3):
        train(model, 20, dist.get_rank())
        if dist.get_rank() == 0 and epoch < 2:
            model.module.eval()
            with torch.no_grad():
                for step in range(10):
                    model.module(batch(step, 0, 0)[0])
                    time.sleep(0.3)
            model.train()


def no_runs():
    """Nothing is odd here but the folder."""
    dist.init_process_group("gloo")
    train(DistributedDataParallel(Net()), 50, dist.get_rank())


def spawned():
    """The ranks are children of this process, and rank 0 keeps the store."""
    import torch.multiprocessing

    torch.multiprocessing.spawn(_spawned, nprocs=2)


def _spawned(rank):
    dist.init_process_group("gloo", init_method=os.environ["PLACE"], rank=rank, world_size=2)
    train(DistributedDataParallel(Net()), 50, rank)
    dist.destroy_process_group()
    dist.init_process_group("gloo", init_method=os.environ["PLACE"], rank=rank, world_size=2)
    dist.barrier()
    _end(rank)


def _end(rank):
    report = Path(sys.argv[1])
    report.mkdir(exist_ok=True)
    (report / f"end-{rank}").touch()


if __name__ == "__main__":
    torch.set_num_threads(1)
    globals()[sys.argv[2]]()
    if sys.argv[2] != "spawned":
        _end(int(os.environ.get("RANK", "0")))
