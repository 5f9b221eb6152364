"""Writes the event logs in this directory with real writers, and what TensorBoard's own reader finds in them.

    python make_fixtures.py          needs torch, numpy, tensorboard and tensorboardX
    python make_fixtures.py keras    only reads the log that make_keras_fixture.py wrote

Each log is a directory; beside it NAME.json holds what EventAccumulator gave, value for value.
"""
import json, math, os, shutil, struct, sys

import numpy as np
import torch
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.plugins.scalar import summary_v2 as scalar_summary
from tensorboard.plugins.histogram import summary_v2 as histogram_summary
from tensorboard.plugins.text import summary_v2 as text_summary
from tensorboard.util import tensor_util
import tensorboardX
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import make_histogram

HERE = os.path.dirname(os.path.abspath(__file__))
START = 1_700_000_000.0


def directory(name):
    path = os.path.join(HERE, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def settle(path, number=0):
    """Gives the one new file in a directory a name that doesn't change from one making to the next."""
    known = [n for n in os.listdir(path) if n.startswith("events.out.tfevents.17000000")]
    new = [n for n in os.listdir(path) if "tfevents" in n and n not in known]
    assert len(new) == 1, new
    name = f"events.out.tfevents.17000000{number:02}.host.1.0"
    os.rename(os.path.join(path, new[0]), os.path.join(path, name))


def number(value):
    value = float(value)
    return value if math.isfinite(value) else ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")


def elements(proto):
    """A tensor's elements; bfloat16 by hand, which TensorBoard can't read without TensorFlow."""
    if proto.dtype == types_pb2.DT_BFLOAT16:
        halves = np.frombuffer(proto.tensor_content, np.uint16) if proto.tensor_content else np.array(proto.half_val)
        return (halves.astype(np.uint32) << 16).view(np.float32)
    return tensor_util.make_ndarray(proto).flatten()


def expected(path):
    reader = event_accumulator.EventAccumulator(
        path, size_guidance=event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE)
    reader.Reload()
    result = {"scalars": {}, "tensors": {}, "histograms": {}, "texts": {}, "others": {}, "hyperparameters": {}}
    for tag in reader.Tags()["scalars"]:
        result["scalars"][tag] = [[e.step, e.wall_time, number(e.value)] for e in reader.Scalars(tag)]
    for tag in reader.Tags()["histograms"]:
        result["histograms"][tag] = [
            {
                "step": e.step, "time": e.wall_time,
                "moments": [number(x) for x in (
                    e.histogram_value.min, e.histogram_value.max, e.histogram_value.num,
                    e.histogram_value.sum, e.histogram_value.sum_squares)],
                "limits": [number(x) for x in e.histogram_value.bucket_limit],
                "counts": [number(x) for x in e.histogram_value.bucket],
            } for e in reader.Histograms(tag)]
    for tag in reader.Tags()["images"]:
        result["others"][tag] = len(reader.Images(tag))
    for tag in reader.Tags()["tensors"]:
        metadata = reader.summary_metadata.get(tag)
        plugin = metadata.plugin_data.plugin_name if metadata else ""
        entries = [(e.step, e.wall_time, e.tensor_proto) for e in reader.Tensors(tag)]
        if plugin == "scalars":
            result["scalars"][tag] = [[s, t, number(tensor_util.make_ndarray(p).item())] for s, t, p in entries]
        elif plugin == "text":
            result["texts"][tag] = [
                [s, t, "\n".join(b.decode() for b in tensor_util.make_ndarray(p).flatten())] for s, t, p in entries]
        elif plugin == "histograms":
            result["histograms"][tag] = [
                {"step": s, "time": t, "buckets": tensor_util.make_ndarray(p).astype(float).tolist()}
                for s, t, p in entries]
        elif plugin == "images" or plugin.startswith("graph"):
            result["others"][tag] = len(entries)
        elif plugin != "hparams":
            result["tensors"][tag] = [
                {"step": s, "time": t, "values": [number(x) for x in elements(p)]}
                for s, t, p in entries]
    if "_hparams_/session_start_info" in reader.summary_metadata:
        content = reader.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        values = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
        result["hyperparameters"] = {k: getattr(v, v.WhichOneof("kind")) for k, v in values.items()}
    return result


def finish(name):
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump(expected(os.path.join(HERE, name)), file, indent=0, sort_keys=True)


def torch_log():
    """A PyTorch user's run: every kind of value that SummaryWriter knows and a terminal can show."""
    path = directory("torch")
    values = torch.Generator().manual_seed(1)
    writer = SummaryWriter(path)
    for step in range(200):
        time = START + step * 0.25
        loss = math.exp(-step / 50) + 0.1 * math.sin(step)
        writer.add_scalar("train/loss", loss, step, time)
        writer.add_scalar("train/spiky", [1.5, float("nan"), float("inf"), float("-inf")][step % 4], step, time)
        if step % 10 == 0:
            writer.add_scalar("new/float", loss, step, time, new_style=True)
            writer.add_scalar("new/double", loss, step, time, new_style=True, double_precision=True)
        if step % 40 == 0:
            weight = torch.randn(1000, generator=values) * (1 + step / 100)
            writer.add_histogram("layer1.1.weight", weight, step, walltime=time)
            writer.add_histogram("layer1.1.bias", torch.linspace(-1, 1, 16), step, bins=8, walltime=time)
            writer.add_tensor("layer1.1.running_mean", torch.randn(16, generator=values), step, time)
            writer.add_tensor("double", torch.tensor([0.1, -2.5, 1e300], dtype=torch.float64), step, time)
            writer.add_tensor("int64", torch.tensor([1, -2, 1 << 40]), step, time)
            writer.add_tensor("int32", torch.tensor([1, -2, 1 << 30], dtype=torch.int32), step, time)
            writer.add_text("notes", f"step {step}: *so far* so good\nsecond line", step, time)
            writer.add_image("picture", torch.zeros(3, 4, 4), step, time)
    writer.close()
    settle(path)
    finish("torch")


def torch_hparams():
    path = directory("torch-hparams")
    writer = SummaryWriter(path)
    writer.add_hparams({"lr": 0.05, "optimizer": "SGD", "nesterov": True, "batch": 64}, {"hparam/accuracy": 0.875},
                       run_name=".", global_step=7)
    writer.close()
    first, second = sorted(n for n in os.listdir(path) if "tfevents" in n)
    os.remove(os.path.join(path, min(first, second, key=lambda n: os.path.getsize(os.path.join(path, n)))))
    settle(path)
    finish("torch-hparams")


def torch_restart():
    """Two files: the second goes on from step 60, so what the first has from there on is void."""
    path = directory("torch-restart")
    writer = SummaryWriter(path)
    for step in range(100):
        writer.add_scalar("loss", step / 100, step, START + step)
        writer.add_histogram("weight", torch.full((8,), float(step + 1)), step, walltime=START + step)
    writer.close()
    settle(path)
    writer = SummaryWriter(path, purge_step=60)
    for step in range(60, 80):
        writer.add_scalar("loss", -step / 100, step, START + 1000 + step)
    writer.close()
    settle(path, 1)
    finish("torch-restart")


def tensorboardx_log():
    path = directory("tensorboardX")
    writer = tensorboardX.SummaryWriter(path)
    values = np.random.default_rng(2)
    for step in range(100):
        writer.add_scalar("val/accuracy", 1 - 1 / (step + 1), step, START + step)
        if step % 25 == 0:
            writer.add_histogram("conv.weight", values.normal(size=500), step, walltime=START + step)
            writer.add_text("control", f"lr set to {0.1 / (step + 1)}", step, START + step)
    writer.close()
    settle(path)
    finish("tensorboardX")


def record(event):
    data = event.SerializeToString()
    header = struct.pack("<Q", len(data))
    return header + struct.pack("<I", masked_crc32c(header)) + data + struct.pack("<I", masked_crc32c(data))


def write(path, events, name="events.out.tfevents.1700000000.host.1.0"):
    with open(os.path.join(path, name), "wb") as file:
        file.write(b"".join(record(e) for e in events))


def tensorflow2_log():
    """What tf.summary and Keras write: every value a tensor, in any type, by TensorBoard's own summary functions."""
    path = directory("tensorflow2")
    events = [event_pb2.Event(wall_time=START, file_version="brain.Event:2")]
    types = [np.float32, np.float64, np.float16, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.bool_]
    values = np.random.default_rng(3)
    for step in range(20):
        summary = summary_pb2.Summary()
        summary.value.add().CopyFrom(scalar_summary.scalar_pb("epoch_loss", 1 / (step + 1)).value[0])
        for kind in types:
            pb = scalar_summary.scalar_pb("scalar/" + kind.__name__, 0)
            pb.value[0].tensor.CopyFrom(tensor_util.make_tensor_proto(kind(step % 2 if kind is np.bool_ else step * 3)))
            summary.value.add().CopyFrom(pb.value[0])
            plain = summary.value.add(tag="vector/" + kind.__name__)
            plain.tensor.CopyFrom(tensor_util.make_tensor_proto(np.arange(5).astype(kind)))
        events.append(event_pb2.Event(wall_time=START + step, step=step, summary=summary))
        more = [histogram_summary.histogram_pb("dense/kernel", values.normal(size=300), buckets=12),
                histogram_summary.histogram_pb("dense/constant", np.full(9, 2.5), buckets=12)]
        if step % 5 == 0:
            more.append(text_summary.text_pb("notes", f"epoch {step}"))
        events += [event_pb2.Event(wall_time=START + step, step=step, summary=s) for s in more]
    write(path, events)
    finish("tensorflow2")


def legacy_log():
    """Without a file version TensorBoard takes a step that goes back for a restart."""
    path = directory("legacy")
    events = []
    for step in list(range(50)) + list(range(30, 70)) + list(range(10, 20)):
        summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="loss", simple_value=len(events))])
        events.append(event_pb2.Event(wall_time=START + len(events), step=step, summary=summary))
    write(path, events)
    finish("legacy")


