"""Asks the training of two_hosts.sh for all sorts of things, and kills one of its remote ranks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ranks import Events, Job, until

REMOTE = 2  # ranks 2 and 3 are on the second host


class Launched(Job):
    """A training that somebody else has launched."""

    def __init__(self, folder):
        self.folder = folder


def remote_workers(host):
    """The processes of a network namespace that train."""
    pids = subprocess.run(["ip", "netns", "pids", host], capture_output=True, text=True, check=True).stdout.split()
    found = []
    for pid in pids:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        ranks = [one.partition(b"=")[2] for one in environment if one.startswith(b"RANK=")]
        if ranks:
            found.append((int(ranks[0]), int(pid)))
    return sorted(found)


def main():
    job = Launched(Path(sys.argv[1]))
    until(lambda: job.runs() and job.status().get("step", 0) >= 50, "fifty steps")
    print("ranks:", job.status()["ranks"])
    print(job.ask("set", "lr", "0.004"))
    begin = time.monotonic()
    paused = job.ask("pause")
    print(paused, f"{time.monotonic() - begin:.2f} s after the key")
    step = job.status()["step"]
    time.sleep(5)
    assert job.status()["step"] == step
    print(job.ask("resume"))
    until(lambda: job.status()["step"] > step + 50, "fifty steps more")
    answer, failed = job.ask("checkpoint")
    assert not failed
    state = job.checkpoint(answer.removeprefix("wrote "))
    print(answer, "with the random states of", len(state["random_state"]), "ranks")
    until(lambda: len(shared(job)) >= 3, "statistics of all ranks")
    print("batchnorm/outer/ranks_batch_mean:", shared(job)[-1][1].shape)
    assert shared(job)[-1][1].shape == (4, 6)
    tags = [tag for tag in Events(job.run).values if tag.startswith("throughput/rank.")]
    print(sorted(tags))
    rank, pid = remote_workers(sys.argv[2])[-1]
    print(f"kills rank {rank} (pid {pid}) with -9")
    os.kill(pid, signal.SIGKILL)


def shared(job):
    return Events(job.run).values.get("batchnorm/outer/ranks_batch_mean", [])


main()
