"""The run directory's files: event logs, status, commands, checkpoints."""
