"""Ends badly in its fourth step, within a function of torch's that we wrap."""

import os
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

kind = sys.argv[1]


class Data(Dataset):
    def __len__(self):
        return 100

    def __getitem__(self, index):
        if kind == "loader" and index == 3:
            raise ValueError("no such image")
        return torch.randn(8, 4)


model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step, images in enumerate(DataLoader(Data(), batch_size=None)):
    loss = model(images).square().mean()
    if step == 3:
        if kind == "backward":
            loss = loss.detach()
        if kind == "interrupt":
            raise KeyboardInterrupt
        if kind == "hard":
            os._exit(9)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
