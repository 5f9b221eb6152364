"""A child process trains; the argument says how it is made."""

import multiprocessing
import os
import sys

import torch
from torch import nn
from witness import batch, network


def train(rank=0):
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(6):
        images, labels = batch(step)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()


if __name__ == "__main__":
    kind = sys.argv[1]
    if kind == "torch spawn":
        torch.multiprocessing.spawn(train, nprocs=1)
        status = 0
    elif kind == "os fork":
        child = os.fork()
        if child == 0:
            train()
            sys.exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    else:
        child = multiprocessing.get_context(kind).Process(target=train)
        child.start()
        child.join()
        status = child.exitcode
    print("the child ended with", status)
