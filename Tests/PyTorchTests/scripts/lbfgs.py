"""LBFGS: the closure runs several times in a step."""

import torch
from torch import nn
from witness import Witness, batch, network, save

torch.manual_seed(0)
model = network()
witness = Witness(only=model)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=3)

for step in range(8):
    images, labels = batch(step)

    def closure(images=images, labels=labels):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        return loss

    witness.step(optimizer.step(closure), optimizer)
save()
