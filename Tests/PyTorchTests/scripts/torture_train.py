"""Trains until it is ended, alone or, where RANK says so, on two ranks; asks itself for checkpoints all the time."""

import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import torch
from torch import nn


def ask():
    """Appends commands nearly as fast as they are obeyed."""
    number = 0
    words = [{"command": "checkpoint"}, {"command": "set", "key": "lr", "value": "*0.999"}]
    while True:
        time.sleep(0.03)
        for run in Path("runs").glob("*"):
            line = json.dumps({"id": f"{os.getpid()}-{number}", **words[number % 2]})
            with (run / "commands.jsonl").open("a") as file:
                file.write(line + "\n")
            number += 1


def main():
    torch.set_num_threads(1)
    layers = [nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 36, 64)]
    model = nn.Sequential(*layers)
    rank = int(os.environ.get("RANK", "0"))
    if "RANK" in os.environ:
        import torch.distributed as dist
        from torch.nn.parallel import DistributedDataParallel

        dist.init_process_group("gloo", timeout=timedelta(seconds=20))
        model = DistributedDataParallel(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    if rank == 0:
        threading.Thread(target=ask, daemon=True).start()
    images = torch.randn(4, 3, 8, 8)
    while True:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), torch.zeros(4, dtype=torch.int64)).backward()
        optimizer.step()


main()
