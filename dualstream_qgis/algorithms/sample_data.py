"""The algorithm "Make sample data", which also runs before the engine is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from qgis.core import (
    QgsCoordinateTransform,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterFolderDestination,
    QgsProject,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QStandardPaths

from .. import environment, sample_styles, starter_model, styling
from ..i18n import tr
from .base_algorithm import DualStreamAlgorithm, Values, full_engine_error
from .parameter_factories import with_help

#: The training that is offered: with small tiles it finds mist and smoke in these minutes on two cores.
_MINUTES, _TILE_SIZE, _MODEL = 5, 128, "my-model.safetensors"


class _File(NamedTuple):
    """One of the sample data's files, as a result and as a layer.

    Attributes:
        output: Name of the algorithm's output.
        path: The file.
        name: Name of its layer.
        style: Function that styles the layer.
        is_shown: Whether the layer is ticked.
    """

    output: str
    path: str
    name: str
    style: styling.Style
    is_shown: bool = True


class SampleDataAlgorithm(DualStreamAlgorithm):
    """Writes two small scenes with numpy and GDAL of QGIS, and loads them."""

    NAME = "sample"
    ICON = "sample"
    GROUP = "setup"
    HAS_BATCH = False

    def displayName(self) -> str:
        return tr("Make sample data")

    def shortDescription(self) -> str:
        return tr("Writes two small made-up scenes to try everything on, and shows them.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> 15 MB of the disk and less than a minute. It downloads nothing, and runs before "
            "<i>Set up DualStream</i> too.</p>"
            "<p><b>What it makes:</b> a scene to train on, with image (4 bands, 10 m), air quality (48 bands, about "
            "110 m) and polygons of smoke and mist as labels; and a second scene with its own labels, to check a mask. "
            "Smoke and mist look the same in the image; only the air quality distinguishes them. A plugin installed "
            "from its zip also copies a starter model, trained on the first scene, to the same folder.</p>"
            "<p><b>Example:</b> click Run. A message above the map then opens the next dialog, filled in: <i>Segment with "
            "DualStream</i>, which maps the second scene with the starter model, or <i>Train DualStream</i> where the "
            "plugin has no starter model.</p>"
        )

    def tags(self) -> list[str]:
        return tr("sample,example,demo,tutorial,first,try,start,test data,starter model").split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameter and the outputs."""
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(documents)) / "DualStream sample data"
        definition = QgsProcessingParameterFolderDestination(
            "OUTPUT", tr("Folder for the sample data"), str(folder)
        )
        self.addParameter(with_help(definition, tr("Existing files of the sample data are kept.")))
        for name, text in (
            ("IMAGE", tr("Training image")),
            ("AUXILIARY", tr("Training air quality")),
            ("UNSEEN_IMAGE", tr("Unseen image")),
            ("UNSEEN_AUXILIARY", tr("Unseen air quality")),
        ):
            self.addOutput(QgsProcessingOutputRasterLayer(name, text))
        self.addOutput(QgsProcessingOutputVectorLayer("LABELS", tr("Training labels")))
        self.addOutput(QgsProcessingOutputVectorLayer("UNSEEN_LABELS", tr("Unseen labels")))
        self.addOutput(QgsProcessingOutputFile("MODEL", tr("Starter model")))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes in the main thread which files the project shows already."""
        layers = context.project().mapLayers().values() if context.project() is not None else ()
        self._shown = {_file_of(layer) for layer in layers}
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Writes the files and asks for their layers."""
        folder = Path(self.parameterAsFileOutput(parameters, "OUTPUT", context))
        try:
            files = _write(folder, feedback)
            model = starter_model.copy_to(folder)
        except ImportError as error:
            raise QgsProcessingException(
                tr("QGIS's Python lacks the package {}, which makes the sample data.").format(
                    error.name
                )
            ) from error
        except OSError as error:
            raise QgsProcessingException(
                tr("The sample data cannot be written to {}: {}. Choose another folder.").format(
                    folder, error.strerror or error
                )
            ) from error
        results = {"OUTPUT": str(folder), **{file.output: file.path for file in files}}
        if model is None:
            feedback.pushInfo(
                tr("This installation has no starter model: train one on the training scene.")
            )
        else:
            results["MODEL"] = str(model)
            feedback.pushInfo(tr("The starter model is {}").format(model))
        self._load(files, context)
        self._results = results
        return results

    def next_step(self) -> Callable[[Any], None]:
        return partial(_show_next_step, self._results)

    def _load(self, files: list[_File], context: QgsProcessingContext) -> None:
        """Asks for layers of the files that the project does not show yet."""
        order = [file.path for file in files]
        for file in files:
            if Path(file.path) in self._shown:
                continue

            def arrange(layer: Any, file: _File = file) -> None:
                file.style(layer)
                _into_group(layer, file.is_shown)

            styling.load_layer(context, file.path, file.name, file.output, arrange, order)
            if context.willLoadLayerOnCompletion(file.path):
                # By default QGIS names layers after their files, and each scene has an image and an air.
                context.layerToLoadOnCompletionDetails(file.path).forceName = True


