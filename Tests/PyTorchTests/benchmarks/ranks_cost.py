"""What acting together costs two ranks, and how long it takes from a key to the act.

    python Tests/PyTorchTests/benchmarks/ranks_cost.py [BLOCKS]

Two ranks under torchrun take steps of 5 ms under DDP, in blocks of 200 that are watched and not watched in turn.
Printed are, on rank 0: the time of a step with and without (medians of the blocks' means), the time in Turns.take and
Turns.give and in all of ours as a share of the time, and the time from a line in commands.jsonl to the step at which
the learning rate is another one.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

SOURCES = Path(__file__).resolve().parents[3] / "Sources" / "PyTorch"
STEP, BLOCK = 0.005, 200


class Clock:
    """Adds up the time in a function."""

    def __init__(self, owner, name):
        self.clear()
        original = getattr(owner, name)

        def timed(*arguments):
            begin, busy = time.perf_counter(), time.thread_time()
            try:
                return original(*arguments)
            finally:
                self.seconds += time.perf_counter() - begin
                self.busy += time.thread_time() - busy
                self.calls += 1

        setattr(owner, name, timed)

    def clear(self):
        self.seconds = self.busy = 0.0
        self.calls = 0


def train(blocks):
    import torch
    import torch.distributed as dist
    from torch import nn
    from torch.nn.parallel import DistributedDataParallel

    import normscope
    from normscope._ranks import _turns
    from normscope._run import Run
    from normscope._training import _watch

    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    layers = [nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16)]
    model = DistributedDataParallel(nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * 16, 4)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    turns = [Clock(_turns.Turns, "take"), Clock(_turns.Turns, "give")]
    ours = Clock(Run, "stepped")
    run = normscope.attach(model, optimizer, name="cost")
    images, labels = torch.randn(8, 3, 8, 8), torch.zeros(8, dtype=torch.int64)

    def step():
        begin = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        while time.perf_counter() - begin < STEP:
            pass
        optimizer.step()

    for _ in range(1500):  # until the period has grown
        step()
    for clock in (*turns, ours):
        clock.clear()
    durations = {True: [], False: []}
    watched = 0.0
    for block in range(blocks):
        is_watched = block % 2 == 0
        _watch.observe(run if is_watched else None)
        begin = time.perf_counter()
        for _ in range(BLOCK):
            step()
        durations[is_watched].append((time.perf_counter() - begin) / BLOCK)
        watched += time.perf_counter() - begin if is_watched else 0
    shares = [sum(clock.seconds for clock in turns), ours.seconds, sum(clock.busy for clock in turns), ours.busy]
    calls, sums = ours.calls, turns[1].calls
    _watch.observe(run)
    latencies = keys(run, optimizer, step)
    if dist.get_rank() == 0:
        with_us, without = (statistics.median(durations[key]) for key in (True, False))
        print(f"a step without us {without * 1e3:.3f} ms, with us {with_us * 1e3:.3f} ms ({blocks // 2} blocks each)")
        print(f"in take and give: {shares[0] / calls * 1e6:.2f} us a step, {shares[0] / watched:.4%} of the time")
        print(f"in all of ours:   {shares[1] / calls * 1e6:.2f} us a step, {shares[1] / watched:.4%} of the time")
        print(f"of that computing: {shares[2] / calls * 1e6:.2f} us a step in take and give, ", end="")
        print(f"{shares[2] / watched:.4%}; {shares[3] / calls * 1e6:.2f} us in all of ours, {shares[3] / watched:.4%}")
        print(f"steps between two sums: {calls / sums:.1f}; processes that wanted to run: {os.getloadavg()[0]:.1f}")
        words = ", ".join(f"{one * 1e3:.0f}" for one in sorted(latencies))
        print(f"from key to act: median {statistics.median(latencies) * 1e3:.0f} ms of {words} ms")
    run.close()
    dist.destroy_process_group()


def keys(run, optimizer, step):
    """Asks for other rates, at moments that fall anywhere between two sums."""
    asked, latencies = {}, []
    rates = [round(0.001 * place, 4) for place in range(11, 31)]

    def ask():
        for place, rate in enumerate(rates):
            time.sleep(0.7 + 0.037 * place % 0.3)
            line = json.dumps({"id": uuid.uuid4().hex, "command": "set", "key": "lr", "value": str(rate)})
            asked[rate] = time.perf_counter()
            with (run.directory / "commands.jsonl").open("a") as file:
                file.write(line + "\n")

    thread = threading.Thread(target=ask, daemon=True)
    if os.environ["RANK"] == "0":
        thread.start()
    known = round(optimizer.param_groups[0]["lr"], 4)
    while known != rates[-1]:
        step()
        current = round(optimizer.param_groups[0]["lr"], 4)
        if current != known:
            known = current
            latencies.append(time.perf_counter() - asked.get(current, 0))
    return latencies


def main():
    blocks = sys.argv[1] if len(sys.argv) > 1 else "40"
    if "RANK" in os.environ:
        train(int(blocks))
        return
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        environment = {**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1"}
        subprocess.run([*command, __file__, blocks], cwd=folder, env=environment, check=True)


main()
