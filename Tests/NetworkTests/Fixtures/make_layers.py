"""Golden numbers of layers, optimizers and losses, from real PyTorch computing in float64: layers.txt says which.

usage: python make_layers.py         (needs torch and numpy; writes layers.index and layers.floats beside itself)

Each network is trained for some steps; stored are the last step's loss, output and gradients, the state after it, and the
evaluation-mode output then. Tensors of more than 300 values are stored as a sample (see make_example.py).
"""
import torch, torch.nn as nn
from make_example import Fixture, values, labels, sample, here
import os

def keep(tensor):
    return tensor if tensor.numel() <= 300 else sample(tensor)

def network(text):
    layers = [layer.strip() for layer in text.split(";")]
    return nn.Sequential(*[eval("nn." + layer) for layer in layers])

def prepare(net):
    with torch.no_grad():
        for salt, parameter in enumerate(net.parameters()):
            parameter.copy_(values(parameter.shape, 100 + salt, 2.0 ** -2) + (0 if parameter.dim() > 1 else 0.5))

def run(fixture, line):
    name, shape, batch, steps, optimizer, options, layers = [part.strip() for part in line.split("|")]
    shape, batch, steps = [int(size) for size in shape.split(",")], int(batch), int(steps)
    options = dict(option.split("=") if "=" in option else (option, True) for option in options.split() if option)
    net = network(layers)
    prepare(net)
    net = net.double()
    kind, arguments = optimizer.split("(", 1)
    optimizer = eval(f"torch.optim.{kind}(net.parameters(), {arguments}")
    loss_function = nn.CrossEntropyLoss(label_smoothing=float(options.get("smoothing", 0)))
    for step in range(steps):
        x, y = values([batch] + shape, 1000 + step).double(), labels(batch, 2000 + step)
        optimizer.zero_grad()
        logits = net(x)
        loss = loss_function(logits, y)
        loss.backward()
        for key, parameter in net.named_parameters():
            if step == steps - 1:
                fixture.add(f"{name}.gradient.{key}", keep(parameter.grad))
        if "clip" in options:
            nn.utils.clip_grad_norm_(net.parameters(), float(options["clip"]))
        optimizer.step()
    fixture.add(f"{name}.loss", loss.reshape(1))
    fixture.add(f"{name}.logits", keep(logits))
    for key, tensor in net.state_dict().items():
        fixture.add(f"{name}.state.{key}", keep(tensor) if tensor.dim() else tensor.reshape(1))
    net.eval()
    with torch.no_grad():
        fixture.add(f"{name}.evaluation", keep(net(values([batch] + shape, 1500).double())))

torch.set_num_threads(1)
fixture = Fixture("layers")
for line in open(os.path.join(here, "layers.txt")):
    if line.strip() and not line.startswith("#"):
        run(fixture, line)
fixture.write()
