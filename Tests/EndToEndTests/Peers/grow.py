"""Logs 10 points a second in 20 series until it is ended, for two readers at once.

usage: python grow.py FOLDER [wandb]      FOLDER/ours gets TensorBoard's format; with `wandb`, an offline run of LEET's beside it.
Prints the folder of the offline run, or an empty line, once the first points stand in both.
"""
import math, os, sys, time

from records import scalar_record

folder = sys.argv[1]
os.makedirs(f"{folder}/ours")
run = None
if len(sys.argv) > 2:
    import wandb
    run = wandb.init(mode="offline", project="measure", dir=folder)
with open(f"{folder}/ours/events.out.tfevents.1700000000.grow.1.0", "wb", buffering=0) as log:
    begin, step = time.monotonic(), 0
    while True:
        values = {f"train/metric_{i}": math.exp(-step / 1e3) + 0.1 * math.sin(step * 0.1 + i) for i in range(20)}
        log.write(b"".join(scalar_record(tag.encode(), step, value, time.time()) for tag, value in values.items()))
        if run:
            run.log(values)
        if step == 0:
            print(os.path.dirname(run.dir) if run else "", flush=True)
        step += 1
        time.sleep(max(0, begin + step * 0.1 - time.monotonic()))
