"""What is written here, read by TensorBoard's own reader."""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

from normscope._files import _events
from normscope._files._events import EventFile, HistogramData


def events_of(folder: Path) -> list[Any]:
    """All events of a folder's files, in order."""
    return [event for path in sorted(folder.glob("events*")) for event in EventFileLoader(str(path)).Load()]


def written(folder: Path, *records: bytes, restart_step: int | None = None) -> list[Any]:
    file = EventFile(folder, 1_700_000_000.5, restart_step)
    for record in records:
        file.add(record)
    file.close()
    return events_of(folder)


def test_a_file_begins_with_its_version(tmp_path: Path) -> None:
    (first,) = written(tmp_path)
    assert first.file_version == "brain.Event:2"
    assert first.wall_time == 1_700_000_000.5


def test_a_restart_is_told_to_readers(tmp_path: Path) -> None:
    _, start = written(tmp_path, restart_step=1201)
    assert start.step == 1201
    assert start.session_log.status == start.session_log.START


@pytest.mark.parametrize("step", [0, 1, 127, 128, 1 << 40, -1])
@pytest.mark.parametrize("value", [0.5, -3.0, math.inf, 1e300, -1e300])
def test_scalars_keep_step_and_value(tmp_path: Path, step: int, value: float) -> None:
    event = written(tmp_path, _events.event([_events.scalar("train/loss", value)], step, 12.5))[1]
    expected = value if abs(value) < 1e38 else math.copysign(math.inf, value)
    assert event.step == step
    assert event.wall_time == 12.5
    assert tensor_util.make_ndarray(event.summary.value[0].tensor) == numpy.float32(expected)


def test_a_loss_that_is_not_a_number_stays_so(tmp_path: Path) -> None:
    event = written(tmp_path, _events.event([_events.scalar("train/loss", math.nan)], 1, 0.0))[1]
    assert math.isnan(tensor_util.make_ndarray(event.summary.value[0].tensor))


@pytest.mark.parametrize("shape", [(1,), (16,), (3, 5), (0,)])
def test_tensors_keep_shape_and_values(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = numpy.random.default_rng(0).normal(size=shape).astype("<f4")
    record = _events.event([_events.tensor("batchnorm/layer1.1/running_mean", values.tobytes(), shape)], 7, 1.0)
    value = written(tmp_path, record)[1].summary.value[0]
    assert value.tag == "batchnorm/layer1.1/running_mean"
    assert value.metadata.plugin_data.plugin_name == "tensor"
    numpy.testing.assert_array_equal(tensor_util.make_ndarray(value.tensor), values)


def test_many_values_share_one_event(tmp_path: Path) -> None:
    values = [_events.scalar(f"tag{number}", number) for number in range(300)]
    event = written(tmp_path, _events.event(values, 3, 0.0))[1]
    assert [value.tag for value in event.summary.value] == [f"tag{number}" for number in range(300)]


def test_texts_are_tensorboards(tmp_path: Path) -> None:
    words = "set lr=*0.5: learning rate 0.01 → 0.005"
    value = written(tmp_path, _events.event([_events.text("control", words)], 2, 0.0))[1].summary.value[0]
    assert value.metadata.plugin_data.plugin_name == "text"
    assert tensor_util.make_ndarray(value.tensor)[0].decode() == words


def test_histograms_keep_counts_and_sums() -> None:
    data = HistogramData(-1.0, 3.0, 10.0, 5.0, 25.0, [0.0, 1.0, 3.0], [2.0, 3.0, 5.0])
    event = Event.FromString(_events.event([_events.histogram("fc.weight", data)], 2, 0.0))
    found = event.summary.value[0].histo
    assert (found.min, found.max, found.num, found.sum, found.sum_squares) == (-1, 3, 10, 5, 25)
    assert list(found.bucket_limit) == [0, 1, 3]
    assert list(found.bucket) == [2, 3, 5]


def test_hyperparameters_are_those_of_the_hparams_plugin() -> None:
    record = _events.hyperparameters({"lr": 0.1, "model": "Net", "nesterov": True, "epochs": 3}, 5.0)
    value = Event.FromString(record).summary.value[0]
    assert value.tag == "_hparams_/session_start_info"
    content = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
    settings = content.session_start_info.hparams
    assert settings["lr"].number_value == 0.1
    assert settings["model"].string_value == "Net"
    assert settings["nesterov"].bool_value is True
    assert settings["epochs"].number_value == 3
    assert content.session_start_info.start_time_secs == 5


def test_the_end_of_a_run_is_that_of_the_hparams_plugin() -> None:
    value = Event.FromString(_events.session_end(2, 9.0)).summary.value[0]
    content = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
    assert content.session_end_info.status == 2
    assert content.session_end_info.end_time_secs == 9


def test_a_later_file_sorts_after_those_that_are_there_whatever_the_clock_says(tmp_path: Path) -> None:
    first = EventFile(tmp_path, 2_000_000_000)
    second = EventFile(tmp_path, 1_000_000_000)  # the clock was set back
    assert sorted([second.path, first.path]) == [first.path, second.path]
    first.close()
    second.close()


def test_a_disk_that_takes_half_a_record_leaves_a_whole_file_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = EventFile(tmp_path, 0)
    file.flush()
    real, sizes = os.write, iter([10, 0])

    def full(descriptor: int, data: Any) -> int:
        size = next(sizes)
        if size == 0:
            raise OSError(28, "No space left on device")
        return real(descriptor, bytes(data)[:size])

    file.add(_events.event([_events.scalar("train/loss", 1.0)], 1, 0.0))
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            file.flush()
    file.add(_events.event([_events.scalar("train/loss", 2.0)], 2, 0.0))
    file.close()
    assert [event.step for event in events_of(tmp_path)[1:]] == [1, 2]
    assert file.dropped == 0


def test_records_are_given_up_and_counted_when_too_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_events, "_PENDING_LIMIT", 100)
    file = EventFile(tmp_path, 0)
    for step in range(10):
        file.add(_events.event([_events.scalar("train/loss", 1.0)], step, 0.0))
    assert file.dropped > 0
    file.close()
    assert len(events_of(tmp_path)) == 1 + 10 - file.dropped


def test_a_framed_record_is_tfrecords() -> None:
    record = b"x" * 200
    framed = _events.framed(record)
    assert struct.unpack("<Q", framed[:8]) == (200,)
    assert framed[12:-4] == record