def histograms():
    """What SummaryWriter makes of values with its default buckets."""
    bins = SummaryWriter("/dev/shm/unused-log").default_bins
    shutil.rmtree("/dev/shm/unused-log")
    values = np.random.default_rng(4)
    cases = {
        "normal": values.normal(size=400), "ones": np.ones(5), "zeros": np.zeros(3), "negative": -values.random(50),
        "one value": [0.3], "wide": values.choice([-1, 1], 300) * 10.0 ** values.uniform(-14, 19.5, 300),
        "at limits": [float(np.float32(b)) for b in bins[700:850]], "symmetric": np.linspace(-2, 2, 33),
    }
    result = {}
    for name, case in cases.items():
        case = np.asarray(case, dtype=np.float32)
        made = make_histogram(case.astype(float), bins)
        result[name] = {
            "values": [float(x) for x in case],
            "moments": [made.min, made.max, made.num, made.sum, made.sum_squares],
            "limits": list(made.bucket_limit), "counts": list(made.bucket),
        }
    with open(os.path.join(HERE, "histograms.json"), "w") as file:
        json.dump(result, file, indent=0)


if sys.argv[1:]:
    # Logs that another script wrote.
    for name in sys.argv[1:]:
        finish(name)
    sys.exit()

histograms()
torch_log()
torch_hparams()
torch_restart()
tensorboardx_log()
tensorflow2_log()
legacy_log()
