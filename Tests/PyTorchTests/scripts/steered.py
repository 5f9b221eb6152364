"""Trains until it is stopped, or for so many steps; the argument names learning-rate schedules, one after the other."""

import sys

import torch
from torch import nn
from torch.optim import lr_scheduler
from witness import TRUTH, Witness, batch, network, save

SCHEDULES = {
    "none": lambda optimizer: None,
    "step": lambda optimizer: lr_scheduler.StepLR(optimizer, 4, 0.5),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 40, eta_min=0.001),
    "onecycle": lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=60),
    "lambda": lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / 50),
    "plateau": lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, patience=3, factor=0.5),
    "sequential": lambda optimizer: lr_scheduler.SequentialLR(
        optimizer,
        [lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20), lr_scheduler.CosineAnnealingLR(optimizer, 30)],
        milestones=[20],
    ),
}


def train(kind, steps):
    torch.manual_seed(0)
    model = network()
    witness = Witness(only=model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    schedule = SCHEDULES[kind](optimizer)
    for step in range(steps):
        images, labels = batch(step % 4)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        if len(TRUTH) < 1000:
            witness.step(loss, optimizer, kind=kind)
        if kind == "plateau":
            schedule.step(1.0)
        elif schedule is not None:
            schedule.step()


for kind in sys.argv[1].split(","):
    train(kind, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
save()
print("done")
