"""The networks of sample-data/experiments as PyTorch modules, with the same names in the state dictionary, and the images
they are trained on. Needs: torch."""
import gzip
from collections import OrderedDict

import torch
import torch.nn as nn


def example():
    return nn.Sequential(OrderedDict(
        layer1=nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()),
        flatten=nn.Flatten(), fc=nn.Linear(16 * 32 * 32, 10)))


def vgg6():
    def stage(inputs, outputs):
        layers = []
        for channels in (inputs, outputs):
            layers += [nn.Conv2d(channels, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
        return nn.Sequential(*layers, nn.MaxPool2d(2))

    return nn.Sequential(OrderedDict(
        stage1=stage(3, 32), stage2=stage(32, 64), stage3=stage(64, 128),
        flatten=nn.Flatten(), fc=nn.Linear(128 * 4 * 4, 10)))


class Residual(nn.Module):
    """Two 3×3 convolutions beside a shortcut, which is a 1×1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Sequential() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet20():
    def stage(inputs, outputs, stride):
        blocks = [Residual(inputs, outputs, stride)] + [Residual(outputs, outputs, 1) for _ in range(2)]
        return nn.Sequential(*blocks)

    return nn.Sequential(OrderedDict(
        stem=nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
        stage1=stage(16, 16, 1), stage2=stage(16, 32, 2), stage3=stage(32, 64, 2),
        pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=nn.Linear(64, 10)))


MODELS = {"example": example, "vgg6": vgg6, "resnet20": resnet20}


def fashion_mnist(folder, part):
    """Images N×3×32×32 in [0, 1], the grey ones padded by 2 and repeated over 3 channels, and labels N; part is train or
    t10k."""
    def numbers(name, header):
        with gzip.open(f"{folder}/{part}-{name}-ubyte.gz") as file:
            return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)

    images = numbers("images-idx3", 16).reshape(-1, 1, 28, 28).float().div(255)
    return nn.functional.pad(images, (2, 2, 2, 2)).expand(-1, 3, -1, -1), numbers("labels-idx1", 8).long()
