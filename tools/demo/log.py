"""Filters the output of ``qgis_process``: removes its progress bar and its list of inputs."""

from __future__ import annotations

import re

#: The progress bar of qgis_process. It is printed piece by piece, without line ends, in front of messages.
BAR = "0...10...20...30...40...50...60...70...80...90...100"
PIECES = re.findall(r"\d+|\.", BAR)


class ProgressBar:
    """Counts how many pieces of the progress bar qgis_process has printed."""

    def __init__(self) -> None:
        self._printed = 0

    def remove_from(self, line: str) -> str:
        """Returns a line of output without the next pieces of the bar; a message's own numbers stay."""
        while self._printed < len(PIECES) and line.startswith(piece := PIECES[self._printed]):
            rest = line[len(piece) :]
            if rest.startswith((" ", ",")) and not rest.startswith(" - done"):
                break  # the number belongs to the message
            line, self._printed = rest, self._printed + 1
        if self._printed == len(PIECES):
            self._printed = 0  # the next bar
        return line.strip()


def is_message(text: str) -> bool:
    """Returns whether a line of qgis_process is a message for people, not an input or a progress report."""
    progress = ("epoch ", "tile ", "looking", "-", "Inputs", "Running")
    return bool(text) and not text.startswith(progress) and ":\t" not in text
