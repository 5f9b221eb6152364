"""A ResNet on several processes with DistributedDataParallel, as torchrun's tutorials have it."""

import os
import sys

import torch
import torch.distributed as dist
import torch.nn.functional as F
from images import dataset
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, DistributedSampler


class BasicBlock(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inputs != planes:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + identity)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(BasicBlock(16, 16, 1), BasicBlock(16, 16, 1))
        self.layer2 = nn.Sequential(BasicBlock(16, 32, 2), BasicBlock(32, 32, 1))
        self.layer3 = nn.Sequential(BasicBlock(32, 64, 2), BasicBlock(64, 64, 1))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


class Trainer:
    def __init__(self, model, data, optimizer):
        self.rank = dist.get_rank()
        self.model = DDP(model)
        self.data = data
        self.optimizer = optimizer

    def run_epoch(self, epoch):
        self.data.sampler.set_epoch(epoch)
        for source, targets in self.data:
            self.optimizer.zero_grad()
            loss = F.cross_entropy(self.model(source), targets)
            loss.backward()
            self.optimizer.step()
        print(f"[rank {self.rank}] epoch {epoch} | steps {len(self.data)} | loss {loss.item():.4f}")

    def train(self, epochs):
        for epoch in range(epochs):
            self.run_epoch(epoch)


def main():
    torch.set_num_threads(1)
    dist.init_process_group(backend="nccl" if torch.cuda.is_available() else "gloo")
    torch.manual_seed(int(os.environ["RANK"]))
    model = ResNet()
    if "--sync-bn" in sys.argv:
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    images = dataset("train")
    if "--by-class" in sys.argv:  # each rank has classes of its own: the mistake that ranks-disagree finds
        order = images.tensors[1].argsort()
        images = torch.utils.data.TensorDataset(*(tensor[order] for tensor in images.tensors))
        half = len(images) // dist.get_world_size()
        images = torch.utils.data.Subset(images, range(dist.get_rank() * half, (dist.get_rank() + 1) * half))
        sampler = torch.utils.data.DistributedSampler(images, num_replicas=1, rank=0)
    else:
        sampler = DistributedSampler(images)
    data = DataLoader(images, batch_size=32, sampler=sampler)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    Trainer(model, data, optimizer).train(int(os.environ.get("EPOCHS", "5")))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
