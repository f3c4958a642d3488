"""The plugin object that QGIS loads: it adds a Processing provider, and a menu where QGIS has a window."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from . import i18n
from .engine_process import warm_engine
from .provider import DualStreamProvider


class DualStreamPlugin:
    """Adds provider and menu when QGIS or ``qgis_process`` starts and removes them when the plugin is unloaded.

    Args:
        iface: QGIS's main window; None in ``qgis_process``.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        i18n.use_language_of_qgis()
        self._provider: DualStreamProvider | None = None
        self._drop_handler: Any = None
        self._menu: Any = None

    def initProcessing(self) -> None:
        """Adds the provider; ``qgis_process`` calls this, and ``initGui``."""
        self._provider = DualStreamProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Adds provider and menu, and takes model files that are dropped; QGIS with a window calls this."""
        # Only here, because qgis_process has no window.
        from .dialogs.model_drop import ModelDropHandler
        from .menu import Menu

        self.initProcessing()
        self._drop_handler = ModelDropHandler()
        self._iface.registerCustomDropHandler(self._drop_handler)
        self._menu = Menu(self._iface)

    def unload(self) -> None:
        """Stops the idle engine, takes no more files, and removes menu and provider, which the registry deletes."""
        warm_engine.ENGINES.stop()
        if self._menu is not None:
            self._menu.remove()
            self._menu = None
        if self._drop_handler is not None:
            self._iface.unregisterCustomDropHandler(self._drop_handler)
            self._drop_handler = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
