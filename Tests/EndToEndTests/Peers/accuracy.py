"""What real PyTorch makes of a checkpoint: the example network in eval() on the test images.

usage: python accuracy.py CHECKPOINT.pth DATA_DIRECTORY      needs: torch. Prints {"correct": …, "count": …, "loss": …}.
"""
import gzip, json, sys
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(3, 16, kernel_size=3, stride=1, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(16 * 32 * 32, 10)

    def forward(self, x):
        return self.fc(self.flatten(self.layer1(x)))


def idx(path, header):
    return torch.frombuffer(bytearray(gzip.open(path).read()[header:]), dtype=torch.uint8)


checkpoint, data = sys.argv[1:]
state = torch.load(checkpoint, weights_only=True)
net = Net()
net.load_state_dict(state["model_state_dict"])
optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
optimizer.load_state_dict(state["optimizer_state_dict"])
net.eval()

images = idx(f"{data}/t10k-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28).float().div(255)
labels = idx(f"{data}/t10k-labels-idx1-ubyte.gz", 8).long()
images = nn.functional.pad(images, (2, 2, 2, 2)).expand(-1, 3, -1, -1)
with torch.no_grad():
    logits = net(images)
print(json.dumps({
    "correct": int((logits.argmax(1) == labels).sum()), "count": len(labels),
    "loss": float(nn.functional.cross_entropy(logits, labels)),
    "momentum_buffers": sum("momentum_buffer" in s for s in optimizer.state_dict()["state"].values())}))
