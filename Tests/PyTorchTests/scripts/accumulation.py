"""Gradients of three batches in a step; the script prints the mean of their losses."""

import torch
from torch import nn
from witness import Witness, batch, gradient_norm, network, save

torch.manual_seed(0)
model = network()
witness = Witness(only=model)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)

for step in range(12):
    total = 0.0
    for part in range(3):
        images, labels = batch(3 * step + part)
        loss = nn.functional.cross_entropy(model(images), labels) / 3
        loss.backward()
        total += loss.item()
    norm = gradient_norm(optimizer)
    optimizer.step()
    optimizer.zero_grad()
    witness.step(total, optimizer, norm=norm)
save()
