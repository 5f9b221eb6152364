"""A program that asks itself for something, so that it is obeyed at a step that is known."""

import json
import time
from pathlib import Path

from normscope import _watch


def ask(run, word, key="", value=""):
    """Appends a command to the run's file, and waits until the watching has read it: it is obeyed after this step."""
    line = {"id": "asked", "time": time.time(), "command": word, "key": key, "value": value}
    with Path(run, "commands.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    while not _watch.observer()._recorder.has_commands:
        time.sleep(0.001)
