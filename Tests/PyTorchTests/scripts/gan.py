"""Two networks that train against each other, as in PyTorch's DCGAN example."""

import torch
from torch import nn
from witness import TRUTH, Witness, batch, gradient_norm, save


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(10, 8, 4), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4, 2, 1), nn.Tanh()
        )

    def forward(self, noise):
        return self.main(noise)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, 6, 4, 2, 1), nn.BatchNorm2d(6), nn.LeakyReLU(0.2), nn.Conv2d(6, 1, 4), nn.Sigmoid()
        )

    def forward(self, images):
        return self.main(images).view(-1)


torch.manual_seed(0)
netG = Generator()
netD = Discriminator()
witness = Witness(netD=netD, netG=netG)
criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-3, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.5, 0.999))

for step in range(14):
    real, _ = batch(step)
    netD.zero_grad()
    errD_real = criterion(netD(real), torch.ones(16))
    errD_real.backward()
    fake = netG(torch.randn(16, 10, 1, 1))
    errD_fake = criterion(netD(fake.detach()), torch.zeros(16))
    errD_fake.backward()
    normD = gradient_norm(optimizerD)
    errD = errD_real + errD_fake
    optimizerD.step()
    netG.zero_grad()
    errG = criterion(netD(fake), torch.ones(16))
    errG.backward()
    normG = gradient_norm(optimizerG)
    optimizerG.step()
    witness.step(errD, optimizerD, generator=errG.item(), norms=[normD, normG])
assert len(TRUTH) == 14
save()
