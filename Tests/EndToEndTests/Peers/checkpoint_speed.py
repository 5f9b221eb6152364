"""Reads and writes a large state dictionary with PyTorch and with Normscope, side by side.

    python3 checkpoint_speed.py NORMSCOPE FOLDER [MEGABYTES]

Writes FOLDER/speed.pth (500 MB) and prints the shortest of several times of each, in milliseconds. The file is in the
system's cache for both.
"""

import json
import os
import subprocess
import sys
import time

import torch

program, folder = sys.argv[1:3]
megabytes = int(sys.argv[3]) if len(sys.argv) > 3 else 500
path = os.path.join(folder, "speed.pth")
copy = path + ".copy"


def shortest(work):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def table():
    torch.load(path, mmap=True, weights_only=True)


def read_every_byte():
    # The cheapest way there is to touch every number; what Normscope does meanwhile gives five numbers a tensor.
    for tensor in torch.load(path, mmap=True, weights_only=True).values():
        tensor.sum()


def load():
    torch.load(path, weights_only=True)


def save():
    torch.save(state, copy)


def save_durably():
    with open(copy, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


state = {f"layer{number}.weight": torch.randn(megabytes * 5, 1000) for number in range(50)}
torch.save(state, path)
times = {
    "table of tensors": shortest(table), "every byte read": shortest(read_every_byte), "loading into memory": shortest(load),
    "writing": shortest(save), "writing, safe on the disk": shortest(save_durably),
}
os.unlink(copy)
report = subprocess.run([program, "bench", "--checkpoint", path, "--json"], check=True, capture_output=True, text=True)
ours = json.loads(report.stdout)
# Normscope's writing always is safe on the disk.
keys = ["tableMilliseconds", "statisticsMilliseconds", "loadMilliseconds", "saveMilliseconds", "saveMilliseconds"]
print(f"{os.path.getsize(path)} bytes, ms{'PyTorch ' + torch.__version__:>30}{'Normscope':>12}")
for (name, theirs), key in zip(times.items(), keys):
    print(f"{name:28}{theirs:>22.1f}{ours[key]:>12.1f}")
os.unlink(path)
