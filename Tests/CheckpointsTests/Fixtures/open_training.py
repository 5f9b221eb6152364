"""Opens a training checkpoint as a PyTorch user would; exit status 0 if all is as it should be.

    python open_training.py FILE
"""

import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(3, 4, kernel_size=3, stride=1, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x):
        return self.fc(self.flatten(self.layer1(x)))


# The restricted unpickler of PyTorch 1.13 refuses every float that is not in a tensor, its own checkpoints' too.
weights_only = int(torch.__version__.split(".")[0]) >= 2
checkpoint = torch.load(sys.argv[1], weights_only=weights_only)
assert list(checkpoint) == ["model_state_dict", "optimizer_state_dict", "epoch", "global_step", "resume"]
assert checkpoint["epoch"] == 7 and checkpoint["global_step"] == 938
assert checkpoint["resume"] == {
    "seed": 1, "position": 12, "scale": 0.5, "note": "größer", "far": -(2**63), "shuffled": True, "nothing": None}

net = Net()
state = checkpoint["model_state_dict"]
net.load_state_dict(state, strict=True)
assert state._metadata["layer1.1"] == {"version": 2} and state._metadata[""] == {"version": 1}
assert net.layer1[1].num_batches_tracked.item() == 5_000_000_000
assert net.layer1[0].weight.flatten().tolist() == [value / 8 for value in range(108)]
assert net.layer1[0].bias.tolist() == [0.5, -1.0, float("inf"), 3.0]
assert torch.equal(net.fc.bias, torch.tensor([1e-30, -0.0, 3.4e38]))
assert net.fc.weight.is_contiguous() and net.fc.weight.data_ptr() % 64 == 0

optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
group = optimizer.param_groups[0]
assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.0498, 0.9, 5e-4)
assert group["initial_lr"] == 0.05 and group["nesterov"] is False
buffers = [optimizer.state[parameter]["momentum_buffer"] for parameter in net.parameters()]
assert [buffer.shape for buffer in buffers] == [parameter.shape for parameter in net.parameters()]
assert buffers[4].flatten().tolist() == [value / 16 for value in range(192)]
net(torch.zeros(2, 3, 4, 4)).sum().backward()
optimizer.step()
torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30, last_epoch=checkpoint["epoch"]).step()
print("opened by PyTorch", torch.__version__)
