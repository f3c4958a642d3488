"""Parameters that both training algorithms have: network, time, tiles, device, and what is written."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.ensemble_file import ENSEMBLE_SUFFIX
from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import common_parameters
from .parameter_factories import parameter, text, with_help, with_widget


def network_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the network and its encoder: each one of a list, or another one by name."""
    network, its_encoder = (parameter(TrainJob, name) for name in ("architecture", "encoder"))
    network.setFlags(network.flags() & ~compat.OPTIONAL)
    yield with_widget(network, "ArchitectureWidget")
    yield with_widget(its_encoder, "EncoderWidget")


def start() -> QgsProcessingParameterFile:
    """Returns the parameter for a model whose training continues with new data."""
    definition = QgsProcessingParameterFile(
        "START",
        tr("Start from a model"),
        fileFilter=common_parameters.model_file_filter(),
        optional=True,
    )
    return with_help(
        with_widget(definition, "ModelWidget", "model_widget"),
        tr(
            "A model file whose training continues with these data: new labels, another town, another year. "
            "Network, encoder, tile size and chosen bands are that model's; leave those parameters as they "
            "are. The images need the same bands. Classes of the same name keep what the model knows of them. "
            "A tenth of the epochs is often enough. Empty: the training starts from the beginning."
        ),
    )


def recipe() -> QgsProcessingParameterString:
    """Returns the parameter for every other setting of a training, as one text."""
    definition = text(
        "RECIPE",
        tr("Recipe"),
        tr(
            "Every other setting of the training, such as learning rate, loss, augmentation, bands and the share "
            "that is kept for validation. Empty: what is best for the network. The button shows them all, with their "
            "defaults. In scripts: pairs such as learning_rate=0.0005 loss=ce+dice image_bands=4,3,2, or the path of a "
            "JSON file with these names."
        ),
        list_of="recipe",
        advanced=False,
    )
    return with_widget(definition, "RecipeWidget", "recipe_widget")


def model_file() -> QgsProcessingParameterFileDestination:
    """Returns the parameter for the model file to write."""
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=common_parameters.model_file_filter(ENSEMBLE_SUFFIX)
    )
    return with_help(
        definition,
        tr(
            'The model file (.safetensors), which "Segment with DualStream" applies; with folds the ensemble file (.json). '
            "It needs a place of its own: a temporary file would be deleted when QGIS closes."
        ),
    )


def report() -> QgsProcessingParameterFileDestination:
    """Returns the parameter for the report; hidden in dialogs, because its place is beside the model."""
    definition = QgsProcessingParameterFileDestination(
        "REPORT",
        tr("Report"),
        fileFilter=tr("Web pages") + " (*.html)",
        optional=True,
        createByDefault=False,
    )
    definition.setFlags(definition.flags() | compat.HIDDEN)
    return with_help(
        definition,
        tr(
            "The page (.html) about the training: learning curves, scores of each class and examples. Empty: beside "
            "the model, with its name."
        ),
        advanced=True,
    )
