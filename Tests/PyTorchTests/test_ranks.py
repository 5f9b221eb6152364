"""Trainings on two ranks, under a real torchrun."""

import re

import pytest
import torch
from ranks import Events, torchrun


def steps_of(job, key):
    """Each rank's values of what it noted at its steps."""
    return [[step[key] for step in report["steps"]] for report in job.reports()]


def test_ddp_obeys_on_all_ranks_at_the_same_step(tmp_path):
    with torchrun(tmp_path, "ranks_train.py", "report", "--timeout", "5") as job:
        job.steps(30)
        assert job.ask("set", "lr", "*0.5") == ("learning rate 0.01 → 0.005 (no scheduler of torch's was found: it "
            "holds until the program sets another)", False)
        assert job.ask("stop")[1] is False
        assert job.wait() == 0
    rates = steps_of(job, "lr")
    assert rates[0] == rates[1]
