"""Trainings on two ranks, under a real torchrun and by real commands."""

import os
import re
import signal
import sys
import time

import pytest
import torch
from ranks import SCRIPTS, Events, Job, torchrun, until

sys.path.insert(0, str(SCRIPTS))
from ranks_train import Net, batch

LAYERS = ("outer", "inner.1")
PAUSE = 8  # seconds; more than the program's own group waits for a rank


def steps_of(job, key):
    """Each rank's values of what it noted at its steps."""
    return [[step[key] for step in report["steps"]] for report in job.reports()]


def changes(values):
    """The steps at which a value was another one than before."""
    return [place + 1 for place in range(1, len(values)) if values[place] != values[place - 1]]


def number_in(answer):
    return int(re.search(r"(?:step |step-)(\d+)", answer)[1])


def assert_quiet(job):
    """We say one line, rank 1 none, and nobody else anything."""
    lines = job.errors.read_text().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("normscope: this training writes ")


def assert_ends_alike(job):
    """Both ranks ended after the same step, with the same rates and momenta at each."""
    first, second = job.reports()
    assert first["done"] + 1 == second["done"] + 1 == len(first["steps"]) == len(second["steps"])
    for key in ("lr", "momentum"):
        of_ranks = steps_of(job, key)
        assert of_ranks[0] == of_ranks[1]


def reference(rates, momenta, *, steps, kept=()):
    """The same training in one process: gradients are the means of both ranks', running statistics rank 0's.

    Gives the model and the optimizer, and the model's states at the steps ``kept``.
    """
    torch.manual_seed(7)
    models = [Net(), Net()]
    tensors = [list(model.state_dict().values()) for model in models]
    optimizer = torch.optim.SGD(models[0].parameters(), lr=0.01, momentum=0.9)
    states = {}
    for step in range(1, steps + 1):
        optimizer.param_groups[0]["lr"] = rates[step - 1]
        for one, other in zip(*tensors, strict=True):
            other.copy_(one)
        for rank, model in enumerate(models):
            model.zero_grad()
            model.outer.momentum = model.inner[1].momentum = momenta[step - 1]
            images, labels = batch(step, 0, rank)
            torch.nn.functional.cross_entropy(model(images), labels).backward()
        for one, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
            one.grad = (one.grad + other.grad) / 2
        optimizer.step()
        if step in kept:
            states[step] = {name: value.clone() for name, value in models[0].state_dict().items()}
    return models[0], optimizer, states


def assert_close(found, wanted, **tolerance):
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, **tolerance, msg=lambda words, name=name: f"{name}: {words}")


def check_ranks_statistics(job, layers=LAYERS, *, at_least=2):
    """Rows of running and batch statistics are those that each rank's own hooks saw."""
    events, reports = Events(job.run), job.reports()
    for place, layer in enumerate(layers):
        for quantity, is_batch, column in (
            ("running_mean", False, 0),
            ("running_var", False, 1),
            ("batch_mean", True, 0),
            ("batch_var", True, 1),
        ):
            found = events[f"batchnorm/{layer}/ranks_{quantity}"]
            assert len(found) >= at_least
            for step, table in found:
                noted = [report["steps"][step - 1] for report in reports]
                if is_batch:
                    rows = [weighted(one["batches"][layer], one["momentum"], column) for one in noted]
                else:
                    rows = [one["running"][place][column] for one in noted]
                tolerance = {"rtol": 1e-3, "atol": 1e-4} if is_batch else {"rtol": 0, "atol": 0}
                torch.testing.assert_close(torch.tensor(table), torch.stack(rows), **tolerance)
    for rank in range(2):
        assert all(speed > 0 for _, speed in events[f"throughput/rank.{rank}.steps_per_second"])
    return events


def weighted(batches, momentum, column):
    """The mean of a step's batches as running statistics take them in: the last one counts most."""
    weights = [(1 - momentum) ** age for age in reversed(range(len(batches)))]
    return sum(weight * one[column] for weight, one in zip(weights, batches, strict=True)) / sum(weights)


