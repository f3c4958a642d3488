"""Parameters for what a training learns from: labels of an image, or a data set."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from .parameter_factories import LIST_OF, parameter, polygon_area, text, with_help, with_widget


def images() -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for the images of a training."""
    return image_layers(
        tr(
            "The first stream, which defines the grid: one raster, or several with the same bands, such as "
            "the tiles of a town. Labels and auxiliary rasters belong to all of them; in scripts a folder "
            "stands for all rasters in it. A scene to segment later needs the same bands in the same order."
        )
    )


def image_layers(help_text: str) -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for one image or several; a folder stands for the rasters in it."""
    definition = QgsProcessingParameterMultipleLayers(
        "IMAGE", tr("Image, or several"), compat.TYPE_RASTER
    )
    definition.setMetadata({**definition.metadata(), LIST_OF: "images"})
    return with_help(definition, help_text)


def labels() -> QgsProcessingParameterMapLayer:
    """Returns the parameter for a class raster, or polygons, lines and points."""
    definition = QgsProcessingParameterMapLayer(
        "LABELS",
        tr("Labels (raster, polygons, lines or points)"),
        types=[compat.TYPE_RASTER, compat.TYPE_GEOMETRY],
    )
    return with_help(
        definition,
        tr(
            "The known classes: a raster whose pixel values are classes, or a layer of polygons, lines and points, in any "
            "coordinate system. A point marks its pixel, a line the pixels that it crosses; where a layer holds points or "
            "lines, everything else is unknown, unless there is a labelled area. The recipe can make them larger "
            "(point_radius, line_width). With several images, one layer for all. "
            "The filter of a vector layer applies. Names and colours of a raster's values come from its palette, category "
            "names or attribute table, or from the style (.qml) saved beside it."
        ),
    )


def class_field() -> QgsProcessingParameterField:
    """Returns the parameter for the attribute with the class of each shape."""
    definition = QgsProcessingParameterField(
        "CLASS_FIELD",
        tr("Field with the class (not of a raster)"),
        parentLayerParameterName="LABELS",
        type=compat.ANY_FIELD,
        optional=True,
    )
    return with_help(
        with_widget(definition, "ClassFieldWidget"),
        tr(
            "The attribute with the class of each polygon, line or point. Empty: all are one class. It is not used "
            "with a class raster."
        ),
    )


def mark_sizes() -> tuple[QgsProcessingParameterDefinition, ...]:
    """Returns the parameters for the size of points and lines among the labels."""
    return tuple(
        parameter(TrainJob, name, advanced=True) for name in ("point_radius", "line_width")
    )


def class_field_of_table() -> QgsProcessingParameterString:
    """Returns the parameter for the attribute with a polygon's class in a data set of polygons."""
    return text(
        "CLASS_FIELD",
        tr("Field with the class (tables with polygons)"),
        tr(
            "The attribute with each polygon's class, where a scenes table names polygons as labels. Empty: all "
            "polygons are one class."
        ),
    )


def area() -> QgsProcessingParameterFeatureSource:
    """Returns the parameter for the labelled area."""
    return polygon_area(
        "AREA",
        tr("Labelled area"),
        tr("Only pixels inside these polygons count as labelled. Empty: the whole image."),
    )


def corrections() -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for corrected masks."""
    return label_layers(
        "CORRECTIONS",
        tr("Corrected masks"),
        compat.TYPE_MAP_LAYER,
        tr(
            "Masks that you have corrected: class rasters, polygons from <i>Mask to polygons</i>, or points and lines. They "
            "count inside the checked squares only, and there they override all labels; where no polygon is, is background. "
            "Of points and lines only what they mark counts. "
            "Give the model that made them as <i>Start from a model</i>. In scripts a folder stands for a raster of each image's "
            "name."
        ),
    )


def checked() -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for the squares in which the corrections are right."""
    return label_layers(
        "CHECKED",
        tr("Checked squares"),
        compat.TYPE_POLYGON,
        tr(
            "Polygons of the squares in which the corrections are right, such as the layer of <i>Where to label next</i>: "
            "those whose field <i>checked</i> is true, or all polygons of a layer without that field. One layer for all "
            "corrections, or one for each in the same order."
        ),
    )


def label_layers(
    name: str, description: str, layer_type: Any, help_text: str
) -> QgsProcessingParameterMultipleLayers:
    """Returns a parameter for several layers with labels; a folder stands for the rasters in it."""
    definition = QgsProcessingParameterMultipleLayers(name, description, layer_type, optional=True)
    definition.setMetadata({**definition.metadata(), LIST_OF: "labels"})
    return with_help(definition, help_text, advanced=True)


def dataset() -> QgsProcessingParameterFile:
    """Returns the parameter for a data set."""
    definition = QgsProcessingParameterFile(
        "DATASET",
        tr("Data set (folder or scenes table)"),
        behavior=compat.A_FOLDER,
    )
    return with_help(
        with_widget(definition, "DatasetWidget"),
        tr(
            "A folder in DualStream layout (ts_sn, tl_sn, t_ap, t_gems; vs_sn, vl_sn, v_ap, "
            "v_gems), in cloud layout (train/rgb, train/ngr, train/label; val/...) or in a building "
            "competition's layout (train_img and train.csv with the columns img_id, img_path and "
            "mask_rle), or the path of a CSV table with the columns image, auxiliary, labels and "
            "split."
        ),
    )


def class_names() -> QgsProcessingParameterMatrix:
    """Returns the parameter for names and colours of the values of a class raster."""
    definition = QgsProcessingParameterMatrix(
        "CLASS_NAMES",
        tr("Names of the classes"),
        numberRows=2,
        hasFixedNumberRows=False,
        headers=[tr("Value"), tr("Name"), tr("Colour (#rrggbb)")],
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "Names for the values of a class raster, and colours for the mask; the colour may be empty. "
            "Needed only where the labels have no names of their own or other ones are wanted."
        ),
        advanced=True,
    )
