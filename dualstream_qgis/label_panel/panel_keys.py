"""The keys of the panel: what each does while the map or the panel has the focus. Free of Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

#: The first nine classes have a key.
MOST_KEYS = 9


class Action(Enum):
    """Action of a key or a button."""

    CHOOSE = auto()
    MARK = auto()
    DRAW = auto()
    POLYGON = auto()
    ERASE = auto()
    UNDO = auto()
    NEXT = auto()
    HIDE = auto()


#: Action of each key, as QGIS writes it in menus; digits choose a class.
KEYS = {
    "Return": Action.MARK,
    "Enter": Action.MARK,
    "M": Action.DRAW,
    "P": Action.POLYGON,
    "E": Action.ERASE,
    "Backspace": Action.UNDO,
    "N": Action.NEXT,
    "H": Action.HIDE,
}


@dataclass(frozen=True)
class Command:
    """A key that the panel knows.

    Attributes:
        action: Its action.
        index: For ``CHOOSE``, the class's place in the list, from 0.
    """

    action: Action
    index: int = -1


def command_of(key: str) -> Command | None:
    """Returns the command of a key, None for other keys.

    Args:
        key: The key with its modifiers, such as "Ctrl+Z".
    """
    if key.isascii() and key.isdecimal() and 1 <= int(key) <= MOST_KEYS:
        return Command(Action.CHOOSE, int(key) - 1)
    action = KEYS.get(key)
    return Command(action) if action else None


def key_of(action: Action) -> str:
    """Returns the first key of an action, for the text of its button."""
    return next(key for key, done in KEYS.items() if done is action)
