"""A LightningModule under an unchanged Trainer; the argument is how many batches make a step."""

import logging
import sys
import warnings

import lightning
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from witness import Witness, batch, network, save

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.simplefilter("ignore")


class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = network()
        self.losses = []

    def training_step(self, pair, index):
        images, labels = pair
        loss = nn.functional.cross_entropy(self.net(images), labels)
        self.losses.append(loss.item())
        self.log("train_loss", loss)
        return loss

    def on_train_batch_end(self, outputs, pair, index):
        if len(self.losses) == trainer.accumulate_grad_batches:
            witness.step(sum(self.losses) / len(self.losses), self.optimizers().optimizer)
            self.losses = []

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.05)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)]


lightning.seed_everything(0, verbose=False)
images, labels = batch(0, size=160)
model = Classifier()
witness = Witness(only=model)
trainer = lightning.Trainer(
    max_epochs=int(sys.argv[2]) if len(sys.argv) > 2 else 2,
    accelerator="cpu",
    devices=1,
    accumulate_grad_batches=int(sys.argv[1]),
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(model, DataLoader(TensorDataset(images, labels), batch_size=16, shuffle=True))
print("fitted")
save()
