"""Makes model.pth and model_params.pth, the two ways of saving a network with PyTorch:

    torch.save(net, "model.pth")                        the whole object: opening it needs this very class, and runs code
    torch.save(net.state_dict(), "model_params.pth")    the parameters alone: what PyTorch recommends

    python make-models.py

The network is that of experiments/batchnorm-cnn.yaml, trained for two epochs on fashion-mnist/. Made with PyTorch 2.15.
"""

import gzip
import os

import torch
from torch import nn

here = os.path.dirname(os.path.abspath(__file__))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=3, stride=1, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU())
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(16 * 32 * 32, 10)

    def forward(self, x):
        return self.fc(self.flatten(self.layer1(x)))


def read(name, header):
    with gzip.open(os.path.join(here, "fashion-mnist", name)) as file:
        return torch.tensor(list(file.read()[header:]), dtype=torch.uint8)


def images(name):
    grey = read(name, 16).reshape(-1, 1, 28, 28).float() / 255
    return nn.functional.pad(grey, (2, 2, 2, 2)).expand(-1, 3, -1, -1)


if __name__ == "__main__":
    torch.manual_seed(1)
    inputs, labels = images("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz", 8).long()
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    for epoch in range(2):
        for batch in torch.randperm(len(inputs)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        guesses = net(images("t10k-images-idx3-ubyte.gz")).argmax(1)
    accuracy = (guesses == read("t10k-labels-idx1-ubyte.gz", 8)).float().mean().item()
    print(f"accuracy on the test images: {accuracy:.3f}")
    torch.save(net, os.path.join(here, "model.pth"))
    torch.save(net.state_dict(), os.path.join(here, "model_params.pth"))
