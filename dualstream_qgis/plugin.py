"""The plugin as QGIS sees it: it adds a Processing provider and nothing else."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from . import warm_engine
from .provider import DualStreamProvider


class DualStreamPlugin:
    """Adds the provider when QGIS or ``qgis_process`` starts and removes it at the end.

    Args:
        iface: QGIS's window, unused; None in ``qgis_process``.
    """

    def __init__(self, iface: Any) -> None:
        self._provider: DualStreamProvider | None = None

    def initProcessing(self) -> None:
        """Called by ``qgis_process``, and by ``initGui``."""
        self._provider = DualStreamProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Called by QGIS with a window."""
        self.initProcessing()

    def unload(self) -> None:
        """Called when the plugin is switched off; the registry deletes the provider."""
        warm_engine.ENGINES.stop()
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
