"""Normalization layers in evaluation mode while the rest trains; ``head``: only the last layer is optimized."""

import sys

import torch
from torch import nn
from witness import Witness, batch, network, save

torch.manual_seed(0)
model = network()
witness = Witness(only=model)
if sys.argv[1] == "head":
    optimizer = torch.optim.SGD(model[7].parameters(), lr=0.05)
    for parameter in model[:7].parameters():
        parameter.requires_grad_(False)
else:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for step in range(8):
    images, labels = batch(step)
    model.train()
    if sys.argv[1] == "all":
        model.eval()
    if sys.argv[1] == "first":
        model[1].eval()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    witness.step(loss, optimizer)
save()
