"""Golden numbers of the example network, from real PyTorch: five training steps, then an evaluation.

usage: python make_example.py        (needs torch and numpy; writes beside itself)

Inputs, labels and initial weights come from a hash that the tests compute too, so that they need no room here.
For 8x8 images every value is stored; for 32x32 images a sample of 64 entries of each tensor and its norm.
A fixture is NAME.index (one line a tensor: name, number of values, offset in floats) and NAME.floats (little-endian float32).
"""
import os
import numpy as np, torch, torch.nn as nn

here = os.path.dirname(os.path.abspath(__file__))

def hashed(count, salt):
    """Integers of 32 bits."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(salt) * np.uint32(40503)
        h ^= h >> np.uint32(15)
        h *= np.uint32(2246822519)
        h ^= h >> np.uint32(13)
    return h

def values(shape, salt, scale=1.0):
    """Evenly distributed in [-scale, scale); exact in float32 if scale is a power of two."""
    count = int(np.prod(shape))
    v = (hashed(count, salt) >> np.uint32(8)).astype(np.float32) * np.float32(2.0 ** -23) - np.float32(1)
    return torch.from_numpy((v * np.float32(scale)).reshape(shape))

def labels(count, salt):
    return torch.from_numpy((hashed(count, salt) % np.uint32(10)).astype(np.int64))

class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(3, 16, kernel_size=3, stride=1, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.fc = nn.Linear(16 * size * size, 10)
    def forward(self, x):
        return self.fc(self.layer1(x).flatten(1))

class Fixture:
    def __init__(self, name):
        self.name, self.index, self.parts, self.offset = name, [], [], 0
    def add(self, name, tensor):
        flat = tensor.detach().double().numpy().reshape(-1).astype(np.float32)
        self.index.append(f"{name} {flat.size} {self.offset}")
        self.parts.append(flat)
        self.offset += flat.size
    def write(self):
        with open(os.path.join(here, self.name + ".index"), "w") as f:
            f.write("\n".join(self.index) + "\n")
        np.concatenate(self.parts).tofile(os.path.join(here, self.name + ".floats"))

def sample(tensor):
    """The norm, then 64 entries at (i * 7919) modulo the count."""
    flat = tensor.detach().double().reshape(-1)
    picked = flat[torch.arange(64) * 7919 % flat.numel()]
    return torch.cat([flat.norm().reshape(1), picked])

def run(name, size, batch, sampled, dtype):
    keep = sample if sampled else (lambda tensor: tensor)
    net = Net(size)
    with torch.no_grad():
        for salt, parameter in enumerate(net.parameters()):
            if parameter.dim() > 1 or salt in (1, 5):
                parameter.copy_(values(parameter.shape, 100 + salt, 2.0 ** -3 if parameter.numel() < 2000 else 2.0 ** -7))
            else:
                parameter.copy_(values(parameter.shape, 100 + salt, 2.0 ** -2) + (1 if salt == 2 else 0))
    net = net.to(dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    loss_function = nn.CrossEntropyLoss()
    for step in range(5):
        x, y = values((batch, 3, size, size), 1000 + step).to(dtype), labels(batch, 2000 + step)
        optimizer.zero_grad()
        logits = net(x)
        loss = loss_function(logits, y)
        loss.backward()
        optimizer.step()
        fixture = Fixture(f"{name}-step{step + 1}")
        fixture.add("loss", loss.reshape(1))
        fixture.add("logits", keep(logits))
        for key, parameter in net.named_parameters():
            fixture.add("gradient." + key, keep(parameter.grad))
        for key, tensor in net.state_dict().items():
            fixture.add("state." + key, keep(tensor) if tensor.dim() else tensor.reshape(1))
        fixture.write()
    net.eval()
    with torch.no_grad():
        fixture = Fixture(f"{name}-evaluation")
        fixture.add("logits", keep(net(values((batch, 3, size, size), 1005).to(dtype))))
        fixture.write()

if __name__ == "__main__":
    torch.set_num_threads(1)
    run("example8", 8, 4, sampled=False, dtype=torch.float32)
    # PyTorch's own float32 gradient of the convolution is off by up to 1e-5 of its float64 one at this size.
    run("example32", 32, 64, sampled=True, dtype=torch.float64)
