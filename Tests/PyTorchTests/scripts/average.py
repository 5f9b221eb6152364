"""An exponential moving average of the model beside it, and a teacher that is a copy."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from witness import Witness, batch, network, save

torch.manual_seed(0)
model = network(momentum=0.2)
teacher = copy.deepcopy(model)
average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
witness = Witness(only=model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for step in range(8):
    images, labels = batch(step)
    optimizer.zero_grad()
    with torch.no_grad():
        target = teacher(images)
    loss = nn.functional.cross_entropy(model(images), labels) + nn.functional.mse_loss(model(images), target)
    loss.backward()
    optimizer.step()
    average.update_parameters(model)
    average(images)
    witness.step(loss, optimizer)
save()