@pytest.fixture(scope="module")
def ddp(tmp_path_factory):
    """A run under DDP that was asked everything."""
    answers = {}
    with torchrun(tmp_path_factory.mktemp("ddp"), "ranks_train.py", "report", "--timeout", "5") as job:
        job.steps(30)
        answers["lr"] = job.ask("set", "lr", "*0.5")
        answers["checkpoint"] = job.ask("checkpoint")
        answers["momentum"] = job.ask("set", "momentum.inner.1", "0.2")
        answers["all"] = job.ask("set", "momentum", "0.3")
        answers["nonsense"] = job.ask("set", "lr", "fast")
        answers["pause"] = job.ask("pause")
        begin = time.monotonic()
        assert job.status()["state"] == "paused"
        answers["while paused"] = job.ask("set", "lr", "0.007")
        time.sleep(max(0, begin + PAUSE - time.monotonic()))  # a pause is what this waits for
        assert job.status()["state"] == "paused"
        answers["resume"] = job.ask("resume")
        job.steps(number_in(answers["pause"][0]) + 20)
        answers["pace"] = job.ask("set", "pace", "40")
        answers["slower"] = job.ask("set", "pace", "*0.5")
        answers["full"] = job.ask("set", "pace", "full")
        answers["can"] = job.status()["can"]
        answers["ranks"] = job.status()["ranks"]
        answers["stop"] = job.ask("stop")
        answers["exit"] = job.wait()
    return job, answers


def test_commands_act_on_all_ranks_at_the_same_step(ddp):
    job, answers = ddp
    assert answers["exit"] == 0
    assert_ends_alike(job)
    rates = steps_of(job, "lr")[0]
    assert [rates[step - 1] for step in changes(rates)] == pytest.approx([0.005, 0.007])
    momenta = steps_of(job, "momentum")[0]
    assert [momenta[step - 1] for step in changes(momenta)] == [0.3]
    assert answers["nonsense"][1] is True
    assert "set lr" in answers["can"]
    assert answers["ranks"] == 2
    assert [answers[key][0] for key in ("pace", "slower", "full")] == [
        "pace 40 steps a second",
        "pace 20 steps a second",
        "pace full",
    ]


def test_a_pause_outlasts_the_programs_own_time_limit_on_all_ranks(ddp):
    job, answers = ddp
    paused = number_in(answers["pause"][0])
    for begins in steps_of(job, "begin"):
        assert begins[paused] - begins[paused - 1] > PAUSE - 1
    rates = steps_of(job, "lr")
    assert changes(rates[0])[1] == changes(rates[1])[1] == paused + 1


def test_stop_ends_all_ranks_after_the_same_step(ddp):
    job, answers = ddp
    first, second = job.reports()
    assert first["done"] == second["done"]
    stopped = number_in(answers["stop"][0])
    assert len(first["steps"]) == len(second["steps"]) == stopped
    assert job.status()["state"] == "stopped"
    assert job.status()["step"] == stopped
    assert_quiet(job)
    assert job.output.read_text() == ""


def test_a_checkpoint_under_ddp_is_that_of_the_plain_model(ddp):
    job, answers = ddp
    name = answers["checkpoint"][0].removeprefix("wrote ")
    state = job.checkpoint(name)
    model, optimizer, _ = reference(steps_of(job, "lr")[0], steps_of(job, "momentum")[0], steps=state["global_step"])
    assert_close(state["model_state_dict"], model.state_dict(), rtol=1e-3, atol=1e-4)
    plain = Net()
    plain.load_state_dict(state["model_state_dict"], strict=True)
    fresh = torch.optim.SGD(plain.parameters(), lr=1)
    fresh.load_state_dict(state["optimizer_state_dict"])
    for number, slots in optimizer.state_dict()["state"].items():
        found = fresh.state_dict()["state"][number]["momentum_buffer"]
        torch.testing.assert_close(found, slots["momentum_buffer"], rtol=1e-2, atol=1e-4)


