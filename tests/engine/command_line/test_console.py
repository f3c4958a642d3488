"""What a person sees at a terminal, on consoles of few letters and without escape sequences too."""

import io
import sys

import pytest

from engine.command_line.console import Console
from engine.contract.protocol import Done, Progress, Warned


class Terminal(io.TextIOWrapper):
    """A terminal whose encoding has few letters, as the consoles of Windows."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="cp1252", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode("cp1252")


def replace_streams(monkeypatch: pytest.MonkeyPatch) -> tuple[Terminal, Terminal]:
    """Replaces standard output and standard error, in the test itself because pytest sets them before."""
    streams = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    return streams


def test_a_line_of_progress_replaces_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    _, errors = replace_streams(monkeypatch)
    console = Console()
    console.send(Progress(0.1, "Looking at scenes"))
    console.send(Progress(0.2, "Epoch 1"))
    console.send(Warned("few labels"))
    lines = [line.rstrip() for line in errors.text.replace("\n", "\r").split("\r")]
    assert [line for line in lines if line] == [
        " 10%  Looking at scenes",
        " 20%  Epoch 1",
        "Warning: few labels",
    ]
    assert "\x1b" not in errors.text
    shown = errors.text.split("\r")[2]
    assert len(shown) >= len(" 10%  Looking at scenes"), "nothing of the longer line stays"


def test_letters_that_a_console_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    output, _ = replace_streams(monkeypatch)
    Console().send(Done("The mask 한글.tif"))
    assert output.text.strip() == r"The mask \ud55c\uae00.tif"
