"""How models are applied: the parameters that segmenting a scene and segmenting a folder share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from ..engine.contract.card_reader import read_card
from ..engine.contract.ensemble_file import COMBINATIONS, ENSEMBLE_SUFFIX, read_ensemble
from ..engine.contract.errors import EngineError
from ..engine.contract.inference_options import VIEWS
from ..engine.contract.jobs import AUTOMATIC, SegmentJob
from ..i18n import tr
from .common_parameters import LISTED, MODEL_SUFFIX, WIDGETS, choice, number, with_help

#: What can compute a network.
RUNTIMES = ("auto", "torch", "torch-compile", "onnxruntime", "openvino")


def models(name: str) -> QgsProcessingParameterFile:
    """One trained model, several, or an ensemble file.

    It is a file parameter: QGIS 3.40 tries to open the files of a parameter for several layers as rasters,
    vectors and meshes, and writes an error to stderr for each.
    """
    kinds = tr("DualStream models") + f" (*{MODEL_SUFFIX} *{ENSEMBLE_SUFFIX})"
    definition = QgsProcessingParameterFile(name, tr("Model(s)"), fileFilter=kinds)
    definition.setMetadata(
        {"widget_wrapper": {"class": f"{WIDGETS}.ModelsWidget"}, LISTED: "files"}
    )
    return with_help(
        definition,
        tr(
            'A model file written by "Train DualStream". It knows the bands and the scaling it '
            "was trained with, and the classes with their names and colours. Several models of the "
            "same classes work together; or give one ensemble file (.json) that names them and their "
            "weights."
        ),
    )


def models_error(models: Iterable[str]) -> str:
    """What is wrong with model files or an ensemble file, in a sentence; empty if nothing.

    Cards are read here, without torch: nobody has to wait for the engine to hear that a file is no model.
    """
    paths = tuple(models)
    for path in paths:
        if not Path(path).is_file():
            return tr("There is no model file {}.").format(path)
        if Path(path).suffix.lower() not in (MODEL_SUFFIX, ENSEMBLE_SUFFIX):
            return tr(
                "{} is not a model file: those end in .safetensors and are written by "
                '"Train DualStream", or in .json and name several.'
            ).format(path)
    try:
        for member in read_ensemble(paths, AUTOMATIC).members if paths else ():
            read_card(member.model)
    except EngineError as error:
        return str(error)
    return ""


def overlap() -> QgsProcessingParameterNumber:
    """Overlap of neighbouring tiles."""
    return number(
        "OVERLAP",
        tr("Overlap of tiles in pixels (-1: automatic)"),
        SegmentJob.overlap,
        -1,
        4096,
        tr(
            "Neighbouring tiles share this many pixels and blend over them, which hides seams. -1: an "
            "eighth of the model's tile size."
        ),
        advanced=True,
    )


def batch_size() -> QgsProcessingParameterNumber:
    """Tiles at a time."""
    return number(
        "BATCH_SIZE",
        tr("Batch size (0: automatic)"),
        SegmentJob.batch_size,
        0,
        4096,
        tr(
            "Tiles processed together. 0: as many as are fastest on the device. Where memory runs out, "
            "DualStream takes fewer by itself."
        ),
    )


def runtime() -> QgsProcessingParameterEnum:
    """What computes the network."""
    return choice(
        "RUNTIME",
        tr("Runtime"),
        RUNTIMES,
        SegmentJob.runtime,
        tr(
            "The program that computes the network. auto measures which of those installed is the "
            "fastest on this computer, and remembers it. torch: PyTorch, as in training. torch-compile: "
            "PyTorch, compiled first, for NVIDIA cards and large jobs. onnxruntime and openvino: often "
            "faster on processors, if they are installed."
        ),
        advanced=True,
    )


def combine() -> QgsProcessingParameterEnum:
    """How several models agree."""
    return choice(
        "COMBINE",
        tr("How several models agree"),
        (AUTOMATIC, *COMBINATIONS),
        SegmentJob.combine,
        tr(
            "mean: the mean of their probabilities decides. vote: the class that most of them choose. "
            "automatic: as the ensemble file says, otherwise the mean."
        ),
        advanced=True,
    )


def tta() -> QgsProcessingParameterEnum:
    """Test-time augmentation."""
    return choice(
        "TTA",
        tr("Look at each tile several times"),
        tuple(VIEWS),
        SegmentJob.tta,
        tr(
            "Test-time augmentation: the mean of what the model sees in flipped (flips: 4 views) or "
            "flipped and turned tiles (d4: 8 views). Often a little more accurate, and as many times "
            "slower."
        ),
        advanced=True,
    )


def threshold() -> QgsProcessingParameterNumber:
    """From which probability on a pixel is the second of two classes."""
    return number(
        "THRESHOLD",
        tr("Threshold of two classes (-1: automatic)"),
        SegmentJob.threshold,
        -1.0,
        1.0,
        tr(
            "With two classes, the probability from which on a pixel is the second: a lower one finds "
            "more of it, with more false alarms. Automatic: the model's own, which training sets to 0.3 "
            "for pspnet-densenet161, 0.35 for unet-resnet50 and deeplabv3plus-mobilenetv3, otherwise 0.5; "
            "the mean of several models has the mean of theirs, weighted as the models are."
        ),
        advanced=True,
    )


def match_resolution() -> QgsProcessingParameterBoolean:
    """Whether images are shown at the ground resolution of the training."""
    definition = QgsProcessingParameterBoolean(
        "MATCH_RESOLUTION", tr("Match the ground resolution"), SegmentJob.match_resolution
    )
    return with_help(
        definition,
        tr(
            "If the image's pixels are more than 10 % larger or smaller on the ground than those of the "
            "training, it is resampled for the model. The mask keeps the image's own grid."
        ),
        advanced=True,
    )
