"""Parameters that all segmenting algorithms share: models, tiles, ensembles and the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
)

from ..engine.contract.card_reader import read_card
from ..engine.contract.ensemble_file import ENSEMBLE_SUFFIX, read_ensemble
from ..engine.contract.errors import EngineError
from ..engine.contract.inference_options import RETIRED_RUNTIMES, InferenceOptions
from ..engine.contract.jobs import AUTOMATIC
from ..i18n import tr
from .common_parameters import MODEL_SUFFIX, model_file_filter
from .parameter_factories import (
    LIST_OF,
    parameter,
    with_help,
    with_retired,
    with_widget,
)


def inference_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for applying models to tiles, in the order of the dialog."""
    names = ("overlap", "combine", "tta", "threshold", "match_resolution", "batch_size")
    for name in names:
        yield parameter(InferenceOptions, name, advanced=True)


def compute_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for device, precision and runtime, in the order of the dialog."""
    yield parameter(InferenceOptions, "device", advanced=True)
    yield parameter(InferenceOptions, "precision", advanced=True)
    runtime = parameter(InferenceOptions, "runtime", advanced=True)
    yield with_retired(runtime, RETIRED_RUNTIMES)


def models(name: str, more_help: str = "", optional: bool = False) -> QgsProcessingParameterFile:
    """Returns the parameter for one model file, several, or an ensemble file, with more help.

    It is a file parameter: QGIS 3.40 opens the files of a parameter for several layers as rasters, vectors and
    meshes, and writes an error to stderr for each.
    """
    definition = QgsProcessingParameterFile(
        name, tr("Model(s)"), optional=optional, fileFilter=model_file_filter(ENSEMBLE_SUFFIX)
    )
    definition.setMetadata({LIST_OF: "files"})
    help_text = tr(
        'A model file from "Train DualStream". It stores the bands and the scaling it was trained '
        "with, and the classes with their names and colours. Several models of the same classes form "
        "an ensemble; or give one ensemble file (.json) with the models and their weights."
    )
    return with_help(
        with_widget(definition, "ModelsWidget", "model_widget"), f"{help_text} {more_help}".strip()
    )


def image_alone() -> QgsProcessingParameterDefinition:
    """Returns the parameter that confirms a missing second stream."""
    return parameter(InferenceOptions, "image_alone")


def models_error(models: Iterable[str]) -> str:
    """Returns an error message about model files or an ensemble file, "" if they are valid.

    The model cards are read without torch, so the user need not wait for the engine to start.
    """
    paths = tuple(models)
    for path in paths:
        if not Path(path).is_file():
            return tr("There is no model file {}.").format(path)
        if Path(path).suffix.lower() not in (MODEL_SUFFIX, ENSEMBLE_SUFFIX):
            return tr(
                "{} is not a model file: model files end in .safetensors and come from "
                '"Train DualStream"; ensemble files, which list several models, end in .json.'
            ).format(path)
    try:
        for member in read_ensemble(paths, AUTOMATIC).members if paths else ():
            read_card(member.model)
    except EngineError as error:
        return str(error)
    return ""
