"""Run inside QGIS by ``--code``: opens dialogs of algorithms, clicks Run, and writes the results.

Requests are JSON files in the folder that the environment names, 1.json, 2.json, ...: an algorithm, its parameters,
rasters to load first, and whether to click Run. Without a click the result is the texts that the dialog shows. An
empty request ends QGIS.
"""

import itertools
import json
import os
import time
import traceback
from pathlib import Path

import processing
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import (
    QApplication,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTextEdit,
)

SECONDS = 90

#: Other tests may run between those of dialogs.
IDLE_SECONDS = 1800


def wait(seconds, until=lambda: False):
    """Processes QGIS's events for some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QApplication.processEvents()
        time.sleep(0.02)


def button(dialog, text):
    """The button with a text."""
    buttons = dialog.findChildren(QPushButton)
    return next(one for one in buttons if one.text().replace("&", "") == text)


def close_box(texts):
    """Closes a message box, if there is one, and adds its text."""
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        texts.append(box.text())
        box.reject()


def described(node):
    """Returns name, renderer and labels of a layer, and whether its legend is open."""
    layer = node.layer()
    renderer = layer.renderer()
    entries = {"paletted": "classes", "categorizedSymbol": "categories"}.get(renderer.type())
    labels = []
    if entries:
        found = getattr(renderer, entries)()
        labels = [entry.label if entries == "classes" else entry.label() for entry in found]
    return {
        "name": layer.name(),
        "renderer": renderer.type(),
        "labels": labels,
        "is_expanded": node.isExpanded(),
    }


def run(algorithm, parameters, rasters, clicks):
    """Clicks Run and returns the layers from top to bottom, the log, and seconds; or only the texts."""
    project = QgsProject.instance()
    project.clear()
    for path in rasters:
        project.addMapLayer(QgsRasterLayer(path, Path(path).stem))
    dialog = processing.createAlgorithmDialog(algorithm, parameters)
    dialog.show()
    wait(1)
    try:
        if not clicks:
            labels = dialog.findChildren(QLabel)
            return {"texts": [label.text() for label in labels if label.isVisible()]}
        return click_run(dialog)
    finally:
        dialog.close()


def click_run(dialog):
    """Clicks Run in a dialog; returns the layers, the log and seconds, or the texts of message boxes."""
    log = next(text for text in dialog.findChildren(QTextEdit) if text.objectName() == "txtLog")
    cancel, begun = button(dialog, "Cancel"), time.monotonic()
    boxes, timer = [], QTimer()
    timer.timeout.connect(lambda: close_box(boxes))
    timer.start(100)
    button(dialog, "Run").click()
    if boxes:
        return {"boxes": boxes}
    bar = dialog.findChild(QProgressBar)

    def has_ended():
        return time.monotonic() - begun > 1 and not cancel.isEnabled()

    def seconds_until(line):
        wait(SECONDS, lambda: (line in log.toPlainText() and bar.value() > 0) or has_ended())
        return time.monotonic() - begun

    moves, runs = seconds_until("Starting the engine"), seconds_until("The engine is running")
    wait(SECONDS, has_ended)
    wait(0.5)
    nodes = QgsProject.instance().layerTreeRoot().findLayers()
    return {
        "layers": [described(node) for node in nodes],
        "log": log.toPlainText(),
        "seconds_until_the_bar_moves": moves,
        "seconds_until_the_engine_runs": runs,
    }


def main():
    """Answers each request with a result, or the traceback."""
    folder = Path(os.environ["DIALOG_FOLDER"])
    for number in itertools.count(1):
        asked = folder / f"{number}.json"
        wait(IDLE_SECONDS, asked.exists)
        request = json.loads(asked.read_text()) if asked.exists() else {}
        if not request:
            os._exit(0)
        try:
            result = run(**request)
        except BaseException:
            result = {"error": traceback.format_exc()}
        part = folder / "part"
        part.write_text(json.dumps(result))
        part.rename(folder / f"{number}.result.json")


QTimer.singleShot(1000, main)
