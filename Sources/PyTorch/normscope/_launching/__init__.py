"""Running scripts and modules as Python does, and watching their processes."""
