"""The three formats of submissions to competitions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.contract.class_table import class_table
from engine.contract.scene import Scene
from engine.datasets.rle_submission import encode_picture, submission_for, write_submission
from engine.datasets.rle_tables import read_rows

CLASSES = class_table({0: "background", 3: "roof", 7: "shed"})
#: 255: no value in the image.
VALUES = np.array([[0, 3, 7, 255], [0, 3, 0, 7]], np.uint8)


def test_with_a_test_table_everything_but_background_is_one_mask(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("img_id,img_path")
    for order, runs in (("row", "2 2 6 1 8 1"), ("column", "3 3 8 1")):
        kind = submission_for(tmp_path, [Scene("test_img/a.png", "")], CLASSES, order)
        assert kind.header == ("img_id", "mask_rle")
        assert kind.rows("TEST_1", VALUES) == [("TEST_1", runs)]
        assert kind.rows("b", np.where(VALUES == 255, 255, 0)) == [("b", "-1")]


def test_elsewhere_every_class_has_its_row(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("of something else")
    kind = submission_for(tmp_path, [Scene(str(tmp_path / "a.png"), "")], CLASSES, "column")
    assert kind.header == ("image_id", "class", "rle")
    assert kind.rows("a", VALUES) == [("a", 3, "3 2"), ("a", 7, "5 1 8 1")]


def test_a_clouds_picture_is_counted_plane_by_plane_down_its_columns() -> None:
    """Worked by hand: nothing is blue in pixels 1-6; green are 8, 9 and 12 of 7-12, red 13 and 14 of 13-18."""
    values = np.array([[1, 2, 0], [3, 0, 2]], np.uint8)
    assert encode_picture(values) == "8 2 12 3"
    assert encode_picture(values * 0) == ""


@pytest.mark.parametrize("order", ["row", "column"])
def test_written_tables_can_be_read(tmp_path: Path, order: str) -> None:
    (tmp_path / "test.csv").write_text("img_id,img_path")
    kind = submission_for(tmp_path, [Scene("a.png", "")], CLASSES, order)
    path = tmp_path / "new" / "submission.csv"
    write_submission(path, kind.header, [*kind.rows("x,y", VALUES), *kind.rows("b", VALUES * 0)])
    assert path.read_bytes().startswith(b"img_id,mask_rle\n")
    found = {row.name: row.runs for row in read_rows(path, kind.header)}
    assert [*found] == ["x,y", "b"] and found["b"] == "-1"
    assert not list(path.parent.glob("*.part"))
