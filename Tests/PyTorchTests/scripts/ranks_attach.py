"""Trains on several ranks with normscope.attach, and can go on from where it was stopped.

After the training the whole model goes to REPORT/model.pt; with --reference it is first trained unwatched and without
a break, and that goes to REPORT/reference.pt.
"""

import argparse
from pathlib import Path

import torch
import torch.distributed as dist
from ranks_train import Net, batch, wrapped
from torch import nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

import normscope


def made(kind):
    """The same model and optimizer each time, and random numbers of its own for each rank."""
    torch.manual_seed(3)
    model = wrapped(kind, Net())
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.002)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.7)
    torch.manual_seed(50 + dist.get_rank())
    return model, optimizer, scheduler


def train(model, optimizer, scheduler, begin, end, seconds=0.0):
    for step in range(begin + 1, end + 1):
        images, labels = batch(step, 0, dist.get_rank())
        images = images + 0.1 * torch.randn_like(images)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        if seconds:
            import time

            time.sleep(seconds)
        scheduler.step() if step > begin + 1 or begin else None
        optimizer.step()


def save(model, path):
    state = get_model_state_dict(model, options=StateDictOptions(full_state_dict=True, cpu_offload=True))
    if dist.get_rank() == 0:
        path.parent.mkdir(exist_ok=True)
        torch.save(state, path)


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("--wrap", default="ddp")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--reference", action="store_true")
    return parser.parse_args()


def evaluation(model):
    calls = []

    def evaluate():
        calls.append(1)
        if len(calls) == 2 and dist.get_rank() == 1:
            raise ValueError("a bad image")
        model.eval()
        images, labels = batch(0, 0, dist.get_rank())
        with torch.no_grad():
            inner = getattr(model, "module", model)  # DDP would send buffers, and rank 0 wait for rank 1
            loss = nn.functional.cross_entropy(inner(images), labels)
        torch.rand(5)
        if len(calls) != 2:
            dist.all_reduce(loss)
        return {"loss": loss}

    return evaluate


def main():
    options = parsed()
    dist.init_process_group("gloo")
    torch.set_num_threads(1)
    if options.reference:
        model, optimizer, scheduler = made(options.wrap)
        train(model, optimizer, scheduler, 0, options.steps)
        save(model, options.report / "reference.pt")
    for attempt in range(2):
        model, optimizer, scheduler = made(options.wrap)
        run = normscope.attach(model, optimizer, scheduler, evaluate=evaluation(model), resume="auto", name="again")
        try:
            train(model, optimizer, scheduler, run.global_step, options.steps, options.seconds)
        except normscope.Stop:
            if attempt or not options.wrap.startswith("fsdp"):
                raise
        else:
            break
    save(model, options.report / "model.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
