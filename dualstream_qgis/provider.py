"""The Processing provider."""

from __future__ import annotations

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import ROOT, settings
from .algorithms.doctor import DoctorAlgorithm
from .algorithms.download import DownloadAlgorithm
from .algorithms.evaluate import EvaluateAlgorithm
from .algorithms.export import ExportAlgorithm
from .algorithms.import_weights import ImportAlgorithm
from .algorithms.model_information import ModelInformationAlgorithm
from .algorithms.polygons import PolygonsAlgorithm
from .algorithms.predict_folder import PredictFolderAlgorithm
from .algorithms.sample_data import SampleDataAlgorithm
from .algorithms.segment import SegmentAlgorithm
from .algorithms.segment_folder import SegmentFolderAlgorithm
from .algorithms.setup import SetupAlgorithm
from .algorithms.sketch import SketchAlgorithm
from .algorithms.suggest import SuggestAlgorithm
from .algorithms.train import TrainAlgorithm
from .algorithms.train_data_set import TrainDataSetAlgorithm
from .engine.contract.version import engine_version
from .i18n import tr

ALGORITHMS = (
    TrainAlgorithm,
    TrainDataSetAlgorithm,
    SketchAlgorithm,
    SuggestAlgorithm,
    SegmentAlgorithm,
    SegmentFolderAlgorithm,
    PredictFolderAlgorithm,
    PolygonsAlgorithm,
    EvaluateAlgorithm,
    ExportAlgorithm,
    ImportAlgorithm,
    ModelInformationAlgorithm,
    SetupAlgorithm,
    SampleDataAlgorithm,
    DownloadAlgorithm,
    DoctorAlgorithm,
)

ICON = ROOT / "resources" / "icons" / "dualstream.svg"


class DualStreamProvider(QgsProcessingProvider):
    """Offers DualStream's algorithms to the Toolbox, models, batches and ``qgis_process``."""

    def id(self) -> str:
        """Returns the id, which precedes every algorithm's name in scripts and models: never change it."""
        return "dualstream"

    def name(self) -> str:
        return "DualStream"

    def longName(self) -> str:
        return tr("DualStream: segmentation of two fused raster streams")

    def versionInfo(self) -> str:
        """Returns the version from metadata.txt."""
        return engine_version()

    def icon(self) -> QIcon:
        return QIcon(str(ICON))

    def svgIconPath(self) -> str:
        return str(ICON)

    def load(self) -> bool:
        """Adds the plugin's settings to Processing's, then loads the algorithms."""
        ProcessingConfig.settingIcons[self.name()] = self.icon()
        for setting in settings.ALL:
            ProcessingConfig.addSetting(
                Setting(
                    self.name(),
                    setting.name,
                    tr(setting.label),
                    setting.default,
                    valuetype=Setting.FILE if setting.is_file else Setting.STRING,
                )
            )
        ProcessingConfig.readSettings()
        self.refreshAlgorithms()
        return True

    def unload(self) -> None:
        for setting in settings.ALL:
            ProcessingConfig.removeSetting(setting.name)

    def loadAlgorithms(self) -> None:
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Returns the only format of masks, GeoTIFF."""
        return ["tif"]

    def defaultRasterFileExtension(self) -> str:
        return "tif"

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """Returns the only format of polygons, GeoPackage."""
        return ["gpkg"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:
        return "gpkg"
