"""Keeps the computer from falling asleep while the engine works: a training may take hours without any input. Free of Qt.

The screen may still turn off, and a lid that is closed still counts.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess  # nosec B404
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

from ..engine.contract.clean_up import CleanUp
from .child_process import clean_environment

#: ES_CONTINUOUS and ES_SYSTEM_REQUIRED of the Windows API; they hold for the thread that sets them.
_UNTIL_CHANGED, _SYSTEM_IS_NEEDED = 0x80000000, 0x00000001

#: Time that the program of the system has to end, s.
_END = 2.0

#: The programs of the systems that keep it awake as long as another program runs: here ``cat``, which runs until its
#: input is closed, also because QGIS has ended.
_PROGRAMS = {
    "darwin": ("caffeinate", "-i", "cat"),
    "linux": (
        *("systemd-inhibit", "--what=idle:sleep", "--who=DualStream", "--why=DualStream computes"),
        *("--mode=block", "cat"),
    ),
}


@contextmanager
def kept_awake(
    system: str = sys.platform, variables: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Keeps the computer awake during the ``with`` block; does nothing where that is not possible.

    Args:
        system: The system, as in ``sys.platform``.
        variables: Environment variables; None: those of this process, cleaned.
    """
    if system == "win32":
        set_state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined]
        set_state(ctypes.c_uint32(_UNTIL_CHANGED | _SYSTEM_IS_NEEDED))
        with CleanUp(partial(set_state, ctypes.c_uint32(_UNTIL_CHANGED))):
            yield
        return
    program = _start(_PROGRAMS.get(system), clean_environment() if variables is None else variables)
    with CleanUp() as end:
        if program is not None:
            end.callback(_stop, program)
        yield


def _start(
    command: tuple[str, ...] | None, variables: Mapping[str, str]
) -> subprocess.Popen[bytes] | None:
    path = shutil.which(command[0], path=variables.get("PATH")) if command else None
    if not command or not path:
        return None
    with suppress(OSError):
        return subprocess.Popen(  # nosec B603
            [path, *command[1:]],
            env=dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return None


def _stop(program: subprocess.Popen[bytes]) -> None:
    try:
        program.communicate(timeout=_END)  # closes its input
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
