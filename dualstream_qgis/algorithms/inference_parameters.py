"""Parameters that all segmenting algorithms share: models, tiles, ensembles and the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from ..engine.contract.card_reader import read_card
from ..engine.contract.ensemble_file import COMBINATIONS, ENSEMBLE_SUFFIX, read_ensemble
from ..engine.contract.errors import EngineError
from ..engine.contract.inference_options import RETIRED_RUNTIMES, RUNTIMES, VIEWS
from ..engine.contract.jobs import AUTOMATIC, SegmentJob
from ..i18n import tr
from .common_parameters import MODEL_SUFFIX, device, model_file_filter, precision
from .parameter_factories import (
    LIST_OF,
    automatic_number,
    check_box,
    choice,
    with_help,
    with_retired,
    with_widget,
)


def inference_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for applying models to tiles, in the order of the dialog."""
    yield _overlap()
    yield _combine()
    yield _test_time_augmentation()
    yield _threshold()
    yield _match_resolution()
    yield _batch_size()


def compute_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for device, precision and runtime, in the order of the dialog."""
    yield device()
    yield precision()
    yield _runtime()


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


def image_alone() -> QgsProcessingParameterBoolean:
    """Returns the parameter that confirms a missing second stream."""
    return check_box(
        "IMAGE_ALONE",
        tr("Without the second stream"),
        SegmentJob.image_alone,
        tr(
            "Tick this to use a model that was trained on two streams where you have no auxiliary rasters. The "
            "mask is then made from the image alone, which is less accurate. Not ticked: such a run is refused."
        ),
    )


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


def _overlap() -> QgsProcessingParameterNumber:
    return automatic_number(
        "OVERLAP",
        tr("Overlap of tiles in pixels"),
        SegmentJob.overlap,
        0,
        4096,
        tr(
            "Number of pixels by which neighbouring tiles overlap. Their results are blended there, which "
            "hides seams. Automatic: an eighth of the model's tile size."
        ),
        advanced=True,
    )


def _batch_size() -> QgsProcessingParameterNumber:
    return automatic_number(
        "BATCH_SIZE",
        tr("Batch size"),
        SegmentJob.batch_size,
        1,
        4096,
        tr(
            "Number of tiles that are processed together. Automatic: the number that is fastest on the "
            "device. If the memory runs out, DualStream processes fewer at a time."
        ),
        advanced=True,
    )


def _runtime() -> QgsProcessingParameterEnum:
    definition = choice(
        "RUNTIME",
        tr("Runtime"),
        ("auto", *RUNTIMES),
        SegmentJob.runtime,
        tr(
            "The library that computes the network. auto: PyTorch on graphics cards, and for many tiles on "
            "processors with bf16 instructions; otherwise ONNX Runtime if the model is prepared for it, else "
            "PyTorch. torch: PyTorch, as in training. onnxruntime: ONNX Runtime, on the processor; it starts "
            "faster and takes less memory."
        ),
        advanced=True,
    )
    return with_retired(definition, RETIRED_RUNTIMES)


def _combine() -> QgsProcessingParameterEnum:
    return choice(
        "COMBINE",
        tr("Combination of several models"),
        (AUTOMATIC, *COMBINATIONS),
        SegmentJob.combine,
        tr(
            "mean: the class with the largest mean probability. vote: the class that most models choose. "
            "automatic: the combination in the ensemble file, otherwise mean."
        ),
        advanced=True,
    )


def _test_time_augmentation() -> QgsProcessingParameterEnum:
    return choice(
        "TTA",
        tr("Test-time augmentation"),
        tuple(VIEWS),
        SegmentJob.tta,
        tr(
            "The mean probability over flipped (flips: 4 views) or flipped and rotated copies of each "
            "tile (d4: 8 views). Often a little more accurate, and 4 or 8 times slower."
        ),
        advanced=True,
    )


def _threshold() -> QgsProcessingParameterNumber:
    return automatic_number(
        "THRESHOLD",
        tr("Threshold of two classes"),
        SegmentJob.threshold,
        0.0,
        1.0,
        tr(
            "With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. A "
            "lower threshold finds more of this class, with more false alarms. Automatic: the model's own "
            "threshold, with which its training found the second class best on the validation part (the "
            "networks pspnet-densenet161, unet-resnet50 and deeplabv3plus-mobilenetv3 have their authors' "
            "0.3 and 0.35 before calibration); for the mean of several models, the weighted mean of their thresholds."
        ),
        advanced=True,
    )


def _match_resolution() -> QgsProcessingParameterBoolean:
    return check_box(
        "MATCH_RESOLUTION",
        tr("Match the ground resolution"),
        SegmentJob.match_resolution,
        tr(
            "If the image's pixels are more than 10 % larger or smaller on the ground than those the model "
            "was trained on, the image is resampled for the model. The mask keeps the image's grid."
        ),
        advanced=True,
    )
