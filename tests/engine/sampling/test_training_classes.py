"""Class names and colours of the user and of the layout."""

from __future__ import annotations

import pytest

from engine.contract.class_table import class_table, parse_class_names
from engine.contract.errors import JobError
from engine.sampling.training_classes import KnownClasses


def test_names_and_colours_by_value() -> None:
    texts = (" 3 = thin cloud = #00FF00", "40=a=#123456", "0=sea")
    assert parse_class_names(texts) == {
        3: ("thin cloud", "#00FF00"),
        40: ("a", "#123456"),
        0: ("sea", ""),
    }


@pytest.mark.parametrize(
    "text", ["²=x", "٣=x", "-1=x", "1.5=x", "=x", "1", "1=", "1" * 5000 + "=x"]
)
def test_only_plain_digits_are_a_value(text: str) -> None:
    with pytest.raises(JobError, match="is not of the form value=name"):
        parse_class_names((text,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1=sea\x1b[2J", "U\\+001B"),
        ("1=a\nb", "U\\+000A"),
        ("1=sea\udce9", "U\\+DCE9"),
        ("1=\uffff", "U\\+FFFF"),
        (f"1={'x' * 300}", "300 characters, and at most 255 are allowed"),
        ("70000=sea", "70000 cannot be stored"),
        ("1=sea=red", "not of the form #rrggbb"),
    ],
)
def test_names_that_a_legend_cannot_hold_are_refused(text: str, says: str) -> None:
    with pytest.raises(JobError, match=says):
        parse_class_names((text,))


def test_names_of_labels_are_refused_alike() -> None:
    with pytest.raises(
        JobError, match=r"name 'a.x07' of class 3 cannot be used: it holds the character U\+0007"
    ):
        class_table({0: "land", 3: "a\a"})


def test_a_layout_fixes_what_labels_hold_and_the_user_may_add_to_it() -> None:
    layout = class_table({0: "clear", 1: "cloud"}, {0: "#000000", 1: "#FF0000"})
    given = parse_class_names(("1=dense=#00ffff", "9=snow"))
    numbers = KnownClasses(layout, given).numbers
    assert numbers.values == {"#000000": 0, "#ff0000": 1, "#00ffff": 1}
    assert numbers.fixed == {0, 1, 9}
    assert KnownClasses((), given).numbers.fixed == frozenset()
