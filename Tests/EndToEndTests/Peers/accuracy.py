"""What real PyTorch makes of a checkpoint: the example network in eval() on the test images.

usage: python accuracy.py CHECKPOINT.pth DATA_DIRECTORY      needs: torch. Prints {"correct": …, "count": …, "loss": …}.
"""
import json
import sys

import torch
import torch.nn as nn

from networks import example, fashion_mnist

checkpoint, data = sys.argv[1:]
state = torch.load(checkpoint, weights_only=True)
net = example()
net.load_state_dict(state["model_state_dict"])
optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
optimizer.load_state_dict(state["optimizer_state_dict"])
net.eval()

images, labels = fashion_mnist(data, "t10k")
with torch.no_grad():
    logits = net(images)
print(json.dumps({
    "correct": int((logits.argmax(1) == labels).sum()), "count": len(labels),
    "loss": float(nn.functional.cross_entropy(logits, labels)),
    "momentum_buffers": sum("momentum_buffer" in s for s in optimizer.state_dict()["state"].values())}))
