"""A network whose class flattens in its forward, which no module in the file tells of; exit status 0 if all is well.

    python flattening.py make FOLDER     writes module.pth and the class's own output
    python flattening.py check FOLDER    opens recovered.pth, where the class is not, and compares the outputs
"""

import os
import sys

import torch
from torch import nn

mode, folder = sys.argv[1:3]
images = torch.arange(2 * 3 * 6 * 6, dtype=torch.float32).reshape(2, 3, 6, 6).sin()


def path(name):
    return os.path.join(folder, name)


if mode == "make":

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
            self.drop = nn.Dropout(0.25)
            self.fc = nn.Linear(36, 5)

        def forward(self, images):
            features = self.drop(self.features(images))
            return self.fc(features.view(features.size(0), -1))

    torch.manual_seed(3)
    net = Net()
    net(images)
    net.eval()
    torch.save(net, path("module.pth"))
    torch.save(net(images).detach(), path("expected.pth"))
else:
    recent = int(torch.__version__.split(".")[0]) >= 2
    module = torch.load(path("recovered.pth"), **({"weights_only": False} if recent else {}))
    assert type(module) is nn.Sequential, type(module)
    difference = (module.eval()(images) - torch.load(path("expected.pth"))).abs().max().item()
    assert difference <= 1e-5, difference
