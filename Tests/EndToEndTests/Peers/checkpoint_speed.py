"""Reads and writes a large state dictionary with PyTorch and with Normscope, in turn.

    python3 checkpoint_speed.py NORMSCOPE FOLDER [MEGABYTES [ROUNDS]]

Writes FOLDER/speed.pth (500 MB) and prints, in milliseconds, the median of 9 rounds. A round does everything with PyTorch
and then with Normscope, each work twice, and the second time counts: what is read is in the system's cache for both, and
what is written goes to a file that is not there yet.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import torch

program, folder = sys.argv[1:3]
megabytes, rounds = (int(sys.argv[place]) if len(sys.argv) > place else default for place, default in ((3, 500), (4, 9)))
path = os.path.join(folder, "speed.pth")
copy = path + ".copy"


def second(work):
    for _ in range(2):
        if os.path.exists(copy):
            os.unlink(copy)
        start = time.perf_counter()
        work()
        duration = time.perf_counter() - start
    return duration * 1000


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


def measure_ours():
    command = [program, "bench", "--checkpoint", path, "--rounds", "1", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


WORKS = [
    ("table of tensors", table, "tableMilliseconds"),
    ("every byte read", read_every_byte, "statisticsMilliseconds"),
    ("loading into memory", load, "loadMilliseconds"),
    ("writing", save, "saveUnsynchronizedMilliseconds"),
    ("writing and fsync", save_durably, "saveMilliseconds"),
]

state = {f"layer{number}.weight": torch.randn(megabytes * 5, 1000) for number in range(50)}
torch.save(state, path)
theirs = {name: [] for name, _, _ in WORKS}
ours = {name: [] for name, _, _ in WORKS}
for _ in range(rounds):
    for name, work, _ in WORKS:
        theirs[name].append(second(work))
    os.unlink(copy)
    measured = measure_ours()
    for name, _, key in WORKS:
        ours[name].append(measured[key])
print(f"{os.path.getsize(path)} bytes, ms, median of {rounds}{'PyTorch ' + torch.__version__:>26}{'Normscope':>22}")
for name, _, _ in WORKS:
    columns = (f"{statistics.median(times):.1f} ({min(times):.1f}…{max(times):.1f})" for times in (theirs[name], ours[name]))
    print(f"{name:20}" + "".join(f"{column:>28}" for column in columns))
os.unlink(path)
