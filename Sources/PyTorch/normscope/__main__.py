"""``python -m normscope``: runs a script or a module under the eyes of the dashboard."""

from normscope._launching._launch import main

main()