def test_a_checkpoint_keeps_each_ranks_random_numbers(ddp):
    job, answers = ddp
    state = job.checkpoint(answers["checkpoint"][0].removeprefix("wrote "))
    assert len(state["random_state"]) == 2
    for rank, draws in enumerate(steps_of(job, "draw")):
        torch.set_rng_state(state["random_state"][rank]["torch"])
        assert float(torch.rand(())) == draws[state["global_step"]]


def test_statistics_of_all_ranks_where_ddp_sends_buffers(ddp):
    check_ranks_statistics(ddp[0])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--wrap", "ddp-own"),
        ("--wrap", "sync"),
        ("--parts", "3"),
    ],
    ids=["own-buffers", "sync", "accumulation"],
)
def test_statistics_of_all_ranks(tmp_path, arguments):
    with torchrun(tmp_path, "ranks_train.py", "report", *arguments) as job:
        job.steps(20)
        until(lambda: len(shared_steps(job)) >= 2, "statistics of all ranks", pause=0.5)
        job.ask("set", "lr", "0.003")
        job.ask("kill" if "sync" in arguments else "stop")
        assert job.wait() == 0
    if "sync" not in arguments:
        assert_ends_alike(job)
        assert_quiet(job)
        check_ranks_statistics(job)
        return
    assert job.status()["state"] == "stopped"
    assert_quiet(job)
    for layer in LAYERS:
        for quantity in ("running_mean", "batch_mean", "batch_var"):
            for _, table in Events(job.run)[f"batchnorm/{layer}/ranks_{quantity}"]:
                torch.testing.assert_close(table[0], table[1], rtol=1e-4, atol=1e-5)


def shared_steps(job):
    return Events(job.run).values.get("batchnorm/outer/ranks_running_mean", [])


def test_batch_statistics_of_several_passes_with_buffers_sent_are_rank_0s_alone(tmp_path):
    with torchrun(tmp_path, "ranks_train.py", "report", "--parts", "2", "--sums") as job:
        job.steps(20)
        until(lambda: len(shared_steps(job)) >= 2, "statistics of all ranks", pause=0.5)
        job.ask("stop")
        assert job.wait() == 0
    report = job.reports()[0]
    for step, table in Events(job.run)["batchnorm/outer/ranks_batch_mean"]:
        noted = report["steps"][step - 1]
        wanted = weighted(noted["batches"]["outer"], noted["momentum"], 0)
        torch.testing.assert_close(torch.tensor(table[0]), wanted, rtol=1e-3, atol=1e-4)
        assert torch.tensor(table[1]).isnan().all()


@pytest.mark.parametrize("kind", ["fsdp1", "fsdp1-flat", "fsdp2"])
def test_fsdp(tmp_path, kind):
    with torchrun(tmp_path, "ranks_train.py", "report", "--wrap", kind) as job:
        job.steps(10)
        assert job.ask("set", "lr", "0.004")[1] is False
        until(lambda: len(shared_steps(job)) >= 2, "statistics of all ranks", pause=0.5)
        answer, failed = job.ask("checkpoint")
        assert not failed, answer
        stopped, failed = job.ask("stop")
        assert not failed, stopped
        assert job.wait() == 0
    assert_ends_alike(job)
    assert_quiet(job)
    events = check_ranks_statistics(job)
    check_affine(job, events)
    rates, momenta = steps_of(job, "lr")[0], steps_of(job, "momentum")[0]
    state = job.checkpoint(answer.removeprefix("wrote "))
    model, optimizer, _ = reference(rates, momenta, steps=state["global_step"])
    parameters = dict(model.named_parameters())
    assert list(state["model_state_dict"]) == list(model.state_dict())
    assert_close({name: state["model_state_dict"][name] for name in parameters}, parameters, rtol=2e-2, atol=2e-3)
    last = job.checkpoint(stopped.partition("wrote ")[2])["model_state_dict"]
    whole = job.reports()[0]["whole"]
    for name, value in last.items():
        assert torch.equal(value, whole[name]), name
    check_plain_optimizer(state, optimizer)


