"""A deep convolutional GAN, as its tutorial has it: two networks, two optimizers, three calls of backward()."""

import torch
from images import dataset
from torch import nn, optim

torch.manual_seed(999)
nz, ngf, ndf, epochs = 32, 16, 16, 5


def weights_init(module):
    name = module.__class__.__name__
    if name.find("Conv") != -1:
        nn.init.normal_(module.weight.data, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        nn.init.normal_(module.weight.data, 1.0, 0.02)
        nn.init.constant_(module.bias.data, 0)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 2, 7, 1, 0, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, noise):
        return self.main(noise)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2),
            nn.Conv2d(ndf * 2, 1, 7, 1, 0, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, images):
        return self.main(images)


netG, netD = Generator(), Discriminator()
netG.apply(weights_init)
netD.apply(weights_init)
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
dataloader = torch.utils.data.DataLoader(dataset("train"), batch_size=64, shuffle=True)

for epoch in range(epochs):
    for i, (real, _) in enumerate(dataloader):
        netD.zero_grad()
        label = torch.ones(len(real))
        errD_real = criterion(netD(real * 2 - 1).view(-1), label)
        errD_real.backward()
        fake = netG(torch.randn(len(real), nz, 1, 1))
        label.fill_(0)
        errD_fake = criterion(netD(fake.detach()).view(-1), label)
        errD_fake.backward()
        optimizerD.step()

        netG.zero_grad()
        label.fill_(1)
        errG = criterion(netD(fake).view(-1), label)
        errG.backward()
        optimizerG.step()
        if i % 50 == 0:
            loss_d = (errD_real + errD_fake).item()
            print(f"[{epoch}/{epochs}][{i}/{len(dataloader)}]\tLoss_D: {loss_d:.4f}\tLoss_G: {errG.item():.4f}")
