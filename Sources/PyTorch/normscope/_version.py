"""The package's version, which stands in the file VERSION: the program's own, of which this is a link in a checkout."""

from pathlib import Path

VERSION = (Path(__file__).parent / "VERSION").read_text(encoding="ascii").strip()
