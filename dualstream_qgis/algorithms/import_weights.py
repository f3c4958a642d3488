"""The algorithm "Import weights"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.file_jobs import NORMALISATIONS, ImportJob
from ..engine.contract.jobs import AUTOMATIC
from ..i18n import tr
from .base_algorithm import Values, full_engine_error
from .common_parameters import model_file_filter
from .model_maker import ModelMaker
from .parameter_factories import choice, parameter, text, with_help, with_widget

#: Layouts of the tiles of an ONNX network, and what it can give.
_LAYOUTS = (AUTOMATIC, "NCHW", "NHWC")
_OUTPUT_KINDS = (AUTOMATIC, "logits", "probabilities", "classes")


class ImportAlgorithm(ModelMaker):
    """Makes a model file from weights of CMX, SegFormer or segmentation-models-pytorch."""

    NAME = "import"
    JOB = ImportJob
    ICON = "import"
    GROUP = "models"

    def displayName(self) -> str:
        return tr("Import weights")

    def shortDescription(self) -> str:
        return tr(
            "Makes a model file from what another program trained: weights of CMX, SegFormer or "
            "segmentation-models-pytorch, or an ONNX network."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> The weights, and what they do not state: the classes, and how the images were "
            "scaled. It recognises by the names in the file: checkpoints of <b>CMX</b> with MiT-B0 to B5 (.pth, .pt) and "
            "folders of <b>SegFormer</b> as the Python package transformers saves them, which name their classes. For "
            "<b>segmentation-models-pytorch</b>, also in a checkpoint of <b>Lightning</b>, torchgeo or terratorch (.ckpt), "
            "name the network too. An <b>ONNX</b> file is a whole network. No code in a file is run.</p>"
            "<p><b>What it makes:</b> A model file for <i>Segment with DualStream</i>, which can also be trained "
            "further, unless it comes from ONNX.</p>"
            "<p><b>Examples:</b> Weights <i>best.pth</i>, Network <i>unet-resnet50</i>, Classes <i>0 background</i> and "
            "<i>1 building</i>, Scaling of pixel values <i>imagenet</i>, Tile size <i>224</i>, Model "
            "<i>best.safetensors</i>, then Run. For a folder of SegFormer only Weights and Model. For clouds by CMX "
            "from RGB and near infrared: Weights <i>cmx_best.pt</i>, four Classes, Scaling of pixel values "
            "<i>imagenet</i>, and under Advanced <i>0.5</i> as the mean and <i>0.25</i> as the standard deviation of the "
            "auxiliary bands.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "import,weights,checkpoint,pth,PyTorch,CMX,SegFormer,transformers,segmentation-models-pytorch,smp,U-Net,model"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            _weights(),
            _architecture(),
            _class_names(),
            *_scaling(),
            parameter(ImportJob, "tile_size"),
            parameter(ImportJob, "pixel_size", advanced=True),
            parameter(ImportJob, "threshold", advanced=True),
            *_onnx(),
            _output(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("BANDS", tr("Bands of the image")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        weights = self.parameterAsFile(parameters, "WEIGHTS", context)
        return "" if weights.lower().endswith(".onnx") else full_engine_error()


def _weights() -> QgsProcessingParameterFile:
    # As a parameter for files QGIS would refuse a folder; as one for folders it takes both.
    definition = QgsProcessingParameterFile(
        "WEIGHTS", tr("Weights (file or folder)"), behavior=compat.A_FOLDER
    )
    return with_help(
        with_widget(definition, "WeightsWidget"),
        tr(
            "The weights as torch.save wrote them (.pth, .pt), as .safetensors or in a checkpoint of Lightning (.ckpt), a "
            "folder with config.json and weights that transformers saved, or an ONNX network (.onnx), which segments like "
            "any other model and cannot be trained further. No code in them is run."
        ),
    )


def _architecture() -> QgsProcessingParameterString:
    definition = QgsProcessingParameterString("ARCHITECTURE", tr("Network"), optional=True)
    return with_help(
        with_widget(definition, "SmpNetworkWidget"),
        tr(
            "Only for segmentation-models-pytorch, whose weights do not name their network: pspnet-densenet161, "
            "unet-resnet50, deeplabv3plus-mobilenetv3, or any other as smp:Architecture:encoder, such as "
            "smp:FPN:efficientnet-b4. Empty: the weights show it."
        ),
    )


def _class_names() -> QgsProcessingParameterMatrix:
    definition = QgsProcessingParameterMatrix(
        "CLASS_NAMES",
        tr("Classes"),
        numberRows=2,
        hasFixedNumberRows=False,
        headers=[tr("Value"), tr("Name"), tr("Colour (#rrggbb)")],
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "A row for each class in the network's order: its value in the mask, its name and, if you like, its "
            "colour. A network with one output has two classes, background first. Empty: the classes that a folder "
            "of SegFormer or the metadata of an ONNX network name."
        ),
    )


def _scaling() -> Iterator[QgsProcessingParameterDefinition]:
    yield choice(
        "NORMALISATION",
        tr("Scaling of pixel values"),
        NORMALISATIONS,
        NORMALISATIONS[0],
        tr(
            "How the training scaled its images. automatic: as the files state, or by the means and standard "
            "deviations below. imagenet: RGB by ImageNet's means, as most scripts do. given: by the means and standard "
            "deviations below. none: only divided by the largest pixel value."
        ),
    )
    yield text(
        "MEAN",
        tr("Mean of each band"),
        tr(
            "Not with imagenet: the value that was subtracted from each band, as a share of the largest pixel value, "
            "separated by commas, such as 0.5,0.5,0.5."
        ),
        list_of="numbers",
    )
    yield text(
        "STD",
        tr("Standard deviation of each band"),
        tr(
            "Not with imagenet: the value by which each band was divided, as a share of the largest pixel value."
        ),
        list_of="numbers",
    )
    yield text(
        "AUXILIARY_MEAN",
        tr("Mean of each auxiliary band"),
        tr(
            "Only for CMX and ONNX networks with two inputs: as the mean, for the bands of the second stream. For CMX one "
            "value: a single band, which the network got several times, as of near infrared; empty: with imagenet the same "
            "as for the image."
        ),
        list_of="numbers",
    )
    yield text(
        "AUXILIARY_STD",
        tr("Standard deviation of each auxiliary band"),
        tr(
            "Only for CMX and ONNX networks with two inputs: as the standard deviation, for the bands of the second "
            "stream."
        ),
        list_of="numbers",
    )
    yield parameter(ImportJob, "maximum", advanced=True)


def _onnx() -> Iterator[QgsProcessingParameterDefinition]:
    """Parameters for what an ONNX network may not state itself."""
    yield choice(
        "OUTPUT_KIND",
        tr("What an ONNX network gives"),
        _OUTPUT_KINDS,
        AUTOMATIC,
        tr(
            "automatic: as the network shows. logits: numbers of any size for each class. probabilities: from 0 to 1. "
            "classes: the class's value for each pixel."
        ),
        advanced=True,
    )
    yield choice(
        "LAYOUT",
        tr("Order of axes of an ONNX network"),
        _LAYOUTS,
        AUTOMATIC,
        tr(
            "automatic: as its shape shows. NCHW: bands before rows and columns, as PyTorch has them. NHWC: bands "
            "last, as TensorFlow has them."
        ),
        advanced=True,
    )
    yield text(
        "GRAPH_OUTPUT",
        tr("Output of an ONNX network"),
        tr("Name of the output to use. Empty: probabilities, or the first one."),
    )
    yield text(
        "IMAGE_INPUT",
        tr("Input of an ONNX network for the image"),
        tr(
            "Name of the input that takes the image, if the network has two. Empty: image, or the first one."
        ),
    )
    yield parameter(ImportJob, "auxiliary_tile_size", advanced=True)


def _output() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=model_file_filter()
    )
    return with_help(definition, tr("The model file to write, .safetensors."))
