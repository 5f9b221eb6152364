"""The command file as a run reads it, and the words in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from normscope._files._commands import Amount, Command, CommandError, CommandReader


def line(word: str = "pause", identifier: str = "a1", **fields: object) -> bytes:
    return json.dumps({"id": identifier, "time": 1.5, "command": word, **fields}).encode() + b"\n"


def append(path: Path, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


def test_reads_each_complete_line_once(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    reader = CommandReader(path)
    assert reader.poll() == ([], [])
    append(path, line("pause", "1") + line("resume", "2")[:10])
    assert [command.identifier for command in reader.poll()[0]] == ["1"]
    append(path, line("resume", "2")[10:])
    assert [command.word for command in reader.poll()[0]] == ["resume"]
    assert reader.poll() == ([], [])


def test_a_run_that_goes_on_does_not_obey_old_commands(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    append(path, line("stop", "1"))
    reader = CommandReader(path, from_end=True)
    append(path, line("pause", "2"))
    assert [command.identifier for command in reader.poll()[0]] == ["2"]


def test_a_replaced_file_is_not_obeyed_anew(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    append(path, line("pause", "1"))
    reader = CommandReader(path)
    assert len(reader.poll()[0]) == 1
    path.unlink()
    append(path, line("stop", "2"))
    commands, problems = reader.poll()
    assert commands == []
    assert len(problems) == 1
    assert "replaced" in problems[0]
    append(path, line("resume", "3"))
    assert [command.identifier for command in reader.poll()[0]] == ["3"]


def test_a_file_that_anybody_may_write_to_is_refused_once(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    append(path, line())
    path.chmod(0o666)
    reader = CommandReader(path)
    commands, problems = reader.poll()
    assert commands == []
    assert "chmod o-w" in problems[0]
    append(path, line())
    assert reader.poll() == ([], [])


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    append(tmp_path / "elsewhere", line())
    (tmp_path / "commands.jsonl").symlink_to(tmp_path / "elsewhere")
    commands, problems = CommandReader(tmp_path / "commands.jsonl").poll()
    assert commands == []
    assert len(problems) == 1


def test_a_line_without_end_is_given_up_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    reader = CommandReader(path)
    append(path, b"x" * 200_000)
    problems: list[str] = []
    for _ in range(5):
        problems += reader.poll()[1]
    append(path, b"\n" + line("pause", "9"))
    assert [command.identifier for command in reader.poll()[0]] == ["9"]
    assert any("16384 bytes" in problem for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\n",
        b"[]\n",
        b'{"id": "1"}\n',
        b'{"id": "", "command": "pause"}\n',
        b'{"id": "a b", "command": "pause"}\n',
        b'{"id": 3, "command": "pause"}\n',
        b'{"id": "1", "command": "dance"}\n',
        b"\xff\xfe\n",
    ],
)
def test_a_line_that_is_no_command_is_told_and_skipped(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "commands.jsonl"
    append(path, text + line("pause", "2"))
    commands, problems = CommandReader(path).poll()
    assert [command.identifier for command in commands] == ["2"]
    assert len(problems) == 1


@pytest.mark.parametrize(("value", "expected"), [("0.01", "0.01"), (0.01, "0.01"), ("*0.5", "*0.5"), (1, "1")])
def test_a_value_may_be_a_text_or_a_number(value: object, expected: str) -> None:
    command = Command.parse(line("set", key="lr", value=value))
    assert str(command) == f"set lr={expected}"


@pytest.mark.parametrize(("text", "result"), [("0.02", 0.02), ("*0.5", 0.05), ("×2", 0.2), ("x3", 0.3), ("0", 0.0)])
def test_amounts_are_numbers_or_factors(text: str, result: float) -> None:
    assert Amount.parse(text, "a number").of(0.1) == pytest.approx(result)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "*0", "*-2", "fast", "*"])
def test_an_amount_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="expected a number"):
        Amount.parse(text, "a number")
