"""Mixed precision with a gradient scaler: the scale must not show in the loss, nor in the gradients."""

import torch
from torch import nn
from witness import Witness, batch, gradient_norm, network, save

torch.manual_seed(0)
model = network()
witness = Witness(only=model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)

for step in range(12):
    images, labels = batch(step)
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = nn.functional.cross_entropy(model(images), labels)
    scaler.scale(loss).backward()
    if step == 5:  # a gradient that overflowed: the scaler leaves this step out
        model[0].weight.grad.fill_(float("inf"))
    scaler.unscale_(optimizer)
    norm = gradient_norm(optimizer)
    scaler.step(optimizer)
    scaler.update()
    if step != 5:
        witness.step(loss, optimizer, norm=norm)
save()
