"""Trainings in children, several at once, next to faults of ours, and where nothing can be written."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from conftest import Launcher, Outcome


@pytest.mark.parametrize("kind", ["torch spawn", "spawn", "fork", "forkserver", "os fork"])
def test_a_child_that_trains_is_watched(launch: Launcher, kind: str) -> None:
    outcome = launch("children.py", kind)
    assert outcome.status == 0, outcome.errors
    assert outcome.runs == ["children"]
    run = outcome.run("children")
    assert run.status["state"] == "finished", run.log
    assert run.status["step"] == 6
    assert sorted(run.numbers()["train/loss"]) == list(range(1, 7))
    assert run.layers() == ["1", "4"]
    assert not any("nothing was trained" in line for line in outcome.own_lines)
    assert outcome.output == "the child ended with 0\n"


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_a_training_with_workers_counts_its_epochs_and_images(launch: Launcher, context: str) -> None:
    outcome = launch("workers.py", context)
    assert outcome.status == 0, outcome.errors
    assert outcome.runs == ["workers"]
    run = outcome.run("workers")
    assert run.status["epoch"] == run.status["epochs"] == 2
    assert run.status["step"] == 8
    assert run.status["stepsPerEpoch"] == 4
    assert "throughput/images_per_second" in run.numbers()
    assert outcome.output == "pool [0, 1, 4]\n"
    assert len(outcome.own_lines) == 1


def test_two_programs_of_one_name_have_runs_of_their_own(launch: Launcher) -> None:
    folder = launch.folder()
    programs = [launch.start("brief.py", folder=folder) for _ in range(2)]
    outcomes = [program.outcome() for program in programs]
    assert [outcome.status for outcome in outcomes] == [0, 0]
    assert outcomes[0].runs == ["brief", "brief-2"]
    for name in outcomes[0].runs:
        assert len(outcomes[0].run(name).numbers()["train/loss"]) == 5


def unwatched(outcome: Outcome, words: str) -> None:
    """Asserts that a training went through, and that one line says why it was not watched."""
    assert outcome.status == 0, outcome.errors
    assert outcome.output == "trained 5 steps\n"
    assert len(outcome.own_lines) == 1, outcome.errors
    assert words in outcome.own_lines[0]
    assert "Traceback" not in outcome.errors


def test_a_folder_that_can_not_be_written_costs_one_line(launch: Launcher) -> None:
    folder = launch.folder()
    (folder / "runs").write_text("in the way")
    unwatched(launch("brief.py", folder=folder), "can't be written")


FAULTS = {
    "finding what trains": ("_training._training", "Training.__init__"),
    "a loss": ("_run", "Run.backward"),
    "zeroing": ("_run", "Run.zeroed"),
    "a step": ("_run", "Run.stepped"),
    "a record": ("_training._training", "Training.record"),
    "installing": ("_training._watch", "install"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_never_ends_the_training(launch: Launcher, tmp_path: Path, fault: str) -> None:
    module, name = FAULTS[fault]
    (tmp_path / "sitecustomize.py").write_text(
        f"""
import normscope.{module} as module

def failing(*arguments, **keywords):
    raise RuntimeError("injected")

module.{name} = failing
"""
    )
    outcome = launch("brief.py", environment={"PYTHONPATH": str(tmp_path)})
    begun = [line for line in outcome.own_lines if "this training writes" in line]
    outcome.errors = "".join(line for line in outcome.errors.splitlines(keepends=True) if line.strip() not in begun)
    unwatched(outcome, "injected")
    if begun:
        run = outcome.run("brief")
        assert run.status["state"] == "failed"
        assert "injected" in run.status["error"]
        assert run.log.count("RuntimeError: injected") >= 1


@pytest.mark.parametrize("kind", ["backward", "loader"])
def test_an_error_within_torch_shows_no_frame_of_ours(launch: Launcher, kind: str) -> None:
    without, with_us = launch.both("failing.py", kind)
    assert with_us.status == without.status != 0
    assert with_us.output == without.output
    assert with_us.other_errors == without.errors
    run = with_us.run("failing")
    assert run.status["state"] == "failed"
    assert "Error" in run.status["error"]


def test_an_interrupted_training_was_stopped(launch: Launcher) -> None:
    outcome = launch("failing.py", "interrupt")
    assert outcome.status == -signal.SIGINT
    assert outcome.run("failing").status["state"] == "stopped"
    assert outcome.run("failing").status["error"] is None


def test_what_a_script_sets_before_it_imports_torch_counts(launch: Launcher) -> None:
    without, with_us = launch.both("surroundings.py")
    assert with_us.output == without.output == "1 True\n"


def test_a_script_that_leaves_hard_ends_as_it_says(launch: Launcher) -> None:
    outcome = launch("failing.py", "hard")
    assert outcome.status == 9
    assert outcome.output == ""
    assert outcome.run("failing").status["state"] in ("starting", "running")  # nobody could say that it ended
