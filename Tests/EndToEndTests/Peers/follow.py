"""PyTorch trains from weights that it draws and saves, on images in the order of the files, in double precision.

usage: python follow.py MODEL DATA_DIRECTORY INITIAL.pth STEPS LEARNING_RATE      needs: torch.
Prints {"losses": […]}, one a step, batches of 64; INITIAL.pth is the state_dict before the first.
"""
import json
import sys

import torch
import torch.nn as nn

from networks import MODELS, fashion_mnist

model, data, initial, steps, rate = sys.argv[1:]
torch.manual_seed(0)
net = MODELS[model]()
torch.save(net.state_dict(), initial)
net.double()
optimizer = torch.optim.SGD(net.parameters(), lr=float(rate), momentum=0.9, weight_decay=5e-4)
images, labels = fashion_mnist(data, "train")
images = images.double()
losses = []
for start in range(0, 64 * int(steps), 64):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(images[start:start + 64]), labels[start:start + 64])
    loss.backward()
    optimizer.step()
    losses.append(float(loss))
print(json.dumps({"losses": losses}))
