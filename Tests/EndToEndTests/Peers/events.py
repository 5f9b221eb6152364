"""What TensorBoard's own reader finds in a run directory.

usage: python events.py RUN      needs: tensorboard. Prints {"scalars": {tag: [[step, value], …]}, "histograms": {tag: count}, …}.
"""
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

log = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
log.Reload()
tags = log.Tags()
print(json.dumps({
    "scalars": {t: [[e.step, e.value] for e in log.Scalars(t)] for t in tags["scalars"]},
    "histograms": {t: len(log.Histograms(t)) for t in tags["histograms"]},
    "tensors": {t: len(log.Tensors(t)) for t in tags["tensors"]}}))
