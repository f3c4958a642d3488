"""The base class of algorithms that make a model file, which the engine prepares for a fast start once it is written."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ..engine.contract.paths import file_state
from ..i18n import tr
from .base_algorithm import EngineAlgorithm, Values


class ModelMaker(EngineAlgorithm):
    """Says after a cancel whether the model was written already."""

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job; first reads the state of an earlier model file, to distinguish it from this one's."""
        self._earlier_model = file_state(self._job.output)
        return super().processAlgorithm(parameters, context, feedback)

    def has_written(self, job: Any) -> bool:
        """Returns whether this run has written its model file, which it does once, as a whole."""
        return file_state(job.output) not in (self._earlier_model, (0, 0))

    def cancel_message(self, job: Any) -> str:
        if not self.has_written(job):
            return super().cancel_message(job)
        return tr("Cancelled: the model {} is complete, but not prepared for a fast start.").format(
            job.output
        )
