"""A small PreTrainedModel with normalization layers under an unchanged Trainer of transformers."""

import torch
import transformers
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.modeling_outputs import SequenceClassifierOutput
from witness import Witness, batch, network, save

transformers.logging.set_verbosity_error()
torch.manual_seed(0)


class Small(PreTrainedModel):
    config_class = PretrainedConfig

    def __init__(self, config):
        super().__init__(config)
        self.net = network()
        self.losses = []
        self.post_init()

    def forward(self, pixel_values=None, labels=None):
        logits = self.net(pixel_values)
        loss = nn.functional.cross_entropy(logits, labels)
        self.losses.append(loss.item())
        return SequenceClassifierOutput(loss=loss, logits=logits)


class Told(TrainerCallback):
    def on_optimizer_step(self, arguments, state, control, optimizer=None, **more):
        witness.step(sum(model.losses) / len(model.losses), optimizer)
        model.losses.clear()


images, labels = batch(0, size=96)
model = Small(PretrainedConfig())
witness = Witness(only=model)
arguments = TrainingArguments(
    "out",
    per_device_train_batch_size=8,
    gradient_accumulation_steps=2,
    num_train_epochs=2,
    learning_rate=0.01,
    report_to=[],
    save_strategy="no",
    logging_strategy="no",
    disable_tqdm=True,
    use_cpu=True,
)
data = [{"pixel_values": image, "labels": label} for image, label in zip(images, labels, strict=True)]
Trainer(model, arguments, train_dataset=data, callbacks=[Told()]).train()
save()
