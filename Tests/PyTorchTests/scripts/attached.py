"""Two lines of ours: evaluation by key, and going on where a run stopped. Batches come from torch's generator."""

import json
import sys

import torch
from torch import nn
from witness import network

import normscope

torch.manual_seed(3)
steps, kind = int(sys.argv[1]), sys.argv[2]
model = network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)


def evaluate():
    model.eval()
    torch.randn(5)
    if kind == "broken":
        raise ValueError("no such data")
    return {"loss": 0.25, "accuracy": 0.5}


resume = "auto" if kind in ("first", "second") else None
run = normscope.attach(model, optimizer, schedule, name="attached", evaluate=evaluate, resume=resume)
with open("losses.jsonl", "a") as file:
    while run.global_step < steps:
        images = 2 * torch.randn(16, 3, 8, 8) + 1
        labels = torch.randint(4, (16,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(nn.functional.dropout(model(images), 0.1), labels)
        loss.backward()
        optimizer.step()
        schedule.step()
        print(json.dumps([run.global_step, loss.item(), optimizer.param_groups[0]["lr"], model.training]), file=file)
        run.step()
