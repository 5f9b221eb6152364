"""How soon a training acts after a key: `python latency.py [COMMANDS]`.

A training of some 5 ms a step runs under ``python -m normscope``; commands are appended to its command file, one after
the other, and the time is taken until status.json carries the answer. Printed as a JSON object, in milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = """
import torch
from torch import nn
torch.set_num_threads(1)
model = nn.Sequential(nn.Conv2d(3, 24, 3), nn.BatchNorm2d(24), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 196, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
images, labels = torch.randn(32, 3, 16, 16), torch.randint(0, 10, (32,))
while True:
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
"""


def status(path: Path) -> dict[str, object]:
    """What status.json says now; nothing before it is there."""
    try:
        return json.loads(path.read_bytes())  # type: ignore[no-any-return]
    except (OSError, ValueError):
        return {}


def ask(run: Path, number: int) -> float:
    """Seconds from a command to its answer."""
    command = {"id": f"c{number}", "time": time.time(), "command": "set", "key": "lr", "value": "*1.001"}
    start = time.perf_counter()
    with open(run / "commands.jsonl", "a") as file:
        file.write(json.dumps(command) + "\n")
    while status(run / "status.json").get("lastCommand") != f"c{number}":
        if time.perf_counter() - start > 10:
            raise SystemExit("no answer within ten seconds")
        time.sleep(0.0005)
    return time.perf_counter() - start


def main() -> None:
    """Starts the training, asks, ends it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    generator = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program.py")
        program.write_text(PROGRAM)
        run = Path(folder, "runs", "program")
        training = subprocess.Popen([sys.executable, "-m", "normscope", "--runs", f"{folder}/runs", str(program)])
        try:
            while int(str(status(run / "status.json").get("step", 0))) < 100:
                time.sleep(0.05)
            seconds = []
            for number in range(count):
                time.sleep(generator.uniform(0.02, 0.06))
                seconds.append(ask(run, number))
        finally:
            training.kill()
            training.wait()
    milliseconds = sorted(1000 * one for one in seconds)
    figures = {
        "commands": count,
        "median": statistics.median(milliseconds),
        "of_a_hundred_the_99th": milliseconds[int(0.99 * (count - 1))],
        "longest": milliseconds[-1],
        "cpus": os.cpu_count(),
    }
    print(json.dumps(figures))


main()
