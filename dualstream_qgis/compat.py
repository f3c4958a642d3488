"""The enum members whose home moved between QGIS 3.22 and 4, spelled in one place.

Later versions keep the scoped names below as aliases of ``Qgis.ProcessingSourceType`` and its kin.
"""

from __future__ import annotations

from qgis.core import (
    QgsColorRampShader,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

TYPE_RASTER = QgsProcessing.SourceType.TypeRaster
TYPE_POLYGON = QgsProcessing.SourceType.TypeVectorPolygon

ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced

CAN_CANCEL = QgsProcessingAlgorithm.Flag.FlagCanCancel

INTEGER = QgsProcessingParameterNumber.Type.Integer
DOUBLE = QgsProcessingParameterNumber.Type.Double

A_FILE = QgsProcessingParameterFile.Behavior.File
A_FOLDER = QgsProcessingParameterFile.Behavior.Folder

ANY_FIELD = QgsProcessingParameterField.DataType.Any

INTERPOLATED = QgsColorRampShader.Type.Interpolated
