"""Measures Normscope's engine and PyTorch in turn, on the same networks, batches and threads, and prints a table.

usage: python bench.py NORMSCOPE [--seconds 3] [--threads 2] [--rounds 3] [--models example vgg6 resnet20]
       [--alone [scaling|batches]]
needs: torch, unless --alone.
PyTorch's time is that of its best mode: eager, channels_last, or compile (which wants a C++ compiler). Each figure is the
median of the rounds' medians; memory is the largest resident size of the process that trains.

With --alone PyTorch isn't measured, but how the engine's time for one image depends on threads and on the batch. What two
threads can reach at best is what two processes of one thread each do at once: they share no work, only the machine. All is
compared within a round: what else a machine does changes for minutes on end, and would otherwise count for those that it
happened to meet. The costs of batches are divided by their geometric mean in the round. Each second round goes backwards.
Where cores are shared with other guests, a team of threads is disturbed by those of either core, so threads are compared by
the least medians of all rounds, too: what they do while they have their cores to themselves.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

BATCH = {"example": 64, "vgg6": 64, "resnet20": 128}
MODES = ["eager", "channels_last", "compile"]
TIMES = ["train", "evaluate"]
BATCHES = [16, 64, 256, 1024]


def median_milliseconds(work, seconds):
    for _ in range(5):
        work()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def measure_pytorch(model, mode, batch, threads, seconds):
    import torch
    import torch.nn as nn
    from networks import MODELS
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    net, images, labels = MODELS[model](), torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    if mode == "channels_last":
        net, images = net.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    run, loss = torch.compile(net) if mode == "compile" else net, nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss(run(images), labels).backward()
        optimizer.step()

    train = median_milliseconds(step, seconds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    net.eval()
    with torch.no_grad():
        evaluate = median_milliseconds(lambda: run(images), seconds / 2)
    return {"train": train, "evaluate": evaluate, "memory": memory}


def pytorch(model, mode, options):
    command = [sys.executable, os.path.abspath(__file__), "-", "--child", model, mode, "--threads", str(options.threads),
               "--seconds", str(options.seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def start(options, model, batch, threads):
    command = [options.normscope, "bench", "--model", model, "--batch", str(batch), "--threads", str(threads), "--seconds",
               str(options.seconds), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process):
    with process:
        result = json.loads(process.stdout.read())
        _, process.returncode, usage = os.wait4(process.pid, 0)
    return {"train": result["trainMillisecondsPerStep"], "evaluate": result["evaluateMillisecondsPerBatch"],
            "memory": usage.ru_maxrss / 1024}


def normscope(model, options):
    return finish(start(options, model, BATCH[model], options.threads))


def middle(rounds, quantity):
    return statistics.median(result[quantity] for result in rounds)


def rows(model, options):
    ours, theirs = [], {mode: [] for mode in MODES}
    for _ in range(options.rounds):
        ours.append(normscope(model, options))
        for mode in MODES:
            result = pytorch(model, mode, options)
            if result:
                theirs[mode].append(result)
    measured = {mode: results for mode, results in theirs.items() if results}
    for quantity, title in (("train", "training step"), ("evaluate", "evaluation")):
        best = min(measured, key=lambda mode: middle(measured[mode], quantity))
        mine, other = middle(ours, quantity), middle(measured[best], quantity)
        yield f"| {model}, batch {BATCH[model]}, {title} | {mine:.3g} ms | {other:.3g} ms ({best}) | {other / mine:.1f}× |"
    mine, other = middle(ours, "memory"), min(middle(results, "memory") for results in measured.values())
    yield f"| {model}, batch {BATCH[model]}, memory | {mine:.0f} MB | {other:.0f} MB | {other / mine:.1f}× |"


def in_turn(options, measure, present):
    """Measures every model once a round, each second round backwards, and prints what all rounds of a model together say.

    A machine is disturbed for minutes on end; spread over the whole run, no figure falls into one such stretch."""
    rounds = {model: [] for model in options.models}
    for index in range(options.rounds):
        print(f"\rround {index + 1} of {options.rounds}", end="", file=sys.stderr, flush=True)
        for model in options.models if index % 2 == 0 else options.models[::-1]:
            rounds[model].append(measure(model, options, backwards=index % 2 == 1))
    print(file=sys.stderr)
    for model in options.models:
        for what, cells in present(rounds[model]):
            print(f"| {model}{what} | {' | '.join(cells)} |", flush=True)


def scaling_round(model, options, backwards):
    batch, measured = BATCH[model], {}
    for kind in ("apart", "team", "one") if backwards else ("one", "team", "apart"):
        processes = [start(options, model, batch, options.threads if kind == "team" else 1)
                     for _ in range(options.threads if kind == "apart" else 1)]
        results = [finish(process) for process in processes]
        measured[kind] = {quantity: 1 / sum(1 / result[quantity] for result in results) for quantity in TIMES}
    return {(kind, quantity): time for kind, times in measured.items() for quantity, time in times.items()}


def scaling_rows(rounds):
    columns = [(kind, quantity) for quantity in TIMES for kind in ("team", "apart")]

    def gain(times, column):
        kind, quantity = column
        return times["one", quantity] / times[kind, quantity]

    least = {column: min(times[column] for times in rounds) for column in rounds[0]}
    yield "", [f"{statistics.median(gain(times, column) for times in rounds):.2f}×" for column in columns]
    yield ", least times", [f"{gain(least, column):.2f}×" for column in columns]


def batches_round(model, options, backwards):
    return {batch: finish(start(options, model, batch, options.threads))["train"] / batch * 1e3
            for batch in (BATCHES[::-1] if backwards else BATCHES)}


def batches_rows(rounds):
    parts = [{batch: cost / statistics.geometric_mean(costs.values()) for batch, cost in costs.items()} for costs in rounds]
    shares = [middle(parts, batch) for batch in BATCHES]
    costs = [f"{float(f'{middle(rounds, batch):.3g}'):g}" for batch in BATCHES]
    yield "", costs + [f"{max(shares) / min(shares):.2f}×"]


def measure_scaling(options):
    print(f"| times the speed of one thread | {options.threads} threads, training | {options.threads} processes, training "
          f"| {options.threads} threads, evaluation | {options.threads} processes, evaluation |\n{'| --- ' * 5}|", flush=True)
    in_turn(options, scaling_round, scaling_rows)


def measure_batches(options):
    print(f"| training, µs an image | {' | '.join(f'batch {batch}' for batch in BATCHES)} "
          f"| dearest to cheapest |\n{'| --- ' * (len(BATCHES) + 2)}|", flush=True)
    in_turn(options, batches_round, batches_rows)


ALONE = {"scaling": [measure_scaling], "batches": [measure_batches], "both": [measure_scaling, measure_batches]}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("normscope")
    options.add_argument("--seconds", type=float, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--models", nargs="+", choices=BATCH, default=list(BATCH))
    options.add_argument("--alone", nargs="?", const="both", choices=ALONE)
    options.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.child:
        model, mode = options.child
        print(json.dumps(measure_pytorch(model, mode, BATCH[model], options.threads, options.seconds)))
        return
    if options.alone:
        for measure in ALONE[options.alone]:
            measure(options)
        return
    print(f"| {options.threads} threads | Normscope | PyTorch, best mode | ratio |\n| --- | --- | --- | --- |", flush=True)
    for model in options.models:
        for row in rows(model, options):
            print(row, flush=True)


main()
