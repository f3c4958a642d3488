"""Parameters that several algorithms declare. A parameter's name is its job field's name in capitals."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import compat
from ..i18n import tr
from ..installation import torch_builds
from .parameter_factories import check_box, text, with_help, with_widget

MODEL_SUFFIX = ".safetensors"


def model_file_filter(*more_suffixes: str) -> str:
    """Returns the file dialog's filter for model files."""
    patterns = " ".join(f"*{suffix}" for suffix in (MODEL_SUFFIX, *more_suffixes))
    return f"{tr('DualStream models')} ({patterns})"


def only_map(default: bool = False) -> QgsProcessingParameterBoolean:
    """Returns the parameter that chooses the light engine."""
    definition = check_box(
        "ONLY_MAP",
        tr("Light engine: maps with prepared and ONNX models, cannot train ({:g} GB)").format(
            torch_builds.LIGHT_SIZE[0]
        ),
        default,
        tr(
            "An engine without PyTorch, for a small disk or a slow network. It maps, makes polygons, evaluates and "
            "suggests where to label. It takes ONNX models, and other models that a full "
            "engine on the same computer has prepared: at the end of a training of a minute or more or of Import weights (up to 300 MB), "
            "or in a segmentation with the runtime onnxruntime. It does not map with the starter model of the sample "
            "data, does not train and uses no graphics card. Not set: the full engine."
        ),
    )
    return with_widget(definition, "WrappedCheckBox", "build_widget")


def image(help_text: str, optional: bool = False) -> QgsProcessingParameterRasterLayer:
    """Returns the parameter for the image raster."""
    definition = QgsProcessingParameterRasterLayer("IMAGE", tr("Image"), optional=optional)
    return with_help(definition, help_text)


def auxiliary(help_text: str) -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for the auxiliary rasters."""
    definition = QgsProcessingParameterMultipleLayers(
        "AUXILIARY", tr("Auxiliary rasters"), compat.TYPE_RASTER, optional=True
    )
    return with_help(definition, help_text)


def image_bands() -> QgsProcessingParameterBand:
    """Returns the parameter for the bands of the image."""
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
            "The bands to use, in this order. Nothing selected: the bands that the model was trained on."
        ),
        advanced=True,
    )


def auxiliary_bands() -> QgsProcessingParameterString:
    """Returns the parameter for the bands of the auxiliary rasters."""
    return text(
        "AUXILIARY_BANDS",
        tr("Bands of the auxiliary rasters"),
        tr(
            "Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary "
            "rasters. Empty: all bands. With this, one raster can be both image and auxiliary raster."
        ),
        list_of="bands",
    )


def class_map(label: str) -> QgsProcessingParameterRasterDestination:
    """Returns the parameter for the raster of the classes."""
    definition = QgsProcessingParameterRasterDestination("OUTPUT", label)
    return with_help(
        definition,
        tr("GeoTIFF of the classes on the image's grid, with their names and colours."),
    )


def confidence() -> QgsProcessingParameterRasterDestination:
    """Returns the parameter for the raster of the confidence."""
    help_text = tr("Raster with the probability of each pixel's class, in percent.")
    return percentages("CONFIDENCE", tr("Confidence"), help_text)


def percentages(name: str, label: str, help_text: str) -> QgsProcessingParameterRasterDestination:
    """Returns a parameter for a raster of percentages, which is written on request."""
    definition = QgsProcessingParameterRasterDestination(
        name, label, optional=True, createByDefault=False
    )
    return with_help(definition, help_text)
