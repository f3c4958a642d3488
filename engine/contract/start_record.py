"""The lineage of a model in its card: the model that its training started from, which has a lineage itself.

A record has the keys ``name`` (of the file, without its folder), ``sha256``, and where they are known ``date`` and
``miou`` of that model and its own record ``start``.
"""

from __future__ import annotations

from typing import Any

from .model_card import Card
from .strict_json import Fields
from .translation import tr

#: Longest lineage in a card; older models are left out.
MAX_STARTS = 10

#: Longest text in a record, in characters.
_MAX_TEXT = 1000


def start_record(name: str, sha256: str, card: Card) -> dict[str, Any]:
    """The record of a model from which a training starts.

    Args:
        name: The file's name on one line.
        sha256: Its hash, hexadecimal.
        card: Its card.
    """
    older = {"start": card.provenance["start"]} if "start" in card.provenance else {}
    known = {"date": card.provenance.get("date"), "miou": card.metrics.get("miou")}
    record = {"name": name, "sha256": sha256, **known, **_shorten(older, MAX_STARTS - 1)}
    return {key: value for key, value in record.items() if value is not None}


def check_start(provenance: Fields) -> None:
    """Checks the record ``start`` of a card's provenance, if it has one.

    Raises:
        ValueError: If a field has another type, or the lineage is too long.
    """
    for _ in range(MAX_STARTS):
        if "start" not in provenance.record:
            return
        provenance = provenance.object("start")
        provenance.text("name", _MAX_TEXT)
        provenance.text("sha256", _MAX_TEXT)
        provenance.text("date", _MAX_TEXT, "")
        provenance.check_score("miou")
    if "start" in provenance.record:
        raise ValueError(
            tr("start names more than {} models, each started from the next").format(MAX_STARTS)
        )


def describe_start(record: dict[str, Any]) -> str:
    """A model with its score and date, for a sentence: "a.safetensors (mIoU 0.712, 2026-10-02)"."""
    miou = record.get("miou")
    known = [] if miou is None else [f"mIoU {miou:.3f}"]
    known += [record["date"][:10]] if record.get("date") else []
    return f"{record['name']} ({', '.join(known)})" if known else str(record["name"])


def describe_lineage(provenance: dict[str, Any]) -> list[str]:
    """The models from which a model started, the latest first, each as ``describe_start`` does."""
    lines = []
    while "start" in provenance:
        provenance = provenance["start"]
        lines.append(describe_start(provenance))
    return lines


def _shorten(record: dict[str, Any], count: int) -> dict[str, Any]:
    """A record with at most ``count`` records inside one another."""
    older = record.get("start")
    rest = {key: value for key, value in record.items() if key != "start"}
    return {**rest, "start": _shorten(older, count - 1)} if older and count else rest
