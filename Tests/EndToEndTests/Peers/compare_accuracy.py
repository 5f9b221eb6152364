"""Trains the same networks with Normscope and with PyTorch and prints a table of the test accuracies.

usage: python compare_accuracy.py NORMSCOPE DATA_DIRECTORY [--epochs 5] [--seeds 3] [--models example vgg6]      needs: torch.
DATA_DIRECTORY holds Fashion-MNIST as gzipped IDX. Both sides: SGD with momentum 0.9 and weight decay 5e-4, a cosine over all
epochs, batches of 64, no augmentation; each side draws its own weights and orders.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import torch
import torch.nn as nn

from networks import MODELS, fashion_mnist

EXPERIMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../sample-data/experiments")
FILES = {"example": "batchnorm-cnn.yaml", "vgg6": "vgg.yaml"}
RATE = 0.01


def normscope(program, model, data, epochs, seed):
    with tempfile.TemporaryDirectory() as folder:
        settings = [
            f"epochs={epochs}", f"seed={seed}", "data.crop=0", "data.flip=false", "checkpoint.every_epochs=0",
            f"optimizer=SGD(lr={RATE}, momentum=0.9, weight_decay=5e-4)"]
        subprocess.run(
            [program, "train", "--headless", os.path.join(EXPERIMENTS, FILES[model]), "--runs", folder, "--name", "run",
             "--data", data] + [word for setting in settings for word in ("--set", setting)],
            check=True, stdout=subprocess.DEVNULL)
        events = subprocess.run(
            [program, "events", os.path.join(folder, "run"), "--json"], check=True, capture_output=True, text=True)
        return last_accuracy(events.stdout)


def last_accuracy(document):
    for run in json.loads(document)["runs"]:
        for tag in run["tags"]:
            if tag["tag"] == "val/accuracy":
                return tag["last"]
    raise SystemExit("the run logged no val/accuracy")


def pytorch(model, data, epochs, seed):
    torch.manual_seed(seed)
    net = MODELS[model]()
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    images, labels = fashion_mnist(data, "train")
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    net.eval()
    images, labels = fashion_mnist(data, "t10k")
    with torch.no_grad():
        right = sum(int((net(x).argmax(1) == y).sum()) for x, y in zip(images.split(500), labels.split(500)))
    return right / len(labels)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("normscope")
    options.add_argument("data")
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--models", nargs="+", choices=FILES, default=list(FILES))
    given = options.parse_args()
    print("| network | Normscope | PyTorch | difference of the means |\n| --- | --- | --- | --- |", flush=True)
    for model in given.models:
        sides = []
        for train, first in ((normscope, given.normscope), (pytorch, None)):
            accuracies = []
            for seed in range(1, given.seeds + 1):
                arguments = [first] if first else []
                accuracies.append(train(*arguments, model, given.data, given.epochs, seed))
                print(f"{model} {train.__name__} seed {seed}: {accuracies[-1]:.4f}", file=sys.stderr, flush=True)
            sides.append(accuracies)
        shown = [f"{statistics.mean(side):.4f} ({', '.join(f'{value:.4f}' for value in side)})" for side in sides]
        print(f"| {model} | {shown[0]} | {shown[1]} | {statistics.mean(sides[0]) - statistics.mean(sides[1]):+.4f} |",
              flush=True)


main()
