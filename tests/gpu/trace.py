"""What a device did during a call: seconds of kernels and of copies to it, and how far both overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

#: Begin and end, microseconds.
Span = tuple[float, float]


@dataclass(frozen=True)
class Trace:
    """The work of a device during a call; zeros on a CPU.

    Attributes:
        kernels: Seconds in which kernels ran.
        copies: Seconds in which data were copied to the device.
        pinned: The same from page-locked memory.
        overlapped: Seconds of copies during which a kernel ran.
        count: Number of copies to the device.
    """

    kernels: float
    copies: float
    pinned: float
    overlapped: float
    count: int


def trace(call: Callable[[], object]) -> Trace:
    """Returns what the device did during a call, by torch's profiler."""
    if (
        not torch.cuda.is_available()
    ):  # on a CPU the profiler makes every operator several times slower
        call()
        return summary(())
    with profile(activities=[ProfilerActivity.CUDA]) as record:
        call()
        torch.cuda.synchronize()
    return summary(record.events() or ())


def summary(events: Iterable[Any]) -> Trace:
    """Returns the seconds of the profiler's events: kernels, and copies from the processor's memory."""
    kernels: list[Span] = []
    copies: list[Span] = []
    pinned: list[Span] = []
    for event in events:
        if event.device_type != DeviceType.CUDA:
            continue
        span = event.time_range.start, event.time_range.end
        if "HtoD" in event.name:
            copies.append(span)
            if "Pinned" in event.name:
                pinned.append(span)
        elif not event.name.startswith(("Memcpy", "Memset")):
            kernels.append(span)
    busy, copying = joined(kernels), joined(copies)
    return Trace(
        seconds(busy),
        seconds(copying),
        seconds(joined(pinned)),
        seconds(overlap(busy, copying)),
        len(copies),
    )


def joined(spans: Iterable[Span]) -> list[Span]:
    """Returns the spans in order, overlapping ones joined."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def overlap(first: list[Span], second: list[Span]) -> list[Span]:
    """Returns the parts that two lists of ``joined`` spans share."""
    found, position = [], 0
    for begin, end in second:
        while position < len(first) and first[position][1] <= begin:
            position += 1
        index = position
        while index < len(first) and first[index][0] < end:
            found.append((max(begin, first[index][0]), min(end, first[index][1])))
            index += 1
    return found


def seconds(spans: Iterable[Span]) -> float:
    """Returns the length of spans."""
    return sum(end - begin for begin, end in spans) / 1e6
