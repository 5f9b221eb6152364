"""A plain loop; the momentum is the argument: a number, none, or untracked."""

import sys

import torch
from torch import nn
from witness import Witness, batch, gradient_norm, network, save

torch.manual_seed(0)
word = sys.argv[1] if len(sys.argv) > 1 else "0.1"
if word == "untracked":
    model = network(track_running_stats=False)
else:
    model = network(momentum=None if word == "none" else float(word))
witness = Witness(only=model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 5)
criterion = nn.CrossEntropyLoss()

for step in range(20):
    images, labels = batch(step)
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    norm = gradient_norm(optimizer)
    optimizer.step()
    witness.step(loss, optimizer, norm=norm)
    schedule.step()
save()
