"""The plugin object that QGIS loads: it adds a Processing provider."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from . import warm_engine
from .provider import DualStreamProvider


class DualStreamPlugin:
    """Adds the provider when QGIS or ``qgis_process`` starts and removes it when the plugin is unloaded.

    Args:
        iface: QGIS's main window, unused; None in ``qgis_process``.
    """

    def __init__(self, iface: Any) -> None:
        self._provider: DualStreamProvider | None = None

    def initProcessing(self) -> None:
        """Adds the provider; ``qgis_process`` calls this, and ``initGui``."""
        self._provider = DualStreamProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Adds the provider; QGIS with a window calls this."""
        self.initProcessing()

    def unload(self) -> None:
        """Stops the idle engine and removes the provider, which the registry deletes."""
        warm_engine.ENGINES.stop()
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
