"""The plugin's menu, and the message that offers the set-up until it is closed."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QMainWindow, QPushButton

from dualstream_qgis import environment, message_bar
from dualstream_qgis.menu import Menu
from dualstream_qgis.message_bar import offer, offered

pytestmark = pytest.mark.usefixtures("processing_ready")


class Window:
    """What the plugin uses of QGIS's main window."""

    def __init__(self):
        self.window, self.bar, self.menus = QMainWindow(), QgsMessageBar(), {}

    def mainWindow(self):
        return self.window

    def messageBar(self):
        return self.bar

    def addPluginToMenu(self, name, action):
        self.menus.setdefault(name, []).append(action)

    def removePluginMenu(self, name, action):
        self.menus[name].remove(action)


@pytest.fixture
def window():
    QgsSettings().remove("DualStream")
    yield Window()
    QgsSettings().remove("DualStream")


@pytest.fixture
def no_engine(monkeypatch):
    def find():
        raise environment.EnvironmentMissingError("none")

    monkeypatch.setattr(environment, "find", find)


def wait(seconds=2.0, until=lambda: False):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QgsApplication.processEvents()
        time.sleep(0.02)


def test_the_menu_has_the_algorithms_by_their_names_and_goes_away(window):
    menu = Menu(window)
    names = [action.text() for action in window.menus["DualStream"]]
    assert names == [
        "Label",
        "Segment with DualStream",
        "Train DualStream",
        "Accuracy of a mask",
        "Set up DualStream",
        "Make sample data",
        "Check the installation",
        "Help",
    ]
    assert not any(action.icon().isNull() for action in window.menus["DualStream"])
    menu.remove()
    assert window.menus == {"DualStream": []}


def test_a_missing_engine_is_told_until_the_message_is_closed(window, no_engine):
    first = Menu(window)
    wait(10, lambda: offered(window))
    (item,) = window.bar.items()
    assert "not installed yet" in item.text()
    assert [button.text() for button in item.findChildren(QPushButton)] == ["Set up DualStream"]
    first.remove()
    assert not offered(window), "the message goes away with the plugin"

    second = Menu(window)
    wait(10, lambda: offered(window))
    assert offered(window), "nobody has closed it yet"
    window.bar.popWidget(window.bar.currentItem())
    second.remove()

    third = Menu(window)
    wait()
    assert not offered(window)
    third.remove()


def test_a_chosen_python_that_is_missing_is_told_without_the_set_up(window, monkeypatch):
    monkeypatch.setenv(environment.VARIABLE, "/nowhere/python")
    menu = Menu(window)
    wait(10, lambda: offered(window))
    (item,) = window.bar.items()
    assert "DUALSTREAM_PYTHON, /nowhere/python. It does not exist. Name another" in item.text()
    (button,) = item.findChildren(QPushButton)
    assert button.text() == "Check the installation"
    menu.remove()


def test_a_later_message_takes_the_place_of_an_earlier_one(window, monkeypatch):
    opened = []
    monkeypatch.setattr(message_bar, "open_dialog", lambda *call: opened.append(call))
    offer(window, "The sample data are ready.", "segment", {"MODEL": "a"})
    offer(window, "The training has ended.", "segment", {"MODEL": "b"})
    (item,) = window.bar.items()
    item.findChild(QPushButton).click()
    assert opened == [("segment", {"MODEL": "b"})]
    assert not offered(window)


def test_nothing_is_told_where_the_engine_is(window, monkeypatch):
    monkeypatch.setattr(environment, "find", lambda: "python")
    menu = Menu(window)
    wait()
    assert not offered(window)
    menu.remove()
