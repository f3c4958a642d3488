"""The parameters that several algorithms declare, each once, and the ways to declare one.

A parameter's name is its job field's name in capitals, and its default is the job's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from qgis.core import (
    QgsProcessingParameterBand,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.jobs import TrainJob
from ..i18n import tr

DEVICES = ("auto", "cpu", "cuda", "cuda:0", "cuda:1", "cuda:2", "cuda:3", "mps")
UNLABELLED = ("background", "ignored")
PRECISIONS = ("auto", "fp32", "bf16", "fp16")

#: The dialogs import it; nothing else does, for there may be no dialogs.
WIDGETS = "dualstream_qgis.widgets"

MODEL_SUFFIX = ".safetensors"

#: The entry of a parameter's metadata that says what it is a list of: words, numbers, values or files.
LISTED = "dualstream_list"

D = TypeVar("D", bound=QgsProcessingParameterDefinition)


def model_filter() -> str:
    """The file dialog's filter for model files."""
    return tr("DualStream models") + f" (*{MODEL_SUFFIX})"


def with_help(definition: D, help_text: str, advanced: bool = False) -> D:
    """``definition`` with its help, shown as a tooltip and in the algorithm's help."""
    definition.setHelp(help_text)
    if advanced:
        definition.setFlags(definition.flags() | compat.ADVANCED)
    return definition


def choice(
    name: str,
    description: str,
    options: Sequence[str],
    default: str,
    help_text: str,
    advanced: bool = False,
) -> QgsProcessingParameterEnum:
    """An enumeration whose values are the words themselves, so that scripts stay readable."""
    definition = QgsProcessingParameterEnum(
        name, description, list(options), defaultValue=default, usesStaticStrings=True
    )
    return with_help(definition, help_text, advanced)


def number(
    name: str,
    description: str,
    default: float,
    low: float,
    high: float,
    help_text: str,
    advanced: bool = False,
) -> QgsProcessingParameterNumber:
    """A number, whole if its default is."""
    kind = compat.INTEGER if isinstance(default, int) else compat.DOUBLE
    definition = QgsProcessingParameterNumber(
        name, description, kind, default, minValue=low, maxValue=high
    )
    if kind == compat.DOUBLE:
        definition.setMetadata({"widget_wrapper": {"decimals": 6}})
    return with_help(definition, help_text, advanced)


def words(
    name: str,
    description: str,
    default: str,
    help_text: str,
    advanced: bool = True,
    listed: str = "",
) -> QgsProcessingParameterString:
    """A line of text; with ``listed`` a list, separated by commas, of "words", "numbers" (bands) or "values" (classes)."""
    definition = QgsProcessingParameterString(
        name, description, defaultValue=default, optional=True
    )
    definition.setMetadata({**definition.metadata(), LISTED: listed})
    return with_help(definition, help_text, advanced)


def image(help_text: str, optional: bool = False) -> QgsProcessingParameterRasterLayer:
    """The image raster."""
    definition = QgsProcessingParameterRasterLayer("IMAGE", tr("Image"), optional=optional)
    return with_help(definition, help_text)


def auxiliary(help_text: str) -> QgsProcessingParameterMultipleLayers:
    """The auxiliary rasters."""
    definition = QgsProcessingParameterMultipleLayers(
        "AUXILIARY", tr("Auxiliary rasters"), compat.TYPE_RASTER, optional=True
    )
    return with_help(definition, help_text)


def image_bands() -> QgsProcessingParameterBand:
    """Some of the image's bands."""
    definition = QgsProcessingParameterBand(
        "IMAGE_BANDS",
        tr("Bands of the image"),
        parentLayerParameterName="IMAGE",
        optional=True,
        allowMultiple=True,
    )
    return with_help(
        definition,
        tr(
            "The bands to use, in this order. None: all of them, or those the model was trained on."
        ),
        advanced=True,
    )


def auxiliary_bands() -> QgsProcessingParameterString:
    """Some of the auxiliary bands."""
    return words(
        "AUXILIARY_BANDS",
        tr("Bands of the auxiliary rasters"),
        "",
        tr(
            "Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary "
            "rasters. Empty: all of them. One raster can so serve both streams."
        ),
        listed="numbers",
    )


def labels() -> QgsProcessingParameterMapLayer:
    """Class raster or polygons."""
    definition = QgsProcessingParameterMapLayer(
        "LABELS",
        tr("Labels (class raster or polygons)"),
        optional=True,
        types=[compat.TYPE_RASTER, compat.TYPE_POLYGON],
    )
    return with_help(
        definition,
        tr(
            "What is known: a raster whose pixel values are classes, or polygons. Any coordinate "
            "system; filters of a polygon layer are respected."
        ),
    )


def class_field() -> QgsProcessingParameterField:
    """The polygons' class attribute."""
    definition = QgsProcessingParameterField(
        "CLASS_FIELD",
        tr("Field with the class (polygons only)"),
        parentLayerParameterName="LABELS",
        type=compat.ANY_FIELD,
        optional=True,
    )
    definition.setMetadata({"widget_wrapper": {"class": f"{WIDGETS}.ClassFieldWidget"}})
    return with_help(
        definition,
        tr(
            "The attribute that names each polygon's class. Empty: all polygons are one class. "
            "Not used with a class raster."
        ),
    )


def area() -> QgsProcessingParameterFeatureSource:
    """Where the labels hold."""
    definition = QgsProcessingParameterFeatureSource(
        "AREA", tr("Labelled area"), [compat.TYPE_POLYGON], optional=True
    )
    return with_help(
        definition,
        tr("Only pixels inside these polygons count as labelled. Empty: the whole image."),
    )


def unlabelled() -> QgsProcessingParameterEnum:
    """What lies outside every polygon."""
    return choice(
        "UNLABELLED",
        tr("Pixels outside every polygon"),
        UNLABELLED,
        TrainJob.unlabelled,
        tr(
            "background: they are a class of their own. ignored: nothing is known about them, and "
            "the network does not learn from them."
        ),
        advanced=True,
    )


def device(*more: str, help_text: str = "") -> QgsProcessingParameterEnum:
    """Where to compute; ``more`` are devices that only this algorithm knows, ``help_text`` says of them."""
    about = tr("auto takes the graphics card where there is one. cuda:1 is the second card.")
    return choice(
        "DEVICE",
        tr("Device"),
        (*DEVICES, *more),
        TrainJob.device,
        " ".join(filter(None, (about, help_text))),
        advanced=True,
    )


def precision() -> QgsProcessingParameterEnum:
    """Numeric precision."""
    return choice(
        "PRECISION",
        tr("Precision"),
        PRECISIONS,
        TrainJob.precision,
        tr("auto takes the fastest that the device computes well."),
        advanced=True,
    )


def summary(definitions: Sequence[Any]) -> str:
    """The help of all ``definitions`` as HTML, in their order."""
    return "".join(
        f"<p><b>{definition.description()}</b><br>{definition.help()}</p>"
        for definition in definitions
        if definition.help()
    )
