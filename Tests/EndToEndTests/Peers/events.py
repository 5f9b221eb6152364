"""What TensorBoard's own reader finds in a run directory.

usage: python events.py RUN      needs: tensorboard. Prints {"scalars": {tag: [[step, value], …]}, "histograms": {tag: count}, …},
the hyperparameters of the HParams page and how it says the run ended among them.
"""
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

log = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
log.Reload()
tags = log.Tags()
settings, ended = {}, None
if metadata.SESSION_START_INFO_TAG in tags["tensors"]:
    content = log.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    for name, value in metadata.parse_session_start_info_plugin_data(content).hparams.items():
        settings[name] = getattr(value, value.WhichOneof("kind"))
if metadata.SESSION_END_INFO_TAG in tags["tensors"]:
    content = log.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
    ended = metadata.parse_session_end_info_plugin_data(content).status
print(json.dumps({
    "hyperparameters": settings, "ended": ended,
    "scalars": {t: [[e.step, e.value] for e in log.Scalars(t)] for t in tags["scalars"]},
    "histograms": {t: len(log.Histograms(t)) for t in tags["histograms"]},
    "tensors": {t: len(log.Tensors(t)) for t in tags["tensors"]}}))
