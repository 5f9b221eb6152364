"""The thread that writes: what it says where a file takes nothing."""

from __future__ import annotations

import math
from pathlib import Path

from normscope._files import _events
from normscope._files._commands import CommandReader
from normscope._files._directory import EngineLog, Status
from normscope._recording._recorder import Recorder
from normscope._training._progress import Progress


def recorder_in(folder: Path, status: Path) -> Recorder:
    return Recorder(
        _events.EventFile(folder, 0.0), Status(status), EngineLog(folder / "engine.log"),
        CommandReader(folder / "commands.jsonl"), Progress(),
    )  # fmt: skip


def test_a_status_that_can_not_be_written_is_said_once_while_events_are(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path, tmp_path / "gone" / "status.json")
    for due in (0.0, math.inf, 0.0, math.inf, 0.0):
        recorder._status_due = due
        recorder._write(lambda: [b"record"])
    assert (tmp_path / "engine.log").read_text().count("the run can't be written") == 1
    (tmp_path / "gone").mkdir()
    recorder._status_due = 0.0
    recorder._write(list)
    (tmp_path / "gone" / "status.json").unlink()
    (tmp_path / "gone").rmdir()
    recorder._status_due = 0.0
    recorder._write(list)
    assert (tmp_path / "engine.log").read_text().count("the run can't be written") == 2


def test_a_heartbeat_is_not_taken_for_what_a_record_costs(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path, tmp_path / "status.json")
    recorder.cost = 12.5
    recorder._look_around()
    assert recorder.cost == 12.5
