"""The demo prints QGIS's messages without the progress bar of qgis_process."""

from __future__ import annotations

import pytest

from tools.demo.log import ProgressBar, is_message


def test_the_progress_bar_is_removed_and_numbers_of_messages_stay():
    bar = ProgressBar()
    lines = [
        "0Tiles: 4, the minimum for the chosen overlap",
        "...10..Epoch 1 of 6: loss 0.5",
        "2 tiles a step",
        "20 tiles a step",
        ".20 tiles a step",
        "20",
        "...30...40...50...60...70...80...90...100 - done.",
        "The mask",
        "0...10 - text",
    ]
    assert [bar.remove_from(line) for line in lines] == [
        "Tiles: 4, the minimum for the chosen overlap",
        "Epoch 1 of 6: loss 0.5",
        "2 tiles a step",
        "20 tiles a step",
        "20 tiles a step",
        "",
        "- done.",
        "The mask",
        "10 - text",
    ]


@pytest.mark.parametrize("line", ["", "- done.", "tile 3 of 9", "IMAGE:\tx.tif", "Running QGIS"])
def test_progress_and_inputs_are_no_messages(line):
    assert not is_message(line)


@pytest.mark.parametrize(
    "line", ["The mask took 3 s.", "Tiles: 4, the minimum for the chosen overlap"]
)
def test_messages_are_recognised(line):
    assert is_message(line)
