"""Trains until it is stopped, or for so many steps; the first argument names a learning-rate schedule.

A third argument is a learning rate that it asks itself for, so that it is obeyed right after the eleventh step.
"""

import sys

import torch
from asking import ask
from torch import nn
from torch.optim import lr_scheduler
from witness import TRUTH, Witness, batch, network, save

torch.manual_seed(0)
kind = sys.argv[1]
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
model = network()
witness = Witness(only=model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
schedules = {
    "none": lambda: None,
    "step": lambda: lr_scheduler.StepLR(optimizer, 4, 0.5),
    "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimizer, 40, eta_min=0.001),
    "onecycle": lambda: lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=60),
    "lambda": lambda: lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / 50),
    "plateau": lambda: lr_scheduler.ReduceLROnPlateau(optimizer, patience=3, factor=0.5),
    "sequential": lambda: lr_scheduler.SequentialLR(
        optimizer,
        [
            lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20),
            lr_scheduler.CosineAnnealingLR(optimizer, 30),
        ],
        milestones=[20],
    ),
}
schedule = schedules[kind]()
for step in range(steps):
    images, labels = batch(step % 4)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    if step == 10 and len(sys.argv) > 3:
        ask("runs/steered", "set", "lr", sys.argv[3])
    optimizer.step()
    if len(TRUTH) < 200:
        witness.step(loss, optimizer)
    if kind == "plateau":
        schedule.step(1.0)
    elif schedule is not None:
        schedule.step()
save()
print("done")
