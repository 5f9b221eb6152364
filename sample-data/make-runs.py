#!/usr/bin/env python3
"""Make sample-data/runs: two runs of one network, logged by PyTorch's own SummaryWriter as its users would.

usage: python make-runs.py      (in this folder; needs torch, tensorboard and numpy; less than a minute)

Each run holds scalars, histograms of all parameters under their PyTorch names, the raw running statistics of two
BatchNorm layers with the batch's own beside them, the printed network as a text, and hyperparameters.
"""
import gzip, shutil, struct
import numpy as np
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

EPOCHS, BATCH = 4, 64


def read(name):
    """An IDX file as an array."""
    with gzip.open(f"fashion-mnist/{name}-ubyte.gz") as file:
        _, _, kind, rank = struct.unpack(">BBBB", file.read(4))
        assert kind == 8, "bytes expected"
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def images(name):
    return torch.tensor(read(f"{name}-images-idx3") / 255.0, dtype=torch.float32)[:, None]


def labels(name):
    return torch.tensor(read(f"{name}-labels-idx1").astype(np.int64))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.layer2 = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(16 * 7 * 7, 10)

    def forward(self, x):
        return self.fc(self.layer2(self.layer1(x)).flatten(1))


def normalizations(net):
    return [(n, m) for n, m in net.named_modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]


def log_normalization(writer, net, step):
    """What the normalization panes are made of: one value a channel, under batchnorm/LAYER/…"""
    for name, layer in normalizations(net):
        for key in ("running_mean", "running_var", "weight", "bias"):
            writer.add_tensor(f"batchnorm/{name}/{key}", getattr(layer, key).detach(), step)
        for key in ("batch_mean", "batch_var"):
            writer.add_tensor(f"batchnorm/{name}/{key}", getattr(layer, key), step)


def keep_batch_statistics(layer, inputs):
    """Before a normalization layer runs: the mean and the variance of the batch that it is about to see."""
    x = inputs[0].detach()
    dims = [d for d in range(x.dim()) if d != 1]
    layer.batch_mean, layer.batch_var = x.mean(dims), x.var(dims, unbiased=False)


@torch.no_grad()
def validate(net, x, y):
    net.eval()
    output = net(x)
    net.train()
    return nn.functional.cross_entropy(output, y).item(), (output.argmax(1) == y).float().mean().item()


def train(name, lr, momentum):
    torch.manual_seed(1)
    x, y, test_x, test_y = images("train"), labels("train"), images("t10k"), labels("t10k")
    net, writer = Net(), SummaryWriter(f"runs/{name}")
    writer.add_text("model", "```\n" + str(net) + "\n```", 0)
    for _, layer in normalizations(net):
        layer.register_forward_pre_hook(keep_batch_statistics)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * (len(x) // BATCH))
    step, best = 0, 0.0
    for epoch in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH)[: len(x) // BATCH]:
            output = net(x[batch])
            loss = nn.functional.cross_entropy(output, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            writer.add_scalar("train/loss", loss.item(), step)
            writer.add_scalar("train/accuracy", (output.argmax(1) == y[batch]).float().mean().item(), step)
            writer.add_scalar("lr", schedule.get_last_lr()[0], step)
            if step % 6 == 0:
                log_normalization(writer, net, step)
            if step % 31 == 0:
                for key, value in net.named_parameters():
                    writer.add_histogram(key, value, step)
        loss, accuracy = validate(net, test_x, test_y)
        best = max(best, accuracy)
        writer.add_scalar("val/loss", loss, step)
        writer.add_scalar("val/accuracy", accuracy, step)
        writer.add_text("notes", f"epoch {epoch + 1}: {accuracy:.1%} of the validation images are right", step)
    writer.add_hparams(
        {"lr": lr, "momentum": momentum, "batch_size": BATCH, "epochs": EPOCHS, "optimizer": "SGD"},
        {"hparam/best_accuracy": best}, run_name=".")
    writer.close()


if __name__ == "__main__":
    torch.set_num_threads(1)
    shutil.rmtree("runs", ignore_errors=True)
    train("pytorch-lr0.05", 0.05, 0.9)
    train("pytorch-lr0.01", 0.01, 0.9)
