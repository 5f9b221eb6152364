"""``backward`` of a tensor that is no scalar, with a gradient of its own."""

import torch
from torch import nn
from witness import Witness, batch, network, save

torch.manual_seed(0)
model = network()
witness = Witness(only=model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for step in range(8):
    images, labels = batch(step)
    optimizer.zero_grad()
    losses = nn.functional.cross_entropy(model(images), labels, reduction="none")
    losses.backward(torch.full_like(losses, 1 / len(losses)))
    optimizer.step()
    witness.step(losses.mean(), optimizer)
save()
