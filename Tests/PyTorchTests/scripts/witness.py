"""What a script itself sees of its training, written to truth.json: a test compares our records with it.

Nothing here knows of normscope.
"""

import json

import torch
from torch import nn

TRUTH = []


def network(channels=3, classes=4, **normalization):
    """Two normalized convolutions; inputs are shifted, so that no mean is close to 0."""
    return nn.Sequential(
        nn.Conv2d(channels, 6, 3, padding=1),
        nn.BatchNorm2d(6, **normalization),
        nn.ReLU(),
        nn.Conv2d(6, 5, 3, padding=1),
        nn.BatchNorm2d(5, **normalization),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(5 * 8 * 8, classes),
    )


def batch(step, size=16, channels=3, classes=4):
    """The same images for the same step, whatever was drawn before."""
    generator = torch.Generator().manual_seed(step)
    images = 2 * torch.randn(size, channels, 8, 8, generator=generator) + 1
    return images, torch.randint(classes, (size,), generator=generator)


class Witness:
    """Sees the batches of each _BatchNorm of some models by hooks, and is told the rest."""

    def __init__(self, **models):
        self.models = models
        self.passes = {}
        for name, layer in self.layers():
            layer.register_forward_pre_hook(self._seeing(name))

    def layers(self):
        for prefix, model in self.models.items():
            for name, module in model.named_modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    yield f"{prefix}.{name}".strip(".").removeprefix("only."), module

    def _seeing(self, name):
        def see(layer, inputs):
            if layer.training:
                values = inputs[0].detach().double()
                sides = [side for side in range(values.dim()) if side != 1]
                found = [values.mean(sides), values.var(sides), values.var(sides, correction=0)]
                self.passes.setdefault(name, []).append([one.tolist() for one in found])

        return see

    def step(self, loss, optimizer, **more):
        """Notes what one step was; ``loss`` as the script would print it."""
        TRUTH.append(
            {
                "loss": float(torch.as_tensor(loss).detach()),
                "lr": [float(group["lr"]) for group in optimizer.param_groups],
                "passes": self.passes,
                "running": {
                    name: [layer.running_mean.tolist(), layer.running_var.tolist()]
                    for name, layer in self.layers()
                    if layer.running_mean is not None
                },
                **more,
            }
        )
        self.passes = {}


def gradient_norm(optimizer):
    """torch's own: nothing is clipped by an infinite limit."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return float(nn.utils.clip_grad_norm_(parameters, float("inf")))


def save():
    with open("truth.json", "w") as file:
        json.dump(TRUTH, file)
