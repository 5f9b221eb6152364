"""A program under ``python -m normscope`` finds what it would find under Python itself, and ends as it would."""

from __future__ import annotations

import signal
import textwrap
from pathlib import Path

import pytest
from conftest import Launcher, Outcome, interrupt

FACTS = """
import json, os, pickle, sys
class Thing: pass
facts = {
    "argv": sys.argv, "path": sys.path[:1], "name": __name__, "file": __file__, "package": __package__,
    "spec": __spec__ and __spec__.name, "cached": __cached__, "loader": type(__loader__).__name__,
    "names": sorted(name for name in globals() if name.startswith("__")), "doc": __doc__,
    "main": sys.modules["__main__"].__dict__ is globals(),
    "pickled": type(pickle.loads(pickle.dumps(Thing()))).__qualname__,
    "torch": "torch" in sys.modules, "debug": __debug__, "input": sys.stdin.read(),
}
print(json.dumps(facts, indent=1))
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def ends_alike(launch: Launcher, *arguments: str, **options: object) -> str:
    """Asserts that a program prints the same and ends the same with us and without; gives what it prints."""
    without, with_us = launch.both(*arguments, **options)
    alike(without, with_us)
    return without.output + without.errors


def alike(without: Outcome, with_us: Outcome) -> None:
    assert with_us.output == without.output
    assert with_us.other_errors == without.errors
    assert with_us.status == without.status


@pytest.mark.parametrize("interpreter", [(), ("-O",), ("-P",)], ids=["plain", "optimized", "safe path"])
def test_a_script_finds_itself_as_under_python(launch: Launcher, tmp_path: Path, interpreter: tuple[str, ...]) -> None:
    written(tmp_path, "sub/facts.py", FACTS)
    said = ends_alike(
        launch, "sub/facts.py", "--name", "x", "-m", folder=tmp_path, given="hello", interpreter=interpreter
    )
    assert '"input": "hello"' in said
    assert '"torch": false' in said


def test_a_script_behind_a_link_imports_from_beside_its_target(launch: Launcher, tmp_path: Path) -> None:
    written(tmp_path, "real/beside.py", "word = 'found'")
    written(tmp_path, "real/main.py", "import beside, sys; print(beside.word, sys.path[0], sys.argv, __file__)")
    (tmp_path / "link.py").symlink_to("real/main.py")
    assert "found" in ends_alike(launch, "link.py", folder=tmp_path)


@pytest.mark.parametrize("module", ["package", "package.inner", "lonely"])
def test_a_module_finds_itself_as_under_python(launch: Launcher, tmp_path: Path, module: str) -> None:
    written(tmp_path, "package/__init__.py", "")
    for name in ("package/__main__.py", "package/inner.py", "lonely.py"):
        written(tmp_path, name, FACTS)
    assert '"argv"' in ends_alike(launch, "-m", module, "one", folder=tmp_path, given="")


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit('no data')", 1),
        ("raise SystemExit(True)", 1),
        ("import os; print('x', flush=True); os._exit(7)", 7),
        ("def f(): raise ValueError('a\\nb')\nf()", 1),
        ("try:\n 1/0\nexcept ZeroDivisionError as e:\n raise KeyError('k') from e", 1),
        ("try:\n 1/0\nexcept ZeroDivisionError:\n raise KeyError('k')", 1),
        ("raise ExceptionGroup('g', [ValueError(1)])", 1),
        ("raise KeyboardInterrupt", -2),
        ("import sys\nsys.excepthook = lambda *a: print('mine', a[0].__name__)\n1/0", 1),
        ("# coding: latin-1\nprint(ascii('\u00fc'))", 0),
        ("import atexit\natexit.register(print, 'good-bye')\n1/0", 1),
        ("import warnings\nwarnings.warn('look', stacklevel=1)", 0),
        ("import threading\nt = threading.Thread(target=lambda: 1/0, name='t')\nt.start(); t.join()", 0),
    ],
)
@pytest.mark.parametrize("arguments", [("ending.py",), ("-m", "ending")], ids=["script", "module"])
def test_a_program_ends_as_under_python(
    launch: Launcher, tmp_path: Path, program: str, status: int, arguments: tuple[str, ...]
) -> None:
    written(tmp_path, "ending.py", program)
    without, with_us = launch.both(*arguments, folder=tmp_path)
    assert without.status == status
    alike(without, with_us)


def test_a_fault_in_a_script_s_text_is_shown_as_by_python(launch: Launcher, tmp_path: Path) -> None:
    written(tmp_path, "faulty.py", "def f(:")
    assert "SyntaxError" in ends_alike(launch, "faulty.py", folder=tmp_path)
    outcome = launch("-m", "faulty", folder=tmp_path)
    assert outcome.status == 1
    assert outcome.errors.startswith('  File "')
    assert "SyntaxError" in outcome.errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [("waits.py",), ("-m", "waits")], ids=["script", "module"])
def test_a_signal_ends_a_program_as_under_python(
    launch: Launcher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    arguments: tuple[str, ...],
) -> None:
    # Wherever in the last line the signal comes, the traceback is the same.
    monkeypatch.setenv("PYTHONNODEBUGRANGES", "1")
    written(
        tmp_path,
        "waits.py",
        """
        import atexit, time
        atexit.register(print, "good-bye")
        print("ready", flush=True) or time.sleep(60)
        """,
    )
    outcomes = []
    for plain in (True, False):
        program = launch.start(*arguments, folder=tmp_path, plain=plain)
        interrupt(program, number)
        outcomes.append(program.outcome())
    without, with_us = outcomes
    assert (with_us.status, with_us.output) == (without.status, without.output)
    assert with_us.status == -number
    assert with_us.other_errors == without.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("none.py",), "none.py"), (("-m", "no_such_module"), "no_such_module"), ((".",), "folder")],
)
def test_what_is_not_there_is_said_in_one_line(launch: Launcher, arguments: tuple[str, ...], words: str) -> None:
    outcome = launch(*arguments)
    assert outcome.status in (1, 2)
    assert len(outcome.errors.splitlines()) == 1
    assert words in outcome.errors
    assert not (outcome.folder / "runs").exists()


def test_a_program_that_trains_nothing_is_left_alone_with_one_line(launch: Launcher) -> None:
    outcome = launch("nothing.py")
    assert outcome.status == 0
    assert outcome.output == "tensor(3.)\n"
    assert outcome.own_lines == ["normscope: nothing was trained in nothing, so there is no run"]
    assert outcome.other_errors == ""
    assert not (outcome.folder / "runs").exists()


@pytest.mark.parametrize("version", ["1.13.1", "2.0.1+cu118", None])
def test_an_old_torch_is_said_in_one_line_and_the_program_runs(
    launch: Launcher, tmp_path: Path, version: str | None
) -> None:
    text = "raise ImportError('no torch here')" if version is None else f"__version__ = {version!r}"
    written(tmp_path, "fake/torch/__init__.py", text)
    written(tmp_path, "old.py", "try:\n import torch\n print(torch.__version__)\nexcept ImportError as e:\n print(e)")
    outcome = launch("old.py", folder=tmp_path, environment={"PYTHONPATH": str(tmp_path / "fake")})
    assert outcome.status == 0
    assert outcome.output == f"{version or 'no torch here'}\n"
    assert len(outcome.own_lines) == 1
    assert (version or "nothing was trained") in outcome.own_lines[0]
    assert outcome.other_errors == ""
