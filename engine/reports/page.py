"""Renders reports as one HTML file: no script and no file beside it, for the screen (light and dark) and for print."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..compute.eta import format_duration
from ..contract.errors import RasterError, format_count
from ..contract.output_writer import write_output
from ..contract.plain_text import replace_invalid_xml
from ..contract.quantities import format_area, format_pixels, format_share
from ..contract.translation import LANGUAGE_VARIABLE, tr, translations_file
from ..contract.version import engine_version

#: The folder of templates.
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """Returns the HTML of a report.

    Args:
        template: Name of a file in ``templates/``, which extends ``page.html``.
        values: The values that it shows. Texts are escaped; only charts (``Markup``) are inserted as they are.
    """
    return _environment().get_template(template).render(values)


def write_report(path: str | Path, template: str, **values: Any) -> None:
    """Writes a report as one HTML file; an open page of the same file stays readable until it is complete.

    Raises:
        RasterError: If it cannot be written.
    """
    # Bytes of file names that are not UTF-8 become escapes.
    content = render(template, **values).encode(errors="backslashreplace")
    write_output(path, content, tr("report"), RasterError)


def format_number(value: float | None, digits: int = 3) -> str:
    """A score or another number with a number of decimals; a dash if it is missing or NaN."""
    return f"{value:.{digits}f}" if _is_number(value) else "–"


def format_change(value: float) -> str:
    """The change of a score with its sign; a dash if it is NaN."""
    return f"{value:+.3f}" if _is_number(value) else "–"


def format_percent(share: float | None) -> str:
    """A rounded share; 0 or 100 % only if it is exactly so."""
    return format_share(share) if _is_number(share) else "–"


def _is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a number; a model file of others may hold anything."""
    return isinstance(value, (int, float)) and not math.isnan(value)


def format_whole(value: float) -> str:
    """A whole number with thin spaces between groups of three digits."""
    return f"{value:,.0f}".replace(",", "\u202f")


def link_target(path: str | Path) -> str:
    """A relative path as the target of a link."""
    return quote(Path(path).as_posix(), errors="surrogateescape")


@cache
def _environment() -> Environment:
    # Undefined values are errors: a report with a silent gap would be wrong.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    filters: dict[str, Callable[..., str]] = {
        "number": format_number,
        "change": format_change,
        "percent": format_percent,
        "area": format_area,
        "pixels": format_pixels,
        "whole": format_whole,
        "duration": format_duration,
        "count": format_count,
        "link": link_target,
        "basename": lambda path: Path(path).name,
    }
    environment.filters.update(filters)
    environment.globals.update(
        tr=tr,
        language=_language,
        engine_version=engine_version(),
        now=lambda: datetime.now().strftime("%Y-%m-%d %H:%M"),
    )
    return environment


def _language() -> str:
    """The language of the page's texts, such as "ko"; browsers choose letters by it."""
    chosen = os.environ.get(LANGUAGE_VARIABLE, "")
    return chosen.partition("_")[0] if translations_file(chosen) else "en"


def _printable(value: Any) -> Any:
    """Replaces characters that no page can hold in the texts of a template."""
    if type(value) is str:
        return replace_invalid_xml(value)
    return value
