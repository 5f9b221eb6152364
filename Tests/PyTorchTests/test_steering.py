"""Commands through commands.jsonl reach an unchanged script, are obeyed between two steps, and are answered."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from conftest import SCRIPTS, Launcher, Program, RunDirectory, wait_for

sys.path.insert(0, str(SCRIPTS))


ASKING = """
from normscope import _run

stepped = _run.Run.stepped

def asked(run, optimizer):
    if run.global_step == 10 and run._recorder is not None:
        run._recorder.commands.put(_run.Command("c", "{word}", "{key}", "{value}"))
        run._recorder.has_commands = True
    stepped(run, optimizer)

_run.Run.stepped = asked
"""


@pytest.fixture(scope="module")
def steered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A training without end that the tests of this module share."""
    launcher = Launcher(lambda: tmp_path_factory.mktemp("steered"))
    yield launcher.start("steered.py", "none")
    launcher.end_all()


@pytest.fixture
def run(steered: Program) -> RunDirectory:
    return steered.run("steered")


def asking(launch: Launcher, word: str, key: str = "", value: str = "") -> dict[str, str]:
    """An environment in which a run finds a command at its eleventh step, whatever the clock says."""
    place = launch.folder()
    (place / "sitecustomize.py").write_text(ASKING.format(word=word, key=key, value=value))
    return {"PYTHONPATH": str(place)}


SCHEDULES = ("step", "cosine", "onecycle", "lambda", "plateau", "sequential")


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[float]]]:
    """The learning rates of each schedule, as it is and with the rate halved at the eleventh step."""
    launcher = Launcher(lambda: tmp_path_factory.mktemp("rates"))
    programs = [
        launcher.start("steered.py", ",".join(SCHEDULES), "50", environment=asking(launcher, "set", "lr", factor))
        for factor in ("*1", "*0.5")
    ]
    found = []
    for program in programs:
        outcome = program.outcome()
        assert outcome.status == 0, outcome.errors
        assert len(outcome.runs) == len(SCHEDULES)
        assert not any(outcome.run(name).status["lastCommandFailed"] for name in outcome.runs)
        found.append({kind: [one["lr"][0] for one in outcome.truths if one["kind"] == kind] for kind in SCHEDULES})
    return found


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_schedule_goes_on_in_proportion_to_the_rate_that_was_set(
    rates: list[dict[str, list[float]]], kind: str
) -> None:
    usual, halved = (one[kind] for one in rates)
    assert len(usual) == 50
    assert len(set(usual)) > 4
    assert halved[:10] == usual[:10]
    assert halved[10:] == pytest.approx([rate / 2 for rate in usual[10:]], rel=1e-9)


def test_a_run_pauses_obeys_and_goes_on(run: RunDirectory) -> None:
    run.command("p1", "pause")
    paused = run.answer("p1")
    assert paused["state"] == "paused"
    assert not paused["lastCommandFailed"]
    run.command("p2", "checkpoint")
    step = run.answer("p2")["step"]
    assert step == paused["step"]  # nothing was trained in between
    run.command("p3", "resume")
    assert run.answer("p3")["state"] == "running"
    wait_for(lambda: run.status["step"] > step, "a step after the pause")
    assert (run.path / "checkpoints" / f"step-{step:08d}.pth").exists()


def test_settings_are_answered_and_take_effect(run: RunDirectory) -> None:
    answers = {
        ("lr", "0.01"): "0.01",
        ("lr", "*2"): "0.02",
        ("momentum", "0.3"): "2 layers 0.1 → 0.3",
        ("momentum.4", "None"): "of 4 0.3 → None",
        ("momentum", "0.1"): "several values → 0.1",
        ("pace", "500"): "pace 500",
        ("pace", "full"): "pace full",
    }
    for place, ((key, value), words) in enumerate(answers.items()):
        run.command(f"s{place}", "set", key=key, value=value)
        status = run.answer(f"s{place}")
        assert not status["lastCommandFailed"], status["lastAnswer"]
        assert words in status["lastAnswer"]
    assert any("momentum.4" in mark for mark in run.marks())


