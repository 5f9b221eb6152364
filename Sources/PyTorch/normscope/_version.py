"""The package's version, in a module that imports nothing big. It stands in the file VERSION, which the program has too."""

from pathlib import Path

VERSION = (Path(__file__).parent / "VERSION").read_text(encoding="ascii").strip()
