"""Run inside QGIS by ``--code``: labels the sample scene in the panel Label by mouse and keyboard, as a person does.

The environment names a folder with the scene and the places to mark, and the number of marks after which it waits to be
killed; 0: it maps, and writes what it saw into result.json.
"""

import json
import os
import time
import traceback
from pathlib import Path

from qgis.core import QgsCoordinateTransform, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QLineEdit
from qgis.utils import iface, plugins

FOLDER = Path(os.environ["PANEL_FOLDER"])
STOP_AFTER = int(os.environ["PANEL_STOP_AFTER"])
SECONDS = 180


def wait(seconds, until=lambda: False):
    """Processes QGIS's events; returns the longest time that one of them took, s."""
    end, longest = time.monotonic() + seconds, 0.0
    while time.monotonic() < end and not until():
        begun = time.monotonic()
        QApplication.processEvents()
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.01)
    return longest


def place_on_screen(layer, x, y):
    """Where a place of the image is in the map's window."""
    canvas, project = iface.mapCanvas(), QgsProject.instance()
    to_map = QgsCoordinateTransform(layer.crs(), canvas.mapSettings().destinationCrs(), project)
    place = canvas.getCoordinateTransform().transform(to_map.transform(QgsPointXY(x, y)))
    return QPoint(round(place.x()), round(place.y()))


def rename(table, row, name):
    """Types a name into the list of classes."""
    table.setCurrentCell(row, 2)  # closes the editor of a new class
    wait(0.2)
    table.editItem(table.item(row, 2))
    wait(0.2)
    editor = [one for one in table.findChildren(QLineEdit) if one.isVisible()][-1]
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    wait(0.2)


def label():
    """Opens the panel, names three classes, marks all places, and waits for the map."""
    project, map_window = QgsProject.instance(), iface.mapCanvas()
    air = QgsRasterLayer(str(FOLDER / "training" / "air.tif"), "Air")
    image = QgsRasterLayer(str(FOLDER / "training" / "image.tif"), "Image")
    project.addMapLayers([air, image])
    project.setCrs(image.crs())
    iface.setActiveLayer(image)
    menu = plugins["dualstream_qgis"]._menu
    menu.open_panel()
    panel, labelling = menu._panel, menu.labelling
    map_window.setExtent(image.extent())
    panel.auxiliary.setItemCheckState(0, Qt.CheckState.Checked)
    panel.classes.add_button.click()
    places = json.loads((FOLDER / "places.json").read_text())
    names = list(dict.fromkeys(name for name, _, _ in places))
    for row, name in enumerate(names):
        rename(panel.classes.table, row, name)
    QTest.keyClick(map_window, Qt.Key.Key_M)
    for count, (name, x, y) in enumerate(places, 1):
        QTest.keyClick(map_window, str(names.index(name) + 1))
        spot = place_on_screen(image, x, y)
        QTest.mouseClick(
            map_window.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot
        )
        wait(0.05)
        if count == STOP_AFTER:
            (FOLDER / "waiting").touch()
            wait(600)
    begun = time.monotonic()
    wait(0.6)
    longest = wait(SECONDS, lambda: labelling.mapper.runs.is_idle)
    wait(1)
    iface.mainWindow().grab().save(str(FOLDER / "panel.png"))
    seconds, status = time.monotonic() - begun, panel.status.text()
    QTest.mouseClick(
        map_window.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot
    )
    begun = time.monotonic()
    wait(0.6)
    wait(SECONDS, lambda: labelling.mapper.runs.is_idle)
    return {
        "status": status,
        "seconds": seconds,
        "seconds_of_a_further_mark": time.monotonic() - begun,
        "longest_wait": longest,
        "model": labelling.keep_model(),
        "layers": [layer.name() for layer in project.mapLayers().values()],
    }


def main():
    """Labels, and writes the result or the traceback."""
    try:
        result = label()
    except BaseException:
        result = {"error": traceback.format_exc()}
    (FOLDER / "result.json").write_text(json.dumps(result))
    os._exit(0)


QTimer.singleShot(1500, main)
