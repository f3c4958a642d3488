"""What can be tried here of the groups of processes on Windows: the structure that its API reads."""

from __future__ import annotations

import ctypes

import pytest

from dualstream_qgis.engine_process.process_group import JobLimits


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the sizes are those of 64 bits")
def test_the_limits_of_a_job_lie_where_windows_reads_them():
    # Of winnt.h: JOBOBJECT_EXTENDED_LIMIT_INFORMATION has 144 bytes, LimitFlags is at 16, IoInfo at 64.
    assert ctypes.sizeof(JobLimits) == 144
    assert JobLimits.transferred.offset == 64
    assert JobLimits.process_memory.offset == 112
    limits = JobLimits()
    limits.basic.flags = 0x2000
    assert bytes(limits)[16:20] == bytes([0, 0x20, 0, 0]) and not any(bytes(limits)[20:])
