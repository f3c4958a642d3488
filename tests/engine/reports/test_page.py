"""Reports are self-contained pages in which every text is escaped."""

import math
import re

import pytest

from engine.contract.errors import RasterError
from engine.reports.charts import SERIES, chart, to_svg
from engine.reports.page import (
    format_number,
    format_percent,
    format_whole,
    link_target,
    render,
    write_report,
)


def test_page_has_the_style_and_nothing_from_elsewhere():
    page = render("page.html")
    assert "prefers-color-scheme: dark" in page and "@media print" in page
    assert not re.search(r"<script|<link|src=|url\(|@import", page)


def test_report_is_one_file_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    write_report(path, "page.html")
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_folder_that_is_missing_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RasterError, match="report"):
        write_report(tmp_path / "file" / "report.html", "page.html")


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (None, "–"), (math.nan, "–"), (1, "1.000")]
)
def test_number(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.0001, "< 0.1 %"), (0.9999, "> 99.9 %"), (0.123, "12.3 %")],
)
def test_percent(share, text):
    assert format_percent(share) == text


def test_whole_numbers_and_links():
    assert format_whole(1234567) == "1\u202f234\u202f567"
    assert link_target("a b/c#d.tif") == "a%20b/c%23d.tif"


def test_chart_is_inline_in_the_colours_of_the_page():
    with chart(4, 2) as figure:
        axes = figure.subplots()
        axes.plot([1, 2], [3, 4], color=SERIES[0])
        axes.set_title("<한글> & more")
        svg = to_svg(figure, 'Loss of "a" & b')
    assert svg.startswith('<svg role="img" aria-label="Loss of &#34;a&#34; &amp; b"')
    assert "&lt;한글&gt; &amp; more" in svg and SERIES[0] in svg
    assert "currentColor" in svg and "#010203" not in svg and "<metadata" not in svg


def test_same_chart_gives_the_same_text():
    def draw():
        with chart(2, 2) as figure:
            figure.subplots().plot([0, 1])
            return to_svg(figure, "a line")

    assert draw() == draw()


def test_names_with_dollars_are_no_formulas():
    with chart(2, 2) as figure:
        figure.subplots().set_title("a$_$b and $x$")
        assert "a$_$b and $x$" in to_svg(figure, "a title")
