"""Loader workers and a pool beside a training; the argument is how processes are made."""

import argparse
import multiprocessing

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from witness import batch, network


def square(number):
    return number * number


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("context")
    parser.add_argument("--epochs", type=int, default=2)
    arguments = parser.parse_args()
    with multiprocessing.get_context(arguments.context).Pool(1) as pool:
        print("pool", pool.map(square, range(3)), flush=True)
    loader = DataLoader(
        TensorDataset(*batch(0, size=64)),
        batch_size=16,
        num_workers=1,
        persistent_workers=True,
        multiprocessing_context=arguments.context,
    )
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(arguments.epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()


if __name__ == "__main__":
    main()
