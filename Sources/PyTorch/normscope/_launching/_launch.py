"""Running a program as Python itself would, watched: ``python -m normscope train.py ARG…``.

The program finds ``sys.argv``, ``sys.path``, ``__main__``, standard input and signals as without us; its exit status
and its tracebacks are its own. torch is not imported before the program does it: what it sets before that (visible
devices, threads) still counts.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import io
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from normscope._launching import _child
from normscope._version import VERSION

# Where torch calls what it must not compile, such as ours.
_AROUND_OURS = ("torch/_compile.py", "torch/_dynamo/eval_frame.py")
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs what the command line names."""
    given = _parser().parse_args(arguments)
    sys.argv = [given.program, *given.arguments]
    try:
        name, code, module = _module(given.program) if given.module else _script(given.program)
    except _NotFoundError as error:
        print(f"normscope: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    if given.module:
        sys.argv[0] = module.__file__ or name
    watching = _child.Watching(
        runs=os.path.abspath(given.runs),
        name=given.name or (name.rpartition(".")[2] if given.module else Path(name).stem),
        every=given.every,
        program=" ".join([name, *given.arguments]),
    )
    watching.begin()
    for number in given.checkpoint_on:
        signal.signal(number, watching.signalled)
    sys.modules["__main__"] = module
    del given  # the program's own settings are looked for in frames: ours must not be among them
    _run(code, module, watching)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m normscope",
        usage="python -m normscope [OPTION…] SCRIPT [ARG…]\n       python -m normscope [OPTION…] -m MODULE [ARG…]",
        description="Runs a PyTorch program unchanged: its training writes a run directory and obeys the dashboard.",
        allow_abbrev=False,
    )
    parser.add_argument("--runs", default="runs", metavar="DIR", help="the folder of runs (runs)")
    parser.add_argument("--name", default="", help="the run's name (the script's)")
    parser.add_argument(
        "--every", type=_seconds, metavar="SECONDS", help="time between two records (fitted to the run)"
    )
    parser.add_argument(
        "--checkpoint-on",
        type=_signal,
        action="append",
        default=[],
        metavar="SIGNAL",
        help="a signal, such as SIGUSR1 or SIGTERM, that writes a checkpoint and ends with status 0",
    )
    parser.add_argument("--version", action="version", version=f"normscope {VERSION}")
    parser.add_argument("-m", dest="module", action="store_true", help="the program is a module")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 86400:
        raise argparse.ArgumentTypeError(f"{text} is no time between two records: give seconds, such as 0.5")
    return seconds


def _signal(text: str) -> signal.Signals:
    try:
        return signal.Signals[text.upper() if text.upper().startswith("SIG") else f"SIG{text.upper()}"]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text} is no signal: give a name such as SIGUSR1") from None


class _NotFoundError(Exception):
    """The program can't be run; the message says why."""


def _script(path: str) -> tuple[str, CodeType, ModuleType]:
    """The code of a script, and the module that it runs as: what Python itself makes of ``python PATH``."""
    if os.path.isdir(path):
        raise _NotFoundError(f"{path} is a folder: name a script in it, or a module with -m")
    whole = os.path.join(os.getcwd(), path.removeprefix("./"))
    try:
        with io.open_code(whole) as file:
            source = file.read()
    except OSError as error:
        raise _NotFoundError(f"can't open {path}: {error.strerror}") from None
    _import_from(os.path.dirname(os.path.realpath(path)))
    loader = importlib.machinery.SourceFileLoader("__main__", whole)
    return path, _compiled(source, whole), _main_module(loader, whole)


def _import_from(folder: str) -> None:
    """Puts the program's folder where ours is on the path of imports; Python's option -P has neither."""
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder


def _compiled(source: bytes, path: str) -> CodeType:
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _ended_by(error) from None


def _ended_by(error: SyntaxError) -> SystemExit:
    """Prints a fault of the program's text without our frames."""
    error.__traceback__ = None
    sys.excepthook(type(error), error, None)
    return SystemExit(1)


def _module(name: str) -> tuple[str, CodeType, ModuleType]:
    """The code of a module, and the module that it runs as: what Python itself makes of ``python -m NAME``."""
    _import_from(os.getcwd())
    try:
        _, spec, code = runpy._get_module_details(name)  # type: ignore[attr-defined]
    except ImportError as error:
        raise _NotFoundError(str(error)) from None
    except SyntaxError as error:
        raise _ended_by(error) from None
    module = _main_module(spec.loader, spec.origin)
    module.__spec__ = spec
    module.__package__ = spec.parent
    if spec.has_location:
        vars(module)["__cached__"] = spec.cached
    return name, code, module


def _main_module(loader: Any, path: str | None) -> ModuleType:
    module = ModuleType("__main__")
    module.__dict__.update(
        __file__=path, __loader__=loader, __package__=None, __spec__=None, __cached__=None, __builtins__=__builtins__
    )
    if "__annotations__" in vars(sys.modules["__main__"]):  # which Python gives it since 3.0 and before 3.14
        module.__annotations__ = {}
    return module


def _run(code: CodeType, module: ModuleType, watching: _child.Watching) -> None:
    """Runs the program and says how it ended; what it raises goes on as if we were not there."""
    try:
        exec(code, module.__dict__)
    except SystemExit as ending:
        if watching.has_stopped():
            watching.end(None)
            raise SystemExit(0) from None
        watching.end(ending)
        raise
    except BaseException as error:
        watching.end(error)
        _hide_our_frames(is_module=module.__spec__ is not None)
        raise
    watching.end(None)


def _hide_our_frames(is_module: bool) -> None:
    """Lets whoever prints an uncaught error print what it would without us."""
    printer = sys.excepthook

    def hook(kind: type[BaseException], value: BaseException, traceback: TracebackType | None) -> None:
        for error in _related(value, set()):
            error.__traceback__ = _program_frames(error.__traceback__, is_module)
        printer(kind, value, value.__traceback__)

    sys.excepthook = hook


def _related(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """An error, and those that it came from or consists of."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    for other in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
        yield from _related(other, seen)


def _program_frames(traceback: TracebackType | None, is_module: bool) -> TracebackType | None:
    """A traceback without our frames; a script's has none of the module runpy, by which we were started, either."""
    steps: list[TracebackType] = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_HERE + os.sep):
            steps.append(traceback)
            traceback = traceback.tb_next
            continue
        while steps and steps[-1].tb_frame.f_code.co_filename.endswith(_AROUND_OURS):
            steps.pop()
        if not is_module and all(step.tb_frame.f_globals.get("__name__") == "runpy" for step in steps):
            steps.clear()
        traceback = traceback.tb_next
    for step in reversed(steps):
        traceback = TracebackType(traceback, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return traceback


class _AfterImport(importlib.abc.MetaPathFinder):
    """Calls something once a module has been imported, and is gone then."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        self._name = name
        self._act = act

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._act)
                return spec
        sys.meta_path.insert(0, self)
        return None


class _Loader(importlib.abc.Loader):
    """A loader that calls something when its module is there."""

    def __init__(self, loader: Any, act: Callable[[], None]) -> None:
        self._loader = loader
        self._act = act

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._act()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def after_import(name: str, act: Callable[[], None]) -> None:
    """Calls ``act`` as soon as the module ``name`` is imported; at once if it is already."""
    if name in sys.modules:
        act()
    else:
        sys.meta_path.insert(0, _AfterImport(name, act))
