"""Use of the machine: CPU, memory, and NVIDIA's GPUs where their library is installed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class SystemMetrics:
    """What the machine and this process use, since the look before; tags begin with ``system/``."""

    def __init__(self) -> None:
        self._machine: tuple[int, int] | None = None
        self._process: tuple[float, float] | None = None
        self._gpus = _Gpus()

    def read(self) -> dict[str, float]:
        """Tags and values; a first look lacks those that need two."""
        found: dict[str, float] = {}
        with contextlib.suppress(OSError, ValueError, IndexError):
            self._read_cpu(found)
        with contextlib.suppress(OSError, ValueError, IndexError):
            self._read_memory(found)
        found.update(self._gpus.read())
        return found

    def _read_cpu(self, found: dict[str, float]) -> None:
        with open("/proc/stat", encoding="ascii") as file:
            numbers = [int(word) for word in file.readline().split()[1:9]]
        busy, total = sum(numbers) - numbers[3] - numbers[4], sum(numbers)
        if self._machine is not None and total > self._machine[1]:
            found["system/cpu_percent"] = 100 * (busy - self._machine[0]) / (total - self._machine[1])
        self._machine = busy, total
        times = os.times()
        used, now = times.user + times.system + _children(), time.perf_counter()
        if self._process is not None and now > self._process[1]:
            share = (used - self._process[0]) / (now - self._process[1])
            found["system/process_cpu_percent"] = 100 * max(0.0, share)
        self._process = used, now

    def _read_memory(self, found: dict[str, float]) -> None:
        with open("/proc/self/statm", encoding="ascii") as file:
            found["system/process_memory_mib"] = int(file.read().split()[1]) * _PAGE / (1 << 20)
        sizes: dict[str, int] = {}
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                name, _, rest = line.partition(":")
                if name in ("MemTotal", "MemAvailable"):
                    sizes[name] = int(rest.split()[0])
        found["system/memory_percent"] = 100 * (1 - sizes["MemAvailable"] / sizes["MemTotal"])


def _children() -> float:
    """Seconds of CPU that this process's living children have used: the workers of data loaders."""
    seconds = 0.0
    with contextlib.suppress(OSError):
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                pids = file.read().split()
            for pid in pids:
                with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat") as file:
                    words = file.read().rpartition(")")[2].split()
                    seconds += (int(words[11]) + int(words[12])) / _TICKS
    return seconds


class _Gpus:
    """NVIDIA's GPUs by nvidia-ml-py (the module ``pynvml``); none where that is not installed."""

    def __init__(self) -> None:
        self._library: Any = None
        self._devices: list[Any] = []
        with contextlib.suppress(Exception):
            import pynvml

            pynvml.nvmlInit()
            self._library = pynvml
            self._devices = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]

    def read(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for index, device in enumerate(self._devices):
            for name, value in self._values(device):
                found[f"system/gpu.{index}.{name}"] = value
        return found

    def _values(self, device: Any) -> Iterator[tuple[str, float]]:
        library = self._library
        # A device may lack a sensor; the others still count.
        with contextlib.suppress(Exception):
            yield "utilization_percent", float(library.nvmlDeviceGetUtilizationRates(device).gpu)
        with contextlib.suppress(Exception):
            memory = library.nvmlDeviceGetMemoryInfo(device)
            yield "memory_percent", 100.0 * memory.used / memory.total
        with contextlib.suppress(Exception):
            yield (
                "temperature_celsius",
                float(library.nvmlDeviceGetTemperature(device, library.NVML_TEMPERATURE_GPU)),
            )
        with contextlib.suppress(Exception):
            yield "power_watts", library.nvmlDeviceGetPowerUsage(device) / 1000
