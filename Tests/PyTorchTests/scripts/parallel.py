"""DataParallel, which on a machine without GPUs calls the module as it is."""

import torch
from torch import nn
from witness import Witness, batch, network, save

torch.manual_seed(0)
inner = network()
model = nn.DataParallel(inner)
witness = Witness(only=inner)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for step in range(8):
    images, labels = batch(step)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    witness.step(loss, optimizer)
save()
