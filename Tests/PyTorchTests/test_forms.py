"""What is recorded of a training is what the training itself sees, in each form that a training may have."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence

import numpy
import pytest
import torch
from conftest import Outcome, RunDirectory

Watched = Callable[..., Outcome]
PRECISION = 1e-4


def finished(outcome: Outcome, name: str) -> RunDirectory:
    """The run of a program that ended well."""
    assert outcome.status == 0, outcome.errors
    run = outcome.run(name)
    assert run.status["state"] == "finished", run.log
    assert run.status["error"] is None
    assert "watching ended" not in run.log
    return run


def check_losses(run: RunDirectory, losses: Sequence[float], tag: str = "train/loss") -> None:
    """Every step has its loss, and no step another."""
    found = run.numbers()[tag]
    assert sorted(found) == list(range(1, len(losses) + 1))
    numpy.testing.assert_allclose([found[step] for step in sorted(found)], losses, rtol=1e-6)


def check_layers(
    run: RunDirectory, truths: list[dict], momentum: float | None = 0.1, *, several: int | None = 1
) -> None:
    """Running statistics and batch statistics of all layers, at the steps that were recorded."""
    found = run.tensors()
    assert run.layers() == sorted(truths[-1]["running"])
    for name in run.layers():
        assert_running(found, name, truths)
        measured = found[f"batchnorm/{name}/batch_mean"]
        assert len(measured) >= len(truths) // 3
        for step, mean in measured.items():
            passes = truths[step - 1]["passes"][name]
            assert several in (len(passes), None)
            expected = weighted(passes, momentum)
            numpy.testing.assert_allclose(mean, expected[0], rtol=PRECISION, err_msg=f"{name} at {step}")
            variance = found[f"batchnorm/{name}/batch_var"][step]
            corrected = found[f"batchnorm/{name}/batch_var_correction"][min(found[f"batchnorm/{name}/momentum"])]
            numpy.testing.assert_allclose(variance, expected[1 if corrected else 2], rtol=PRECISION)


def assert_running(found: dict, name: str, truths: list[dict]) -> None:
    for place, quantity in enumerate(("running_mean", "running_var")):
        running = found[f"batchnorm/{name}/{quantity}"]
        assert len(running) >= len(truths) // 3
        for step, values in running.items():
            numpy.testing.assert_allclose(values, truths[step - 1]["running"][name][place], rtol=1e-6)


def weighted(passes: list, momentum: float | None) -> numpy.ndarray:
    """The mean of the batches of a step, each with its weight in the running statistics."""
    weights = numpy.array([1.0] if len(passes) == 1 else [(1 - momentum) ** k for k in range(len(passes))][::-1])
    stacked = numpy.array(passes)
    return (weights[:, None, None] * stacked).sum(0) / weights.sum()


def check_norms(run: RunDirectory, norms: Sequence[float], tag: str = "train/grad_norm") -> None:
    found = run.numbers()[tag]
    assert len(found) >= len(norms) // 3
    for step, norm in found.items():
        assert norm == pytest.approx(norms[step - 1], rel=1e-5)


# A plain loop


@pytest.mark.runs("plain.py", "{momentum}")
@pytest.mark.parametrize("momentum", ["0.1", "0.01"])
def test_a_plain_loop_is_recorded_as_it_was(watched: Watched, momentum: str) -> None:
    outcome = watched("plain.py", momentum)
    run = finished(outcome, "plain")
    check_losses(run, [one["loss"] for one in outcome.truths])
    check_layers(run, outcome.truths, float(momentum))
    check_norms(run, [one["norm"] for one in outcome.truths])
    rates = run.numbers()["lr"]
    assert all(rate == pytest.approx(outcome.truths[step - 1]["lr"][0]) for step, rate in rates.items())
    assert len(set(rates.values())) == 4
    assert "trains Sequential" in run.log
    assert run.status["step"] == 20


@pytest.mark.runs("plain.py", "{momentum}")
@pytest.mark.parametrize("momentum", ["0", "none", "untracked"])
def test_batch_statistics_that_do_not_follow_from_running_ones_are_computed(watched: Watched, momentum: str) -> None:
    outcome = watched("plain.py", momentum)
    run = finished(outcome, "plain")
    found = run.tensors()
    assert run.layers() == ["1", "4"]
    for name in run.layers():
        measured = found[f"batchnorm/{name}/batch_mean"]
        assert len(measured) >= 5
        for step, mean in measured.items():
            expected = outcome.truths[step - 1]["passes"][name][0]
            numpy.testing.assert_allclose(mean, expected[0], rtol=PRECISION)
            numpy.testing.assert_allclose(found[f"batchnorm/{name}/batch_var"][step], expected[2], rtol=PRECISION)
        assert (f"batchnorm/{name}/running_mean" in found) == (momentum != "untracked")
        if momentum != "untracked":
            assert_running(found, name, outcome.truths)


def test_watching_changes_nothing_of_what_is_computed(watched: Watched) -> None:
    assert watched("plain.py", "0.1").truths == watched("plain.py", "0.1", plain=True).truths


# Other loops


@pytest.mark.runs("{script}.py")
@pytest.mark.parametrize("script", ["lbfgs", "accumulation", "amp", "parallel", "average", "checkpointing"])
def test_a_loop_of_another_form_is_recorded_as_it_was(watched: Watched, script: str) -> None:
    outcome = watched(f"{script}.py")
    run = finished(outcome, script)
    truths = outcome.truths
    assert len(truths) >= 8
    if script == "lbfgs":  # how often the closure runs differs from step to step
        check_losses(run, [one["loss"] for one in truths])
        assert_running(run.tensors(), "1", truths)
        return
    check_losses(run, [one["loss"] for one in outcome.truths])
    passes = {"accumulation": 3, "checkpointing": 2, "average": 2, "amp": None}.get(script, 1)
    check_layers(run, outcome.truths, 0.2 if script == "average" else 0.1, several=passes)
    if "norm" in truths[0]:
        check_norms(run, [one["norm"] for one in outcome.truths])


def test_a_closure_that_runs_several_times_moves_statistics_with_each(watched: Watched) -> None:
    outcome = watched("lbfgs.py")
    found = finished(outcome, "lbfgs").tensors()
    for step, mean in found["batchnorm/1/batch_mean"].items():
        passes = outcome.truths[step - 1]["passes"]["1"]
        assert len(passes) > 1
        numpy.testing.assert_allclose(mean, weighted(passes, 0.1)[0], rtol=PRECISION)


@pytest.mark.runs("frozen.py", "{kind}")
@pytest.mark.parametrize("kind", ["head", "first", "all"])
def test_frozen_layers_have_running_but_no_batch_statistics(watched: Watched, kind: str) -> None:
    outcome = watched("frozen.py", kind)
    run = finished(outcome, "frozen")
    check_losses(run, [one["loss"] for one in outcome.truths])
    found = run.tensors()
    assert run.layers() == ["1", "4"]
    for name in ("1", "4"):
        assert_running(found, name, outcome.truths)
        runs = kind == "head" or (kind == "first" and name == "4")
        assert (f"batchnorm/{name}/batch_mean" in found) == runs


@pytest.mark.runs("vector.py")
def test_a_loss_that_is_no_scalar_is_named_once_and_the_rest_is_recorded(watched: Watched) -> None:
    outcome = watched("vector.py")
    run = finished(outcome, "vector")
    assert "train/loss" not in run.numbers()
    assert run.log.count("not a scalar") == 1
    check_layers(run, outcome.truths)


# Several models and optimizers


@pytest.mark.runs("gan.py")
def test_two_networks_have_their_own_losses_and_layers_and_one_checkpoint(watched: Watched) -> None:
    outcome = watched("gan.py")
    run = finished(outcome, "gan")
    numbers = run.numbers()
    check_losses(run, [one["loss"] for one in outcome.truths], "train/loss/netD")
    check_losses(run, [one["generator"] for one in outcome.truths], "train/loss/netG")
    assert "train/loss" not in numbers
    check_norms(run, [one["norms"][0] for one in outcome.truths], "train/grad_norm/netD")
    check_norms(run, [one["norms"][1] for one in outcome.truths], "train/grad_norm/netG")
    assert list(numbers["lr/netD"].values()) == pytest.approx([2e-3] * 6)
    assert list(numbers["lr/netG"].values()) == pytest.approx([1e-3] * 6)
    assert run.layers() == ["netD.main.1", "netG.main.1"]
    found = run.tensors()
    for name, passes in (("netD.main.1", 3), ("netG.main.1", 1)):
        assert_running(found, name, outcome.truths)
        for step, mean in found[f"batchnorm/{name}/batch_mean"].items():
            seen = outcome.truths[step - 1]["passes"][name]
            assert len(seen) == passes
            numpy.testing.assert_allclose(mean, weighted(seen, 0.1)[0], rtol=PRECISION, atol=1e-6)
    assert run.status["step"] == 14


@pytest.mark.runs("shared.py", "split")
def test_two_optimizers_of_one_model_are_one_training(watched: Watched) -> None:
    outcome = watched("shared.py", "split")
    run = finished(outcome, "shared")
    check_losses(run, [one["loss"] for one in outcome.truths])
    check_layers(run, outcome.truths)
    assert {"lr", "lr-2"} <= set(run.numbers())


@pytest.mark.runs("shared.py", "pair")
def test_two_models_of_one_optimizer_are_one_training(watched: Watched) -> None:
    outcome = watched("shared.py", "pair")
    run = finished(outcome, "shared")
    check_losses(run, [one["loss"] for one in outcome.truths])
    check_layers(run, outcome.truths)
    assert run.layers() == ["encoder.1", "encoder.4", "head.0"]
    assert list(run.numbers()["lr/1"].values()) == pytest.approx([0.02] * 5)


@pytest.mark.runs("folds.py", "{kind}")
@pytest.mark.parametrize("kind", ["drop", "keep", "inline"])
def test_trainings_after_each_other_are_runs_of_their_own(watched: Watched, kind: str) -> None:
    outcome = watched("folds.py", kind)
    assert outcome.runs == ["folds", "folds-2", "folds-3"]
    for fold, name in enumerate(outcome.runs):
        truths = [one for one in outcome.truths if one["fold"] == fold]
        run = finished(outcome, name)
        assert run.status["step"] == 6
        check_losses(run, [one["loss"] for one in truths])
        check_layers(run, truths)


# torch.compile


@pytest.mark.runs("compiled.py", "{kind}")
@pytest.mark.parametrize("kind", ["model", "module", "step", "optimizer"])
def test_compilation_sees_nothing_of_us(watched: Watched, kind: str) -> None:
    without, with_us = (watched("compiled.py", kind, plain=plain) for plain in (True, False))
    assert with_us.status == without.status == 0, with_us.errors
    seen, expected = json.loads(with_us.output), json.loads(without.output)
    ours, theirs = seen.pop("counters"), expected.pop("counters")
    assert seen == expected
    assert ours["stats"] == theirs["stats"]
    assert ours["recompiles"] == theirs["recompiles"]
    if kind in ("model", "module"):
        assert ours == theirs
    else:  # the graph breaks where the step begins instead of within it
        assert sum(ours["graph_break"].values()) <= sum(theirs["graph_break"].values())
    run = finished(with_us, "compiled")
    check_losses(run, json.loads(without.output)["losses"])
    assert run.layers() == ["1", "4"]
    assert len(run.tensors()["batchnorm/1/batch_mean"]) >= 4


# Frameworks


@pytest.mark.runs("lightning_fit.py", "{batches}")
@pytest.mark.parametrize("batches", [1, 2])
def test_lightning_s_trainer_is_recorded_as_it_was(watched: Watched, batches: int) -> None:
    outcome = watched("lightning_fit.py", str(batches))
    run = finished(outcome, "lightning_fit")
    truths = outcome.truths
    assert len(truths) == 20 // batches
    check_losses(run, [one["loss"] for one in truths])
    check_layers(run, truths, several=batches)
    assert run.layers() == ["net.1", "net.4"]
    assert "trains Classifier" in run.log
    assert run.status["epoch"] == 2


@pytest.mark.runs("huggingface.py")
def test_transformers_trainer_is_recorded_as_it_was(watched: Watched) -> None:
    outcome = watched("huggingface.py")
    run = finished(outcome, "huggingface")
    check_losses(run, [one["loss"] for one in outcome.truths])
    check_layers(run, outcome.truths, several=2)
    assert run.layers() == ["net.1", "net.4"]
    assert len(outcome.truths) == 12
    assert math.isfinite(run.numbers()["lr"][12])
    assert torch.tensor(run.status["epoch"]) == 2
