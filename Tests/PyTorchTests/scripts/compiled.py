"""torch.compile of a model, of a module in place, of a step, or of the optimizer's step; prints Dynamo's counters."""

import json
import sys

import torch
from torch import nn
from witness import batch, network

torch.manual_seed(0)
kind = sys.argv[1]
model = network()
optimizer = torch.optim.SGD(model.parameters(), lr=torch.tensor(0.05) if kind == "optimizer" else 0.05)
trained = torch.compile(model, backend="aot_eager") if kind == "model" else model
if kind == "module":
    model.compile(backend="aot_eager")


def update():
    optimizer.step()


def step_of(images, labels):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(trained(images), labels)
    loss.backward()
    update()
    return loss


if kind == "optimizer":
    update = torch.compile(update, backend="aot_eager")
if kind == "step":
    step_of = torch.compile(step_of, backend="aot_eager")

losses = [step_of(*batch(step)).item() for step in range(12)]
counters = {name: dict(one) for name, one in torch._dynamo.utils.counters.items()}
kept = {name: counters.get(name) for name in ("frames", "stats", "graph_break", "recompiles", "unimplemented")}
print(json.dumps({"losses": losses, "counters": kept, "running": model[1].running_mean.tolist()}))
