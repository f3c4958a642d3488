"""What qgis_process prints, without what is no message: its inputs, and its bar of progress."""

from __future__ import annotations

import re

#: The bar of progress that qgis_process draws piece by piece, without ending the line, in front of messages.
BAR = "0...10...20...30...40...50...60...70...80...90...100"
PIECES = re.findall(r"\d+|\.", BAR)


class Bar:
    """How far qgis_process has drawn its bar of progress."""

    def __init__(self) -> None:
        self._drawn = 0

    def without(self, line: str) -> str:
        """A line of its output without the next pieces of the bar, which no other number is taken for."""
        while self._drawn < len(PIECES) and line.startswith(piece := PIECES[self._drawn]):
            rest = line[len(piece) :]
            if rest.startswith((" ", ",")) and not rest.startswith(" - done"):
                break  # a number of the message's
            line, self._drawn = rest, self._drawn + 1
        if self._drawn == len(PIECES):
            self._drawn = 0  # the next bar
        return line.strip()


def worth_showing(text: str) -> bool:
    """Whether a line of qgis_process is for people: not its inputs, nor its progress."""
    wordy = text and not text.startswith(("epoch ", "tile ", "looking", "-", "Inputs", "Running"))
    return bool(wordy) and ":\t" not in text
