"""Run lengths are those of competitions, pixel by pixel; malformed text is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.contract.errors import LabelError
from engine.datasets.rle import decode, encode

#: Three rows of four pixels; the runs below were counted on paper.
EXAMPLE = np.array([[0, 1, 1, 1], [1, 0, 0, 0], [0, 0, 1, 1]], bool)


def encode_slowly(mask: np.ndarray, order: str) -> str:
    """The same as ``encode``, pixel by pixel."""
    pixels = mask.ravel("C" if order == "row" else "F").tolist()
    starts = [n for n, is_set in enumerate(pixels, 1) if is_set and (n == 1 or not pixels[n - 2])]
    lengths = [[*pixels, False].index(False, start - 1) - start + 1 for start in starts]
    return " ".join(f"{start} {length}" for start, length in zip(starts, lengths)) or "-1"


def test_pixels_count_from_one_and_runs_go_on_into_the_next_row() -> None:
    assert encode(EXAMPLE) == "2 4 11 2"
    assert encode(EXAMPLE, "column") == "2 1 4 1 7 1 9 2 12 1"


@pytest.mark.parametrize("order", ["row", "column"])
def test_whole_and_empty_masks(order: str) -> None:
    assert encode(np.ones((3, 5), bool), order) == "1 15"
    assert encode(np.zeros((3, 5), bool), order) == "-1"
    for text in ("-1", "", " \n"):
        assert not decode(text, 3, 5, order).any()


@pytest.mark.parametrize("order", ["row", "column"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (17, 23), (64, 64)])
def test_any_mask_comes_back(shape: tuple[int, int], share: float, order: str) -> None:
    mask = np.random.default_rng(int(100 * share)).random(shape) < share
    text = encode(mask, order)
    assert text == encode_slowly(mask, order)
    assert (decode(text, *shape, order) == mask).all()


def test_adjoining_runs_are_one_mask() -> None:
    assert (decode("2 2 4 2 11 1 12 1", 3, 4) == EXAMPLE).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 x", "hold 'x'"),
        ("2 1.5", "hold '1.5'"),
        ("-1 4", "hold '-1'"),
        ("2 ٣", "hold '٣'"),
        ("1 99999999999999999999", "hold '99999999999999999999'"),
        ("2 4 11", "3 numbers, the last 11"),
        ("0 3", "run 0 3 is impossible: starts and lengths count from 1"),
        ("1 2 5 0", "run 5 0 is impossible: starts and lengths count from 1"),
        ("11 3", "run 11 3 is impossible: it ends beyond the picture, whose 4 x 3 px are 12"),
        ("2 4 5 2", "run 5 2 is impossible: it begins before the run ahead of it ends"),
        ("11 2 2 4", "run 2 4 is impossible: it begins before"),
    ],
)
def test_a_malformed_text_is_named(text: str, says: str) -> None:
    with pytest.raises(LabelError, match=says):
        decode(text, 3, 4)


def test_a_real_table_decodes_to_buildings_within_their_tiles(data: Callable[[str], Path]) -> None:
    folder = data("buildings_rle")
    with (folder / "train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    for row in rows:
        with Image.open(folder / row["img_path"]) as tile:
            width, height = tile.size
        mask = decode(row["mask_rle"], height, width)
        assert encode(mask) == row["mask_rle"]
        assert encode(mask, "column") == encode(mask.T.copy()) != row["mask_rle"]
