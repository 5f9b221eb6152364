"""Cross-validation: several trainings after each other; ``keep`` holds on to the models."""

import sys

import torch
from torch import nn
from witness import Witness, batch, network, save


def train(fold):
    torch.manual_seed(fold)
    model = network()
    witness = Witness(only=model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)
    for step in range(6):
        images, labels = batch(step + 10 * fold)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        witness.step(loss, optimizer, fold=fold)
        schedule.step()
    return model


kept = []
if sys.argv[1] == "inline":
    for fold in range(3):
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)
        witness = Witness(only=model)
        for step in range(6):
            images, labels = batch(step + 10 * fold)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            witness.step(loss, optimizer, fold=fold)
            schedule.step()
else:
    for fold in range(3):
        model = train(fold)
        if sys.argv[1] == "keep":
            kept.append(model)
save()