def check_affine(job, events):
    """γ and β put together are the whole ones."""
    rates, momenta = steps_of(job, "lr")[0], steps_of(job, "momentum")[0]
    last = {
        f"{layer}.{name}": events[f"batchnorm/{layer}/{name}"][-1] for layer in LAYERS for name in ("weight", "bias")
    }
    steps = {step for step, _ in last.values()}
    _, _, states = reference(rates, momenta, steps=max(steps), kept=steps)
    for name, (step, found) in last.items():
        torch.testing.assert_close(torch.tensor(found), states[step][name], rtol=2e-2, atol=2e-3)


def check_plain_optimizer(state, optimizer):
    plain = Net()
    plain.load_state_dict(state["model_state_dict"], strict=True)
    fresh = torch.optim.SGD(plain.parameters(), lr=1)
    fresh.load_state_dict(state["optimizer_state_dict"])
    assert fresh.param_groups[0]["lr"] == 0.004
    for number, slots in optimizer.state_dict()["state"].items():
        found = fresh.state_dict()["state"][number]["momentum_buffer"]
        torch.testing.assert_close(found, slots["momentum_buffer"], rtol=5e-2, atol=2e-3)


# ---------------------------------------------------------------- attach: evaluation, one rank's failure, going on


def attached(folder, *arguments):
    """Plain torchrun: the script attaches itself."""
    from ranks import torchrun_command

    return Job(folder, torchrun_command("ranks_attach.py", "report", *arguments, watched=False))


def test_evaluation_on_all_ranks_one_ranks_failure_and_going_on_exactly(tmp_path):
    with attached(tmp_path, "--seconds", "0.01") as job:
        job.steps(20)
        answer, failed = job.ask("evaluate")
        assert re.fullmatch(r"val/loss \d+\.\d+", answer)
        assert not failed
        answer, failed = job.ask("evaluate")
        assert (answer, failed) == ("rank 1: evaluate failed: ValueError: a bad image", True)
        assert job.ask("evaluate")[1] is False
        stopped = number_in(job.ask("stop")[0])
        assert job.wait() == 0
    assert stopped < 400
    with attached(tmp_path, "--reference") as job:
        assert job.wait() == 0
    assert job.status()["state"] == "finished"
    assert job.status()["step"] == 400
    assert_same_model(job)
    assert f"goes on in this directory from step {stopped}" in job.log()


@pytest.mark.parametrize("kind", ["fsdp1", "fsdp2"])
def test_fsdp_goes_on_exactly(tmp_path, kind):
    with attached(tmp_path, "--wrap", kind, "--reference", "--seconds", "0.01", "--steps", "150") as job:
        job.steps(20)
        answer, failed = job.ask("stop")
        assert not failed, answer
        assert job.wait() == 0
    assert job.status()["step"] == 150
    assert_same_model(job)


def assert_same_model(job):
    found, wanted = (torch.load(job.folder / "report" / f"{name}.pt") for name in ("model", "reference"))
    for name, value in wanted.items():
        assert torch.equal(found[name], value), name


# ---------------------------------------------------------------- ranks that end


def test_a_rank_that_is_killed_is_told_by_name(tmp_path):
    with torchrun(tmp_path, "ranks_train.py", "report", "--die-at", "40") as job:
        assert job.wait() == 1
    words = r"rank 1 \(pid \d+\) is gone without a word: it was killed, or its memory ran out"
    assert re.search(words, job.log())
    assert re.match(words, job.status()["error"])


def test_a_rank_that_raises_is_told_with_its_error(tmp_path):
    with torchrun(tmp_path, "ranks_train.py", "report", "--raise-at", "40") as job:
        assert job.wait() == 1
    assert re.search(r"rank 1 \(pid \d+\) failed: ValueError: a bad batch", job.log())
    assert "failed: ValueError: a bad batch" in job.status()["error"]


