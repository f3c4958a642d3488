"""The summary: a table of numbers, and a page with escaped text and relative links."""

from __future__ import annotations

import csv
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from engine.batch.scene_task import DONE, FAILED, KEPT, SceneRecord
from engine.batch.summary_report import RunSummary, write_page, write_table
from engine.contract.class_table import class_table
from engine.contract.errors import RasterError

CLASSES = class_table({0: "land", 1: "water & <ice>"}, {0: "#112233", 1: "#445566"})


def records(folder: Path) -> list[SceneRecord]:
    def record(name: str, image: str, mask: str, *rest: Any) -> SceneRecord:
        return SceneRecord(name, f"in/{image}", str(folder / mask), *rest)

    areas = {"land": 2.25e6, "water & <ice>": 0.75e6}, {"land": 0.0, "water & <ice>": 1e6}
    north = {"land": 0.75, "water & <ice>": 0.25}, "CPU", "torch", 9, 3_000_000, 0.3125, areas[0]
    south = {"land": 0.0, "water & <ice>": 1.0}, "GPU", "torch", 3, 1_000_000, None, areas[1]
    return [
        record("north", "north.tif", "north #1.tif", DONE, "Dark.", 2.0, 4_000_000, *north),
        record("<b>bad</b>", "<x>.tif", "bad.tif", FAILED, "No <such> file.", 0.5),
        record("south", "south.tif", "south.tif", KEPT, "", 1.0, 1_000_000, *south),
    ]


def test_names_that_are_not_utf8_are_shown(tmp_path: Path) -> None:
    odd = SceneRecord(
        "caf\udce9\x01", "in/caf\udce9.tif", str(tmp_path / "a.tif"), FAILED, "No.", 0.5
    )
    write_page(tmp_path / "summary.html", [odd], RunSummary(("m\x00.safetensors",), CLASSES, 1))
    page = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert "caf\ufffd\ufffd" in page and "m\ufffd.safetensors" in page


class Page(HTMLParser):
    """Tags, links, styles and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("br", "meta"):
            self.open.append(tag)
        self.links += [str(value) for name, value in attrs if name == "href"]
        self.styles += [str(value) for name, value in attrs if name == "style"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_table(tmp_path: Path) -> None:
    write_table(tmp_path / "new" / "summary.csv", records(tmp_path), CLASSES)
    with (tmp_path / "new" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = "scene,status,seconds,mpx,mpx_per_second,land,water & <ice>,unlike_percent,device,runtime,message,land (m2),water & <ice> (m2)"
    assert ",".join(rows[0]) == columns
    done, failed, kept = rows
    assert (done["scene"], done["status"], float(done["mpx"])) == ("north", "done", 4.0)
    assert float(done["mpx_per_second"]) == 2.0 and float(done["water & <ice>"]) == 0.25
    assert (failed["status"], failed["message"]) == ("failed", "No <such> file.")
    assert failed["land"] == failed["land (m2)"] == failed["mpx"] == ""
    assert float(done["land (m2)"]) == 2.25e6
    unlike = [row["unlike_percent"] for row in rows]
    assert unlike == ["31.25", "", ""]
    assert (kept["status"], kept["device"], float(kept["water & <ice>"])) == ("kept", "GPU", 1.0)


def test_page(tmp_path: Path) -> None:
    run = RunSummary(("m<1>.safetensors",), CLASSES, 3, 4.0, (str(tmp_path / "mosaic.vrt"),))
    write_page(tmp_path / "summary.html", records(tmp_path), run)
    text = (tmp_path / "summary.html").read_text("utf-8")
    page = Page(text)
    words = " ".join(" ".join(page.words).split())
    assert not page.open and not {"script", "link", "img"} & {*page.tags}
    assert "<b>bad</b>" in words and "No <such> file." in words and "m<1>.safetensors" in words
    # What failed comes first.
    assert words.index("No <such> file.") < words.index("Scenes: 2")
    assert [unquote(link) for link in page.links] == [
        "summary.csv",
        "mosaic.vrt",
        "north #1.tif",
        "south.tif",
    ]
    assert "%23" in page.links[2]
    # Of both masks' known pixels: land 3/4 of 3 million, nothing of 1 million.
    assert "land 56.2 %, 225 ha" in words and "water & <ice> 43.8 %, 175 ha" in words
    assert "land 75 % (225 ha), water & <ice> 25 % (75 ha)" in words
    assert "width:75.00%;background:#112233" in page.styles
    assert "4 million pixels segmented" in words and "1 million pixels a second" in words
    assert page.tags.count("th") == 2 + 7 and "Unlike the training" in words and "31.2 %" in words
    assert "http" not in text.replace('<html lang="en">', "")


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    write_page(page, records(tmp_path), RunSummary(("m",), CLASSES, 5, 4.0))
    assert "this list lacks 2 scenes." in page.read_text("utf-8")
    write_page(page, records(tmp_path), RunSummary(("m",), CLASSES, 3, 4.0))
    assert "interrupted" not in page.read_text("utf-8")


def test_a_page_without_land_summaries_has_no_column_for_them(tmp_path: Path) -> None:
    plain = [replace(record, unlike=None) for record in records(tmp_path)]
    write_page(tmp_path / "a.html", plain, RunSummary(("m",), CLASSES, 3, 4.0))
    assert "Unlike the training" not in (tmp_path / "a.html").read_text("utf-8")


def test_areas_are_added_up_only_if_all_are_known(tmp_path: Path) -> None:
    """Masks of an older version are kept without them."""
    north, bad, south = records(tmp_path)
    older = [north, bad, replace(south, areas={})]
    write_page(tmp_path / "a.html", older, RunSummary(("m",), CLASSES, 3, 4.0))
    words = " ".join(" ".join(Page((tmp_path / "a.html").read_text("utf-8")).words).split())
    assert "land 56.2 % water" in words and "(225 ha)" in words


def test_write_errors(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RasterError, match="could not be written"):
        write_table(tmp_path / "file" / "summary.csv", [], CLASSES)
    with pytest.raises(RasterError, match="could not be written"):
        write_page(tmp_path / "file" / "summary.html", [], RunSummary((), CLASSES, 0))


def test_no_cell_is_a_formula_and_numbers_stay_numbers(tmp_path: Path) -> None:
    classes = class_table({0: "=SUM(A1)", 1: "water"})
    names = ["=HYPERLINK(1)", "+a", "-a", "@a", "\ta", "\ra", "a=b-c", "\udcff"]
    made = [
        SceneRecord(
            *(name, name, str(tmp_path / f"{number}.tif"), DONE, "-5 is no band", 2.0, 4_000_000),
            *({"=SUM(A1)": 1.0, "water": 0.0}, "CPU", "torch", 9, 4_000_000),
        )
        for number, name in enumerate(names)
    ]
    write_table(tmp_path / "a.csv", made, classes)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head[5:7] == ["'=SUM(A1)", "water"]
    expected = [*(f"'{name}" for name in names[:5]), "' a", "a=b-c", "\\udcff"]
    assert [row[0] for row in rows] == expected
    assert all(row[-3] == "'-5 is no band" and float(row[2]) == 2.0 for row in rows)
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in [head, *rows] for cell in row)
    run = RunSummary(("m",), classes, len(made), 1.0)
    write_page(tmp_path / "a.html", made, run)
    assert "\ufffd" in (tmp_path / "a.html").read_text("utf-8")