def _write(folder: Path, feedback: QgsProcessingFeedback) -> list[_File]:
    """Writes both scenes.

    Returns:
        Their files, the topmost layer first.

    Raises:
        ImportError: If QGIS's Python has no numpy or no GDAL.
        OSError: If a file cannot be written.
        QgsProcessingException: After a cancel.
    """
    # Imported here: no other part of the plugin needs numpy, and without it QGIS must still load the plugin.
    from ..sample_scenes import files, scene

    for number, spec in enumerate((scene.TRAINING, scene.UNSEEN)):
        if feedback.isCanceled():
            raise QgsProcessingException(tr("Cancelled: what was written is kept."))
        feedback.setProgress(50 * number)
        target = folder / spec.name
        if all((target / name).is_file() for name in (files.IMAGE, files.AIR, files.LABELS)):
            feedback.pushInfo(tr("The scene {} is there already").format(target))
            continue
        feedback.pushInfo(tr("Making the scene {}").format(target))
        files.write_scene(scene.generate_scene(spec), folder)
    feedback.setProgress(100)
    training, unseen = folder / scene.TRAINING.name, folder / scene.UNSEEN.name
    air, image, labels = files.AIR, files.IMAGE, files.LABELS
    return [
        _File("LABELS", str(training / labels), tr("Training labels"), sample_styles.show_labels),
        _File(
            "AUXILIARY",
            str(training / air),
            tr("Training air quality"),
            sample_styles.show_air,
            False,
        ),
        _File("IMAGE", str(training / image), tr("Training image"), sample_styles.show_image),
        _File(
            "UNSEEN_LABELS",
            str(unseen / labels),
            tr("Unseen labels"),
            sample_styles.show_labels,
            False,
        ),
        _File(
            "UNSEEN_AUXILIARY",
            str(unseen / air),
            tr("Unseen air quality"),
            sample_styles.show_air,
            False,
        ),
        _File("UNSEEN_IMAGE", str(unseen / image), tr("Unseen image"), sample_styles.show_image),
    ]


def _into_group(layer: Any, is_shown: bool) -> None:
    """Moves a layer into the group of the sample data, and ticks or unticks it."""
    root = layer.project().layerTreeRoot()
    node, name = root.findLayer(layer.id()), tr("DualStream sample data")
    group = root.findGroup(name) or root.insertGroup(0, name)
    moved = node.clone()
    moved.setItemVisibilityChecked(is_shown)
    moved.setExpanded(is_shown)
    group.addChildNode(moved)
    node.parent().removeChildNode(node)


def _file_of(layer: Any) -> Path:
    """Returns the file of a layer, without the layer name that follows it in vector sources."""
    return Path(layer.source().partition("|")[0])


def _show_next_step(results: Values, iface: Any) -> None:
    """Zooms to the sample data, and offers what can be done with them, if the project shows them."""
    paths = {Path(path) for path in results.values()}
    layers = [one for one in QgsProject.instance().mapLayers().values() if _file_of(one) in paths]
    if layers:
        _zoom_to(layers, iface.mapCanvas())
        _offer_next_step(results, iface)


def _zoom_to(layers: list[Any], canvas: Any) -> None:
    """Shows the whole of some layers on the map."""
    extent, crs = QgsRectangle(), canvas.mapSettings().destinationCrs()
    for layer in layers:
        to_map = QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance())
        extent.combineExtentWith(to_map.transformBoundingBox(layer.extent()))
    extent.scale(1.05)
    canvas.setExtent(extent)
    canvas.refresh()


def _offer_next_step(results: Values, iface: Any) -> None:
    """Offers the dialog of the next step, or the set-up if the engine is missing or a light one."""
    from ..message_bar import offer, offer_setup, offered  # only QGIS with a window has it

    text = tr("The sample data are ready.")
    try:
        environment.find()
    except environment.EnvironmentMissingError as problem:
        message = offered(iface)
        if message is None:
            offer_setup(iface, text, problem)
        elif not problem.is_chosen:  # the message after the start, which has the same button
            message.setText(text)
        return
    if full_engine_error():
        text = tr("The sample data need the full engine.")
        offer(iface, text, "setup", {"ONLY_MAP": False})
    elif "MODEL" in results:
        offer(iface, text, "segment", _segmentation(results))
    else:
        offer(iface, text, "train", _training(results))


def _segmentation(results: Values) -> Values:
    """Returns the parameters that map the unseen scene with the starter model."""
    return {
        "MODEL": results["MODEL"],
        "IMAGE": results["UNSEEN_IMAGE"],
        "AUXILIARY": [results["UNSEEN_AUXILIARY"]],
    }


def _training(results: Values) -> Values:
    """Returns the parameters that train a model on the training scene, with its file beside the scenes."""
    return {
        "IMAGE": [results["IMAGE"]],
        "AUXILIARY": [results["AUXILIARY"]],
        "LABELS": results["LABELS"],
        "CLASS_FIELD": "class",
        "MINUTES": _MINUTES,
        "TILE_SIZE": _TILE_SIZE,
        "OUTPUT": str(Path(results["OUTPUT"]) / _MODEL),
    }