@pytest.mark.parametrize("options", [("--max-restarts", "1"), ("--max-restarts", "1", "--standalone")])
def test_a_run_that_torchrun_starts_again_goes_on_in_its_directory(tmp_path, options):
    with torchrun(tmp_path, "ranks_restart.py", "report", options=options) as job:
        assert job.wait() == 0
    assert len(job.runs()) == 1
    status, events = job.status(), Events(job.run)
    assert status["state"] == "finished"
    assert status["error"] is None
    (restarted,) = [int(text.split()[-1]) for text in events.texts() if text.startswith("restart")]
    assert events.starts == [restarted + 1]
    assert status["step"] == restarted + 60
    assert re.search(r"rank 1 \(pid \d+\) is gone without a word", job.log())


# ---------------------------------------------------------------- ranks that are not as they are in the book


def odd(folder, case, environment=None):
    with torchrun(folder, "ranks_odd.py", "report", case, environment=environment) as job:
        assert job.wait() == 0
    assert sorted(path.name for path in (folder / "report").iterdir()) == ["end-0", "end-1"]
    return job


@pytest.mark.parametrize("case", ["no_group", "remade", "alone"])
def test_trainings_that_are_watched_to_their_end(tmp_path, case):
    job = odd(tmp_path, case, {"NORMSCOPE_RANK_TIMEOUT": "2"})
    steps = {"no_group": 50, "remade": 90, "alone": 60}[case]
    assert (job.status()["state"], job.status()["step"], job.status()["error"]) == ("finished", steps, None)
    assert_quiet(job)


@pytest.mark.parametrize(("case", "steps"), [("join", 140), ("unequal", 200), ("only_rank_0", 50)])
def test_ranks_of_unequal_steps_are_recorded_and_not_steered(tmp_path, case, steps):
    job = odd(tmp_path, case, {"NORMSCOPE_RANK_TIMEOUT": "1"})
    assert (job.status()["state"], job.status()["step"]) == ("finished", steps)
    lines = job.errors.read_text().splitlines()
    assert len(lines) == 2, lines
    assert any("not steered together" in line or "no longer steered together" in line for line in lines)


def test_a_rank_that_ends_early_is_no_fault(tmp_path):
    job = odd(tmp_path, "early")
    assert (job.status()["state"], job.status()["step"], job.status()["error"]) == ("finished", 600, None)
    assert "the ranks are no longer steered together: rank 1 has ended its training" in job.log()
    assert_quiet(job)


def test_a_fake_group_is_one_process(tmp_path):
    command = [sys.executable, "-m", "normscope", str(SCRIPTS / "ranks_odd.py"), "report", "fake"]
    with Job(tmp_path, command) as job:
        assert job.wait() == 0
    assert (job.status()["state"], job.status()["step"]) == ("finished", 50)
    assert job.errors.read_text().count("normscope:") == 1


def test_ranks_that_a_program_spawns(tmp_path):
    from ranks import free_port

    command = [sys.executable, "-m", "normscope", str(SCRIPTS / "ranks_odd.py"), "report", "spawned"]
    with Job(tmp_path, command, {"PLACE": f"tcp://127.0.0.1:{free_port()}"}) as job:
        assert job.wait() == 0
    assert (job.status()["state"], job.status()["step"], job.status()["ranks"]) == ("finished", 50, 2)
    assert_quiet(job)


def test_a_folder_that_rank_0_cant_write(tmp_path):
    (tmp_path / "runs").write_text("a file stands here")
    with torchrun(tmp_path, "ranks_odd.py", "report", "no_runs") as job:
        assert job.wait() == 0
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["end-0", "end-1"]
    lines = job.errors.read_text().splitlines()
    assert len(lines) == 1, lines
    assert "can't be written" in lines[0]


def test_a_paused_rank_0_that_is_killed_leaves_no_rank_behind(tmp_path):
    with torchrun(tmp_path, "ranks_train.py", "report") as job:
        job.steps(10)
        job.ask("pause")
        os.kill(job.status()["pid"], signal.SIGKILL)
        assert job.wait() == 1
    assert "normscope:" not in job.errors.read_text().split("\n", 1)[1].split("torch/distributed/elastic")[0]