@pytest.mark.parametrize(
    ("command", "fields", "words"),
    [
        ("set", {"key": "momentum", "value": "1.5"}, "from 0 to 1"),
        ("set", {"key": "momentum", "value": "nan"}, "from 0 to 1"),
        ("set", {"key": "momentum.9", "value": "0.1"}, "there are: 1, 4"),
        ("set", {"key": "lr", "value": "-1"}, "learning rate"),
        ("set", {"key": "lr", "value": "inf"}, "learning rate"),
        ("set", {"key": "colour", "value": "1"}, "unknown setting"),
        ("evaluate", {}, "evaluate="),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(
    run: RunDirectory, command: str, fields: dict, words: str
) -> None:
    identifier = f"bad-{abs(hash((command, str(fields)))) % 10**9}"
    run.command(identifier, command, **fields)
    status = run.answer(identifier)
    assert status["lastCommandFailed"]
    assert words in status["lastAnswer"]
    assert status["state"] == "running"


def test_lines_that_are_no_commands_are_named_in_the_log(run: RunDirectory) -> None:
    run.append('{"id": "u1", "command": "dance"}\nnot json\n{"command": "pause"}\n\n')
    run.command("after", "set", key="pace", value="full")
    assert not run.answer("after")["lastCommandFailed"]
    assert "'dance'" in run.log
    assert run.log.count("not a JSON object") >= 1


def test_a_command_file_that_was_replaced_is_read_from_its_end(run: RunDirectory) -> None:
    run.command("old", "set", key="pace", value="full")
    run.answer("old")
    new = run.path / "new.jsonl"
    new.write_text((run.path / "commands.jsonl").read_text())
    os.replace(new, run.path / "commands.jsonl")
    obeyed = run.log.count("\n")
    identifiers = (f"fresh-{number}" for number in itertools.count())

    def is_obeyed() -> bool:
        run.command(next(identifiers), "set", key="pace", value="300")
        return run.status["lastCommand"].startswith("fresh-")

    wait_for(is_obeyed, "answer to a command in the new file")
    new_lines = run.log.splitlines()[obeyed:]
    assert "was replaced" in new_lines[0]
    assert all("set pace=300" in line for line in new_lines[1:])  # those before were not obeyed anew


def test_stop_writes_a_checkpoint_that_opens_anywhere_and_ends_with_status_0(launch: Launcher) -> None:
    from witness import network

    program = launch.start("steered.py", "step")
    run = program.run("steered")
    run.command("s", "stop")
    outcome = program.outcome()
    assert outcome.status == 0
    assert outcome.other_errors == ""
    assert run.status["state"] == "stopped"
    assert run.status["lastCommand"] == "s"
    assert run.status["can"] == []
    state = torch.load(run.checkpoints[-1], weights_only=True)
    model = network()
    model.load_state_dict(state["model_state_dict"])
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    optimizer.load_state_dict(state["optimizer_state_dict"])
    assert optimizer.param_groups[0]["lr"] < 0.1
    assert state["global_step"] == run.status["step"] == int(model[1].num_batches_tracked)
    assert run.checkpoints[-1].name == f"step-{state['global_step']:08d}.pth"
    assert {"scheduler_state_dict", "random_state", "epoch"} <= set(state)


def test_kill_ends_at_once_without_a_checkpoint(launch: Launcher) -> None:
    program = launch.start("steered.py", "none")
    run = program.run("steered")
    run.command("k", "kill")
    outcome = program.outcome()
    assert outcome.status == 0
    assert run.checkpoints == []
    assert run.status["state"] == "stopped"
    assert "done" not in outcome.output


def test_a_signal_writes_a_checkpoint_and_ends_with_status_0(launch: Launcher) -> None:
    program = launch.start("steered.py", "none", options=("--every", "0", "--checkpoint-on", "usr1"))
    run = program.run("steered")
    program.process.send_signal(signal.SIGUSR1)
    assert program.outcome().status == 0
    assert len(run.checkpoints) == 1
    assert "SIGUSR1" in run.log
    assert run.status["state"] == "stopped"


def test_stop_ends_lightning_s_trainer_with_status_0(launch: Launcher) -> None:
    program = launch.start("lightning_fit.py", "1", "100000")
    run = program.run("lightning_fit")
    run.command("s", "stop")
    outcome = program.outcome()
    assert outcome.status == 0, outcome.errors
    assert run.status["state"] == "stopped"
    assert len(run.checkpoints) == 1
    assert "fitted" not in outcome.output


def losses_of(folder: Path) -> list[list]:
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


def test_a_run_that_is_resumed_goes_on_bit_for_bit(launch: Launcher) -> None:
    uninterrupted = launch.start("attached.py", "30", "whole", plain=True)
    folder = launch.folder()
    first = launch("attached.py", "30", "first", plain=True, folder=folder, environment=asking(launch, "stop"))
    assert first.status == 0, first.errors
    assert first.run("attached").status["state"] == "stopped"
    second = launch("attached.py", "30", "second", plain=True, folder=folder)
    whole = uninterrupted.outcome()
    assert whole.status == 0, whole.errors
    assert second.status == 0, second.errors
    assert first.runs == ["attached"]
    assert [one[0] for one in losses_of(folder)] == list(range(1, 31))
    assert losses_of(folder) == losses_of(whole.folder)
    run = second.run("attached")
    assert sorted(run.numbers()["train/loss"]) == list(range(1, 31))
    assert "goes on in this directory from step 11" in run.log


@pytest.mark.parametrize(("kind", "words"), [("whole", "val/accuracy 0.5"), ("broken", "no such data")])
def test_evaluation_by_command_changes_nothing_of_the_training(launch: Launcher, kind: str, words: str) -> None:
    other = launch.start("attached.py", "20", "whole", plain=True)
    outcome = launch("attached.py", "20", kind, plain=True, environment=asking(launch, "evaluate"))
    assert outcome.status == 0, outcome.errors
    run = outcome.run("attached")
    assert words in run.status["lastAnswer"]
    assert run.status["lastCommandFailed"] == (kind == "broken")
    assert run.status["state"] == "finished"
    assert all(one[3] for one in losses_of(outcome.folder))  # in training mode throughout
    assert run.numbers().get("val/accuracy", {}) == ({11: 0.5} if kind == "whole" else {})
    assert losses_of(outcome.folder) == losses_of(other.outcome().folder)
