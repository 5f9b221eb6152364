"""Kills trainings with -9 at random moments, and looks at what they leave.

    python Tests/PyTorchTests/torture.py [SECONDS [SEED]]

A training alone, or one of two ranks, of which one or both are killed. Afterwards every checkpoint must load, the event
log must be readable whole by TensorBoard's reader (but for a torn last record), status.json must make sense, and a rank
that was left over must come to its end by itself and, if it is rank 0, have told which rank is gone. Every fourth time
another training follows in the same folder. Processes are forked from one that has imported torch already.
"""

import json
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Sources" / "PyTorch"))

import torch  # noqa: E402
import torch.distributed  # noqa: E402
import torch.nn.parallel  # noqa: E402
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader  # noqa: E402
from tensorboard.compat.proto import event_pb2  # noqa: E402

from normscope._launching import _launch  # noqa: E402

SCRIPT = HERE / "scripts" / "torture_train.py"
_LEFT_OVER = 60  # seconds in which a rank that lost another has to end


class Counts(dict):
    def add(self, key, number=1):
        self[key] = self.get(key, 0) + number


def start(folder, variables):
    """Forks a process that runs the script under us."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.update(variables)
        errors = os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(errors, 2)
        os.dup2(errors, 1)
        sys.argv = ["normscope", str(SCRIPT)]
        _launch.main([str(SCRIPT)])
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def end_of(pid, seconds):
    """Waits for a process; None if it is still there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(0.01)
    return None


def wait_for_a_new_run(folder, known):
    deadline = time.monotonic() + 30
    while set(folder.glob("runs/*/status.json")) <= known and time.monotonic() < deadline:
        time.sleep(0.002)


def import_ahead():
    """What the first step of a training imports."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    parameter.grad = torch.ones(1)
    torch.optim.Adam([parameter]).step()


def attempt(folder, generator, counts, size):
    """One training and its violent end."""
    known = set(folder.glob("runs/*/status.json"))
    port = generator.randrange(20000, 60000)
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(size)}
    pids = [start(folder, {**shared, "RANK": str(rank)} if size > 1 else {}) for rank in range(size)]
    if generator.random() < 0.85:
        wait_for_a_new_run(folder, known)
        time.sleep(generator.uniform(0.0, 1.5))
    else:
        time.sleep(generator.uniform(0.0, 1.0))
    targets = generator.choice([[0]] if size == 1 else [[0], [1], [1], [0, 1]])
    for rank in targets:
        os.kill(pids[rank], signal.SIGKILL)
        counts.add(f"killed: {'one process' if size == 1 else f'rank {rank}'}")
    for rank, pid in enumerate(pids):
        status = end_of(pid, 5 if rank in targets else _LEFT_OVER)
        if status is None:
            counts.add("FAULT: a rank that was left over did not end")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return targets, pids


def look(folder, counts, targets, pids):
    """Looks at everything that is there."""
    runs = sorted(folder.glob("runs/*"), key=lambda run: run.stat().st_ctime)
    for run in runs:
        counts.add("run directories")
        for path in run.glob("checkpoints/*.pth"):
            state = torch.load(path, weights_only=True)
            assert path.name == f"step-{state['global_step']:08d}.pth"
            counts.add("checkpoints loaded")
        counts.add("unfinished checkpoints, hidden", len(list(run.glob("checkpoints/.*"))))
        for path in run.glob("events.out.tfevents.*"):
            look_at_events(path, counts)
        if (run / "status.json").exists():
            status = json.loads((run / "status.json").read_bytes())
            counts.add("statuses parsed")
            if run == runs[-1] and status["pid"] in pids and targets == [1] and status["step"]:
                look_at_word(run, status, counts)
    errors = folder / "stderr"
    if errors.exists() and "normscope: watching ended" in errors.read_text():
        counts.add("FAULT: watching ended")
    if errors.exists() and "frame #" in errors.read_text():
        counts.add("pages of PyTorch's on standard error: rank 0, and the store with it, died in the middle of a word")


def look_at_word(run, status, counts):
    words = status["error"] or ""
    is_told = "rank 1 (pid" in words and "rank 1 (pid" in (run / "engine.log").read_text()
    if not is_told and "the connection to another rank is lost" in words and status["step"] <= 1:
        counts.add("deaths of rank 1 while the ranks met, told as a lost connection")
        return
    counts.add("deaths of rank 1 told by rank 0" if is_told else f"FAULT: not told ({status['state']}, {words!r})")


def look_at_events(path, counts):
    """Our own count of whole records must be that of TensorBoard's reader."""
    data, offset, whole = path.read_bytes(), 0, 0
    while offset + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, offset)
        if offset + 16 + length > len(data):
            break
        offset += 16 + length
        whole += 1
    read = 0
    for record in RawEventFileLoader(str(path)).Load():
        event_pb2.Event.FromString(record)
        read += 1
    assert read == whole, f"{path}: {read} records of {whole}"
    counts.add("event files read")
    counts.add("events read", read)
    counts.add("torn last records", int(offset < len(data)))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    generator, counts = random.Random(seed), Counts()
    torch.set_num_threads(1)
    import_ahead()
    end = time.monotonic() + seconds
    root = Path(tempfile.mkdtemp(prefix="normscope-torture-"))
    number = 0
    while time.monotonic() < end:
        number += 1
        folder = root / str(number)
        folder.mkdir()
        size = generator.choice([1, 2, 2])
        for _ in range(2 if generator.random() < 0.25 else 1):
            targets, pids = attempt(folder, generator, counts, size)
            counts.add(f"trainings of {size} process{'es' if size > 1 else ''}")
        try:
            look(folder, counts, targets, pids)
        except Exception as error:
            counts.add(f"FAULT: {type(error).__name__}: {error}")
        if not any(key.startswith("FAULT") for key in counts):
            shutil.rmtree(folder)
    print(f"{seconds:.0f} s, seed {seed}:")
    for key, count in sorted(counts.items()):
        print(f"  {key}: {count}")
    faults = [key for key in counts if key.startswith("FAULT")]
    print(f"what is left: {root}" if faults else "no fault")
    raise SystemExit(bool(faults))


main()
