"""Enum members of QGIS under names that work from QGIS 3.22 to 4.

Later versions move them to ``Qgis`` (such as ``Qgis.ProcessingSourceType``) and keep these names as aliases.
"""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsRaster,
    QgsRasterDataProvider,
    QgsTask,
)

TYPE_MAP_LAYER = QgsProcessing.SourceType.TypeMapLayer
TYPE_RASTER = QgsProcessing.SourceType.TypeRaster
TYPE_GEOMETRY = QgsProcessing.SourceType.TypeVectorAnyGeometry
TYPE_POLYGON = QgsProcessing.SourceType.TypeVectorPolygon

ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced
OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional
HIDDEN = QgsProcessingParameterDefinition.Flag.FlagHidden

CAN_CANCEL = QgsProcessingAlgorithm.Flag.FlagCanCancel

INTEGER = QgsProcessingParameterNumber.Type.Integer
DOUBLE = QgsProcessingParameterNumber.Type.Double


A_FOLDER = QgsProcessingParameterFile.Behavior.Folder

ANY_FIELD = QgsProcessingParameterField.DataType.Any

INTERPOLATED = QgsColorRampShader.Type.Interpolated

STRETCH = QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum

PICTURE_TYPES = (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)

ALPHA_BAND = QgsRaster.ColorInterpretation.AlphaBand

DISCRETE = QgsColorRampShader.Type.Discrete

AVERAGE = QgsRasterDataProvider.ResamplingMethod.Average

#: A task that can be cancelled; from QGIS 3.26 on its end is not announced.
QUIET_TASK = QgsTask.Flag.CanCancel | getattr(QgsTask.Flag, "Silent", QgsTask.Flag.CanCancel)
