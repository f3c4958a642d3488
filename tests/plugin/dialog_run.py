"""Run inside QGIS by ``--code``: opens an algorithm's dialog, clicks Run, and writes the result, of one dialog after another.

Without clicks, the result is the texts that the dialog shows.

The environment names the algorithm, a JSON file with the parameters of each dialog, rasters to load first, and the
file of the results.
"""

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


def run(parameters):
    """Clicks Run and returns the layers from top to bottom, the log, and seconds; or only the texts."""
    dialog = processing.createAlgorithmDialog(os.environ["DIALOG_ALGORITHM"], parameters)
    dialog.show()
    wait(1)
    if os.environ["DIALOG_CLICKS"] == "none":
        texts = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
        dialog.close()
        return {"texts": texts}
    log = next(text for text in dialog.findChildren(QTextEdit) if text.objectName() == "txtLog")
    cancel, begun = button(dialog, "Cancel"), time.monotonic()
    boxes, timer = [], QTimer()
    timer.timeout.connect(lambda: close_box(boxes))
    timer.start(100)
    button(dialog, "Run").click()
    if boxes:
        timer.stop()
        dialog.close()
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
    """Writes the results, or the traceback; QGIS ends either way."""
    try:
        for path in filter(None, os.environ["DIALOG_RASTERS"].split("\n")):
            QgsProject.instance().addMapLayer(QgsRasterLayer(path, Path(path).stem))
        results = [*map(run, json.loads(Path(os.environ["DIALOG_PARAMETERS"]).read_text()))]
    except BaseException:
        results = [{"error": traceback.format_exc()}]
    Path(os.environ["DIALOG_RESULT"]).write_text(json.dumps(results))
    os._exit(0)


QTimer.singleShot(1000, main)
