"""The pure parts of the benchmark of segmenting: tables, the page of results, seams, and what counts as differing."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from benchmarks.processes import BenchmarkError, Run, run
from benchmarks.segment import reference
from benchmarks.segment.bench import Sample
from benchmarks.segment.cases import MODELS, Case, grid, starts, tile_starts
from benchmarks.segment.rounds import row_of
from benchmarks.segment.scenes import make_scene
from benchmarks.segment.table import (
    BEGIN,
    END,
    Row,
    cells,
    column_titles,
    format_aligned,
    format_markdown,
    replace_section,
)

ROWS = [
    Row("dualstream", 50.04, 99.0, 0.335, 81, 1.049, 3.0, 1500.4, 0.00123, 0.0, 1.05, 1.03),
    Row("a | b", note="cannot be installed here"),
]


class TestTables:
    def test_numbers_are_rounded_and_shares_are_percent(self):
        expected = "dualstream 50.0 99.0 0.34 81 1.05 3.0 1500 0.12% 0.00% 1.05 1.03"
        assert cells(ROWS[0]) == expected.split()

    def test_a_note_stands_where_the_numbers_would(self):
        assert cells(ROWS[1])[:3] == ["a | b", "cannot be installed here", ""]

    def test_markdown_has_one_cell_a_column_even_with_bars_in_a_name(self):
        lines = format_markdown(column_titles(), [cells(row) for row in ROWS]).splitlines()
        assert lines[1].startswith("| --- | ---: |")
        assert {line.replace("\\|", "").count("|") for line in lines} == {len(column_titles()) + 1}

    def test_columns_are_aligned_and_a_note_does_not_widen_them(self):
        head, first, second = format_aligned(
            column_titles(), [cells(row) for row in ROWS]
        ).splitlines()
        assert head.index("wall s") + len("wall s") == first.index("50.0") + len("50.0")
        assert len(first) == len(head)
        assert second.endswith("cannot be installed here")


class TestReadme:
    def test_only_what_lies_between_the_comments_changes(self):
        text = f"before\n{BEGIN}\nold\n{END}\nafter {END}\n"
        assert (
            replace_section(text, "a \\1 b\n") == f"before\n{BEGIN}\na \\1 b\n{END}\nafter {END}\n"
        )

    def test_twice_gives_the_same(self):
        once = replace_section(f"{BEGIN}{END}", "table")
        assert replace_section(once, "table") == once

    @pytest.mark.parametrize("text", ["", f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
    def test_a_page_without_the_comments_is_refused(self, text):
        with pytest.raises(ValueError, match="benchmark: segment"):
            replace_section(text, "table")

    def test_the_projects_page_has_them(self, root):
        text = (root / "docs" / "benchmarks.md").read_text("utf-8")
        assert "x" in replace_section(text, "x")


class TestTilings:
    def test_the_last_tile_is_shifted_inward_or_reaches_beyond(self):
        assert starts(1000, 512, 448) == [0, 448, 488]
        assert grid(1000, 512, 448) == [0, 448, 896]

    @pytest.mark.parametrize("side", [512, 960, 1024, 4096])
    def test_each_tool_covers_the_side(self, side):
        for tool in ("dualstream", "loop", "geoai", "onnx", "terratorch"):
            places = tile_starts(tool, side)
            assert places[0] <= 0
            assert places[-1] + 512 >= side
            assert all(after - before <= 448 for before, after in zip(places, places[1:]))

    def test_no_tool_needs_fewer_tiles_than_ours(self):
        for side in (960, 1000, 4096, 4100):
            counts = {tool: len(tile_starts(tool, side)) for tool in ("loop", "onnx", "terratorch")}
            assert len(tile_starts("dualstream", side)) <= min(counts.values())


class TestDisagreement:
    def test_pixels_are_counted_where_they_lie(self):
        truth = np.zeros((1024, 1024), np.uint8)
        mask = truth.copy()
        mask[100:110, 448:480] = (
            1  # near the seam at (0 + 512 + 448) / 2 = 480: it reaches from 448 to 512
        )
        mask[:2, :] = 1  # at the edge
        found = reference.comparison(truth, mask, [0, 448, 512], 512)
        seam = int(reference.near_seams(1024, [0, 448, 512], 512).sum())
        edge = 1024**2 - (1024 - 64) ** 2
        assert found["near_seams"] == pytest.approx(320 / seam)
        assert found["at_edge"] == pytest.approx(2048 / edge)
        assert found["everywhere"] == pytest.approx((320 + 2048) / 1024**2)
        assert found["largest_class"] == 1.0

    def test_near_is_32_px_either_way(self):
        near = reference.near_seams(1024, [0, 448], 512)
        assert [int(c) for c in np.flatnonzero(near[100])[[0, -1]]] == [448, 511]
        assert not near[:32].any()
        assert not near[:, -32:].any()

    def test_seams_show_by_how_often_classes_change_there(self):
        mask = np.zeros((1024, 1024), np.uint8)
        mask[:, 1::2] = np.arange(1024)[:, np.newaxis] % 10 == 0  # each column differs in 103 rows
        even, _ = reference.seam_changes(mask, mask, [0, 448], 512)
        mask[:, 480:] = 1 - mask[:, 480:]  # and the seam at 480 in the others
        assert even == pytest.approx(1.0)
        shown, _ = reference.seam_changes(mask, mask, [0, 448], 512)
        assert shown == pytest.approx((1024 - 103) / 103)

    def test_what_the_scene_itself_changes_on_seams_is_told_apart(self):
        truth = np.zeros((1024, 1024), np.uint8)
        truth[:, 1::2] = np.arange(1024)[:, np.newaxis] % 10 == 0
        mask = truth.copy()
        mask[:, 480:] = 1 - mask[:, 480:]
        found = reference.comparison(truth, mask, [0, 448], 512)
        assert found["scene_changes"] == pytest.approx(1.0)
        assert found["seam_changes"] == pytest.approx((1024 - 103) / 103)

    def test_one_tile_has_no_seam(self):
        mask = np.zeros((512, 512), np.uint8)
        assert reference.seam_changes(mask, mask, [0], 512) == (0, 0)
        assert reference.comparison(mask, mask, [0], 512)["near_seams"] == 0


class TestRows:
    def test_ours_is_without_what_comes_before_the_first_tile(self, tmp_path):
        case = Case(MODELS["unet"], "uint8-tiled", 1024, tmp_path)
        samples = {
            "dualstream": [
                Sample(20.0, 30.0, 20.0, 900.0, 9, first=8.0, first_tiles=3, one_cpu=8.0)
            ],
            "engine:auto": [Sample(9.0, 18.0, 12.0, 700.0, 9)],
        }
        row = row_of(case, "dualstream", samples, "dualstream")
        assert (row.startup, row.wall, row.cpu) == (5.0, 15.0, 24.0)
        assert row.ratio == pytest.approx(15 / 9)
        assert row.rate == pytest.approx(1024**2 / 1e6 / 15)

    def test_tiles_that_are_computed_together_count_together(self):
        values = {"batch": 1, "lanes": 4}
        lines = ((0.5, {"values": values}), (2.0, {"message": "tile 1 of 9"}))
        found = Run(3.0, 4.0, 100.0, lines)
        assert (found.tiles_in_flight, found.first_batch) == (4, (2.0, 1))

    def test_of_a_peer_only_its_work_counts(self, tmp_path):
        case = Case(MODELS["unet"], "uint8-tiled", 1024, tmp_path)
        peer = [Sample(wall, 2 * wall, wall + 4, 800.0, 16) for wall in (12.0, 30.0, 10.0)]
        samples = {"geoai": peer, "torch": [Sample(6.0, 12.0, 9.0, 700.0, 9)]}
        row = row_of(case, "geoai", samples, "geoai")
        assert (row.wall, row.cpu, row.startup, row.ratio) == (12.0, 24.0, 4.0, 2.0)


class TestRuns:
    def test_a_process_is_measured_with_its_children(self):
        child = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.5: pass"
        code = (
            "import json, subprocess, sys; held = bytearray(300 << 20)\n"
            f"subprocess.run([sys.executable, '-c', {child!r}]); print('noise')\n"
            "print(json.dumps({'tiles': 3}))"
        )
        found = run([sys.executable, "-c", code], dict(os.environ))
        assert found.answer == {"tiles": 3}
        assert found.cpu > 0.5
        assert found.wall > 0.5
        assert found.peak > 300

    def test_a_failure_says_what_was_printed(self):
        with pytest.raises(BenchmarkError, match="no such raster"):
            run([sys.executable, "-c", "raise SystemExit('no such raster')"], dict(os.environ))


def test_scenes_are_the_same_every_time_and_have_every_kind_of_land():
    first, second = make_scene(512, 3), make_scene(512, 3)
    for one, other in zip(first, second):
        assert np.array_equal(one, other)
    image, land, air = first
    assert image.shape == (4, 512, 512)
    assert air.shape == (48, 64, 64)
    assert image.min() >= 1
    assert np.bincount(land.ravel(), minlength=4).min() > 0.02 * land.size
    assert not np.array_equal(land, make_scene(512, 4)[1])
