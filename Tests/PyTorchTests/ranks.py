"""Starting a training on two ranks with torchrun, asking it by its command file, and reading what it wrote."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2
from tensorboard.util import tensor_util

SOURCES = Path(__file__).resolve().parents[2] / "Sources" / "PyTorch"
SCRIPTS = Path(__file__).resolve().parent / "scripts"
DEADLINE = 120  # seconds for anything that has to happen

torch.set_num_threads(1)  # the ranks need the processors


def until(condition, what, deadline=DEADLINE, pause=0.02):
    """Waits for a condition and gives what it gave."""
    end = time.monotonic() + deadline
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {deadline} s for {what}"
        time.sleep(pause)
    return found


class Job:
    """A launch, in a folder of its own."""

    def __init__(self, folder, command, environment=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.output, self.errors = folder / "stdout", folder / "stderr"
        variables = {**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1", **(environment or {})}
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                command, cwd=folder, env=variables, stdout=output, stderr=errors, start_new_session=True
            )

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is not None:
            sys.stderr.write(f"{self.folder}:\n{self.errors.read_text()}\n{self.log() if self.runs() else ''}\n")
        self.kill()

    def kill(self):
        """Ends the launcher and its workers, which are sessions of their own, if they are still there."""
        workers = [status.get("pid") for run in self.runs() if (status := self.status(run))]
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                for pid in workers:
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()

    def wait(self, deadline=DEADLINE):
        """The exit status."""
        return self.process.wait(deadline)

    # The run directory

    def runs(self):
        return sorted(path for path in (self.folder / "runs").glob("*") if path.is_dir())

    @property
    def run(self):
        """The only run directory."""
        (found,) = until(self.runs, "a run directory")
        return found

    def status(self, run=None):
        try:
            return json.loads(((run or self.run) / "status.json").read_bytes())
        except FileNotFoundError:
            return {}

    def log(self):
        return "".join((run / "engine.log").read_text() for run in self.runs() if (run / "engine.log").exists())

    def steps(self, count):
        """Waits until so many steps are done, and fails if the launch has ended."""

        def reached():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.errors.read_text()}"
            return bool(self.runs()) and self.status().get("step", 0) >= count

        until(reached, f"step {count}")

    def send(self, word, key="", value=""):
        """Asks for something and gives the command's name."""
        identifier = uuid.uuid4().hex
        command = {"id": identifier, "command": word} | ({"key": key, "value": value} if key else {})
        with (self.run / "commands.jsonl").open("a") as file:
            file.write(json.dumps(command) + "\n")
        return identifier

    def ask(self, word, key="", value=""):
        """Asks for something; the answer, and whether it failed."""
        identifier = self.send(word, key, value)
        status = until(
            lambda: (found := self.status()).get("lastCommand") == identifier and found, f"an answer to {word}"
        )
        return status["lastAnswer"], status["lastCommandFailed"]

    def reports(self, size=2):
        """What each rank noted."""
        return [torch.load(self.folder / "report" / f"rank-{rank}.pt") for rank in range(size)]

    def checkpoint(self, name):
        return torch.load(self.run / "checkpoints" / name, weights_only=True)


def torchrun(folder, script, *arguments, options=(), environment=None):
    """Starts a script under us on two ranks of this machine."""
    return Job(folder, torchrun_command(script, *arguments, options=options), environment)


def torchrun_command(script, *arguments, options=(), watched=True):
    port = ["--master-port", str(free_port())] if not any("standalone" in str(one) for one in options) else []
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", *port, *map(str, options)),
        *(("-m", "normscope") if watched else ()),
        *map(str, (SCRIPTS / script, *arguments)),
    ]


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Events:
    """The values of a run by tag, and the texts and starts that are marked in it."""

    def __init__(self, run):
        self.values = {}
        self.starts = []
        for path in sorted(run.glob("events.out.tfevents.*")):
            for data in RawEventFileLoader(str(path)).Load():
                self._add(event_pb2.Event.FromString(data))

    def _add(self, event):
        if event.HasField("session_log"):
            self.starts.append(event.step)
        for value in event.summary.value:
            kind = value.WhichOneof("value")
            content = value.simple_value if kind == "simple_value" else None
            if kind == "tensor":
                content = tensor_util.make_ndarray(value.tensor)
            self.values.setdefault(value.tag, []).append((event.step, content))

    def __getitem__(self, tag):
        return self.values[tag]

    def texts(self, tag="control"):
        return [content.item().decode() for _, content in self.values.get(tag, [])]
