"""The models of *Update*: the one in use, those before it, and the path of the next one. Free of Qt."""

from __future__ import annotations

import itertools
from pathlib import Path


class ModelHistory:
    """The models from the first one to the one in use.

    Args:
        first: The model file that the user has chosen; "" for none.
    """

    def __init__(self, first: str = "") -> None:
        self._models = [first]

    @property
    def current(self) -> str:
        """The model file in use."""
        return self._models[-1]

    @property
    def can_undo(self) -> bool:
        """Whether an update can be taken back."""
        return len(self._models) > 1

    def add(self, model: str) -> None:
        """Uses an updated model."""
        self._models.append(model)

    def undo(self) -> str:
        """Uses the model before the last update again and returns it; files of updates stay."""
        if self.can_undo:
            self._models.pop()
        return self.current


def update_path(marks: str) -> str:
    """Returns the path of the next updated model, in a folder beside the marks; no file has it.

    Args:
        marks: The GeoPackage of the marks.
    """
    path = Path(marks)
    folder = path.with_name(f"{path.stem}-updates")
    paths = (folder / f"update-{number}.safetensors" for number in itertools.count(1))
    return str(next(one for one in paths if not one.exists()))
