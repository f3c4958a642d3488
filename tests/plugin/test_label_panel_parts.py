"""The parts of the panel Label that need no QGIS: when a map is made, the keys, the classes, the next doubtful place."""

from __future__ import annotations

from pathlib import Path

import pytest
from dualstream_qgis.engine.contract.class_table import class_table

from dualstream_qgis.label_panel.doubtful_places import next_place
from dualstream_qgis.label_panel.mark_classes import (
    MarkClass,
    class_names_parameter,
    coloured,
    name_flaw,
    new_class,
)
from dualstream_qgis.label_panel.model_history import ModelHistory, update_path
from dualstream_qgis.label_panel.panel_keys import Action, Command, command_of, key_of
from dualstream_qgis.label_panel.run_schedule import RunSchedule


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_map_is_made_half_a_second_after_the_last_change(clock):
    schedule = RunSchedule(clock)
    for clock.now in (0.0, 0.3, 0.6):
        schedule.change("view")
        assert not schedule.must_start()
    clock.now = 1.05
    assert not schedule.must_start()
    clock.now = 1.15
    assert schedule.must_start()


def test_marks_of_the_same_view_wait_for_the_run_under_way(clock):
    schedule = RunSchedule(clock)
    schedule.change("view")
    clock.now = 1
    schedule.start()
    schedule.change("view")
    clock.now = 60
    assert not schedule.must_cancel() and not schedule.must_start()
    schedule.end()
    assert schedule.must_start()


def test_a_run_of_an_older_view_is_cancelled_when_the_newer_one_has_waited(clock):
    schedule = RunSchedule(clock)
    schedule.change("view")
    clock.now = 1
    schedule.start()
    schedule.change("other view")
    clock.now = 2
    assert not schedule.must_cancel()
    clock.now = 3.5
    assert schedule.must_cancel()
    schedule.end()
    assert schedule.must_start()
    schedule.withdraw()
    assert not schedule.must_start()


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("1", Command(Action.CHOOSE, 0)),
        ("9", Command(Action.CHOOSE, 8)),
        ("0", None),
        ("Return", Command(Action.MARK)),
        ("N", Command(Action.NEXT)),
        ("Z", None),
    ],
)
def test_keys(key, command):
    assert command_of(key) == command


def test_every_button_has_a_key():
    assert key_of(Action.MARK) == "Return"
    assert all(command_of(key_of(one)).action is one for one in Action if one is not Action.CHOOSE)


def test_new_classes_differ_in_name_and_colour():
    classes = []
    for _ in range(12):
        classes.append(new_class(classes))
    assert len({entry.name for entry in classes}) == len({entry.colour for entry in classes}) == 12
    assert len({new_class(classes).name, *(entry.name for entry in classes)}) == 13


def test_names_that_cannot_be_used_have_a_sentence():
    assert "already" in name_flaw("water", ["land", "water"])
    assert name_flaw(" ", []) and name_flaw("a\nb", [])
    assert not name_flaw("water", ["land"])


def test_classes_with_marks_are_numbered_as_a_training_numbers_them():
    classes = [
        MarkClass("water", "#0000ff"),
        MarkClass("land", "#00ff00"),
        MarkClass("x", "#ff0000"),
    ]
    assert class_names_parameter(classes, {"water", "land"}) == [
        *("1", "land", "#00ff00"),
        *("2", "water", "#0000ff"),
    ]
    numbers = [MarkClass("3", "#0000ff"), MarkClass("10", "#00ff00")]
    assert class_names_parameter(numbers, {"3", "10"})[::3] == ["10", "3"]


def test_a_mask_has_the_colours_of_the_classes():
    table = class_table({0: "background", 1: "water", 2: "other"}, backgrounds=(0,))
    found = coloured(table, [MarkClass("water", "#123456"), MarkClass("background", "#ffffff")])
    assert [entry.colour for entry in found] == ["#ffffff", "#123456", table[2].colour]
    assert found[0].is_background


def test_the_next_place_is_the_least_confident_one_away_from_marks_and_earlier_places():
    cells = [[95.0] * 12 for _ in range(12)]
    cells[2][2], cells[2][4], cells[9][9], cells[0][11] = 40.0, 41.0, 60.0, None
    places = []
    while (place := next_place(cells, places)) is not None:
        places.append(place)
    assert places == [(2, 2), (9, 9)], "the cell beside a taken place is left out"
    assert next_place(cells, [(2.5, 3.0)]) == (9, 9)
    assert next_place([], []) is None


def test_updates_can_be_taken_back_in_order(tmp_path):
    history = ModelHistory("first")
    assert not history.can_undo and history.undo() == "first"
    history.add("second")
    history.add("third")
    assert [history.undo(), history.undo(), history.undo()] == ["second", "first", "first"]

    marks, paths = str(tmp_path / "town-marks.gpkg"), []
    (tmp_path / "town-marks-updates").mkdir()
    for _ in range(3):
        paths.append(update_path(marks))
        Path(paths[-1]).touch()
    assert len(set(paths)) == 3
