"""Short ways to declare a parameter with its default, range and help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.options import Option, options_of
from ..help_text import readable
from ..i18n import tr

#: Key of a parameter's metadata: what a text, file or layer parameter is a list of, one of "words", "bands",
#: "values" (of classes), "numbers", "files", "images" (rasters, and folders for the rasters in them) and "recipe" (fields
#: of a training with their values).
LIST_OF = "dualstream_list"

#: Key of a parameter's metadata: its job field, if that is not the parameter's name in small letters.
_FIELD = "dualstream_field"

#: Key of a number's metadata: the job's value for automatic, which a script may give instead of nothing.
AUTOMATIC_NUMBER = "dualstream_automatic"

#: Upper limit in QGIS of numbers without one: larger than areas (m2) and distances (m) of any scene.
LARGEST = 1e12

#: Key of a choice's metadata: the choices of earlier versions, which scripts and saved settings may still give.
RETIRED = "dualstream_retired"

D = TypeVar("D", bound=QgsProcessingParameterDefinition)


def with_help(definition: D, help_text: str, advanced: bool = False) -> D:
    """Returns ``definition`` with a help text, which is its tooltip and part of the algorithm's help."""
    definition.setHelp(readable(help_text))
    if advanced:
        definition.setFlags(definition.flags() | compat.ADVANCED)
    return definition


def for_field(definition: D, field: str) -> D:
    """Returns ``definition`` as the parameter of a job field of another name."""
    definition.setMetadata({**definition.metadata(), _FIELD: field})
    return definition


def field_of(definition: QgsProcessingParameterDefinition) -> str:
    """Returns the job field of a parameter."""
    return str(definition.metadata().get(_FIELD, definition.name().lower()))


def with_widget(definition: D, widget: str, module: str = "widgets") -> D:
    """Returns ``definition`` with a widget from a module of the plugin for dialogs.

    Only dialogs import the module, because there may be no window.
    """
    path = f"dualstream_qgis.dialogs.{module}.{widget}"
    definition.setMetadata({**definition.metadata(), "widget_wrapper": {"class": path}})
    return definition


def choice(
    name: str,
    description: str,
    options: Sequence[str],
    default: str,
    help_text: str,
    advanced: bool = False,
) -> QgsProcessingParameterEnum:
    """Returns an enumeration whose values are strings, not numbers, so that scripts are readable."""
    definition = QgsProcessingParameterEnum(
        name, description, list(options), defaultValue=default, usesStaticStrings=True
    )
    return with_help(definition, help_text, advanced)


def with_retired(definition: D, choices: Sequence[str]) -> D:
    """Returns ``definition``, a choice, so that it also accepts choices of earlier versions; dialogs do not show them."""
    definition.setMetadata({**definition.metadata(), RETIRED: list(choices)})
    return definition


def check_box(
    name: str, description: str, default: bool, help_text: str, advanced: bool = False
) -> QgsProcessingParameterBoolean:
    """Declares a box to tick."""
    definition = QgsProcessingParameterBoolean(name, description, default)
    return with_help(definition, help_text, advanced)


def parameter(
    job: type[Any], field: str, advanced: bool = False, list_of: str = ""
) -> QgsProcessingParameterDefinition:
    """Returns the parameter of an option, with the label, help, default and limits that its job declares.

    Args:
        job: The job's class.
        field: The option; the parameter has its name in capitals.
        advanced: Whether it is under Advanced.
        list_of: What a text is a list of, see ``LIST_OF``.
    """
    declared, default = options_of(job)[field], getattr(job, field)
    name, label, help_text = field.upper(), tr(declared.label), tr(declared.help)
    if isinstance(default, bool):
        return check_box(name, label, default, help_text, advanced)
    if isinstance(default, (int, float)):
        return with_help(_number(name, label, declared, default), help_text, advanced)
    if listed := declared.choices or (not list_of and declared.examples):
        return choice(name, label, listed, default, help_text, advanced)
    return text(name, label, help_text, default or "", list_of, advanced)


def _number(
    name: str, label: str, declared: Option, default: float
) -> QgsProcessingParameterNumber:
    """Returns a number parameter, an integer if the default is one; automatic is an empty one, "Not set" in QGIS."""
    kind = compat.INTEGER if isinstance(default, int) else compat.DOUBLE
    definition = QgsProcessingParameterNumber(
        name, label, kind, default, declared.is_open, declared.low, min(declared.high, LARGEST)
    )
    metadata: dict[str, Any] = {}
    if kind == compat.DOUBLE:
        metadata["widget_wrapper"] = {"decimals": 3}
    if declared.is_open:
        definition.setDefaultValue(None)
        metadata[AUTOMATIC_NUMBER] = default
    definition.setMetadata(metadata)
    return definition


def polygon_area(
    name: str, description: str, help_text: str, advanced: bool = True
) -> QgsProcessingParameterFeatureSource:
    """Returns an optional parameter for the polygons of an area."""
    definition = QgsProcessingParameterFeatureSource(
        name, description, [compat.TYPE_POLYGON], optional=True
    )
    return with_help(definition, help_text, advanced)


def text(
    name: str,
    description: str,
    help_text: str,
    default: str = "",
    list_of: str = "",
    advanced: bool = True,
) -> QgsProcessingParameterString:
    """Returns an optional line of text; with ``list_of`` a list separated by commas, see ``LIST_OF``."""
    definition = QgsProcessingParameterString(
        name, description, defaultValue=default, optional=True
    )
    definition.setMetadata({**definition.metadata(), LIST_OF: list_of})
    return with_help(definition, help_text, advanced)
