"""Names results in QGIS's Results Viewer by what they are about; QGIS has one name for all results of an algorithm."""

from __future__ import annotations

from processing.core.ProcessingResults import resultsList

#: Names of results that the viewer does not list yet, by file.
_names: dict[str, str] = {}


def name_result(path: str, kind: str, subject: str) -> None:
    """Sets the name that the viewer gives to a page when it lists it: ``Report: forest``.

    Args:
        path: The page, as the algorithm returns it.
        kind: What the page is.
        subject: The name of what the page is about.
    """
    if not _names:
        resultsList.resultAdded.connect(_rename_last)
    _names[path] = f"{kind}: {subject}"


def _rename_last() -> None:
    """Renames the result that was added last, and has the viewer list it again."""
    result = resultsList.getResults()[-1]
    name = _names.pop(result.filename, "")
    if not name:
        return
    if not _names:
        resultsList.resultAdded.disconnect(_rename_last)
    result.name = name
    resultsList.resultAdded.emit()
