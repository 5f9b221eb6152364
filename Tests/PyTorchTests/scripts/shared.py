"""Several optimizers of one model (weights and biases), or two models in one optimizer."""

import sys

import torch
from torch import nn
from witness import Witness, batch, network, save

torch.manual_seed(0)
if sys.argv[1] == "split":
    model = network()
    witness = Witness(only=model)
    weights = [one for name, one in model.named_parameters() if name.endswith("weight")]
    biases = [one for name, one in model.named_parameters() if name.endswith("bias")]
    optimizers = [torch.optim.SGD(weights, lr=0.05), torch.optim.Adam(biases, lr=0.01)]
    forward = model
else:
    encoder, head = network(classes=7), nn.Sequential(nn.BatchNorm1d(7), nn.Linear(7, 4))
    witness = Witness(encoder=encoder, head=head)
    groups = [{"params": encoder.parameters()}, {"params": head.parameters(), "lr": 0.02}]
    optimizers = [torch.optim.SGD(groups, lr=0.05)]

    def forward(images):
        return head(encoder(images))


for step in range(10):
    images, labels = batch(step)
    loss = nn.functional.cross_entropy(forward(images), labels)
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    witness.step(loss, optimizers[0])
save()
