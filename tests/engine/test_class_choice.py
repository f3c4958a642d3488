"""Class names as the user gives them, and what they say about colours."""

from __future__ import annotations

import pytest

from engine.class_choice import KnownClasses, given_names
from engine.classes import class_table
from engine.errors import JobError


def test_names_and_colours_by_value() -> None:
    texts = (" 3 = thin cloud = #00FF00", "40=a=#123456", "0=sea")
    assert given_names(texts) == {
        3: ("thin cloud", "#00FF00"),
        40: ("a", "#123456"),
        0: ("sea", ""),
    }


@pytest.mark.parametrize("text", ["²=x", "٣=x", "-1=x", "1.5=x", "=x", "1", "1="])
def test_only_plain_digits_are_a_value(text: str) -> None:
    with pytest.raises(JobError, match="is not of the form value=name"):
        given_names((text,))


def test_a_layout_fixes_what_labels_hold_and_the_user_may_add_to_it() -> None:
    layout = class_table({0: "clear", 1: "cloud"}, {0: "#000000", 1: "#FF0000"})
    given = given_names(("1=dense=#00ffff", "9=snow"))
    numbers = KnownClasses(layout, given).numbers
    assert numbers.values == {"#000000": 0, "#ff0000": 1, "#00ffff": 1}
    assert numbers.fixed == {0, 1, 9}
    assert KnownClasses((), given).numbers.fixed == frozenset()
