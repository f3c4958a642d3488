"""The line about the data in the training dialogs: asked in the background, never in the way."""

from __future__ import annotations

import os
import sys
import time

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.jobs import TrainJob
from qgis.PyQt.QtWidgets import QApplication

from dualstream_qgis import environment
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.dialogs import plan_label
from tests.plugin.rasters import write_raster

pytestmark = pytest.mark.usefixtures("processing_ready")

STARTED = 'say("started", command=verb, version="1", pid=os.getpid())\n'
LOOKED = 'say("warned", message="Few pixels.")\nsay("metric", message=job["dataset"], values={})\n'


@pytest.fixture
def label(make_engine, monkeypatch):
    """``label(body, *jobs)``: a line that asks an engine of that body about one job after the other."""
    made = []

    def make(body, *jobs):
        root, queue = make_engine(STARTED + body), list(jobs)
        monkeypatch.setattr(plan_label, "ROOT", root)
        monkeypatch.setattr(environment, "find", lambda: sys.executable)
        one = plan_label.PlanLabel(lambda: queue.pop(0) if len(queue) > 1 else queue[0])
        made.append(one)
        one.show()
        return one

    yield make
    for one in made:
        one.hide()


def wait(until, seconds=20):
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.02)
    assert until()


def is_running(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_the_data_are_told_first_and_the_time_when_it_is_measured(label):
    one = label(
        LOOKED + 'time.sleep(1); say("done", message="<b>, 3 min", outputs={})',
        TrainJob(dataset="/d"),
    )
    assert one.text() == ""
    wait(lambda: one.text() == "Looking at the data…")
    wait(lambda: one.text() == "/d\nFew pixels.")
    wait(lambda: one.text() == "<b>, 3 min\nFew pixels.")


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ('say("failed", message="No labels.", details="")', "No labels."),
        ('say("failed", message="A defect.", details="Traceback")', ""),
        ("os._exit(1)", ""),
    ],
)
def test_a_problem_of_the_user_s_is_told_and_a_defect_is_not(label, end, text):
    one = label(end, TrainJob(dataset="/d"))
    wait(lambda: one.text() == "Looking at the data…")
    wait(lambda: one.text() == text)


def test_an_older_question_and_a_closed_dialog_end_the_engine(label, tmp_path):
    told = tmp_path / "pids"
    body = f"open({str(told)!r}, 'a').write(str(os.getpid()) + ' '); time.sleep(300)"
    one = label(body, TrainJob(dataset="/a"), TrainJob(dataset="/b"))

    def pids():
        return [int(word) for word in told.read_text().split()] if told.is_file() else []

    wait(lambda: len(pids()) == 1)
    one.request()
    wait(lambda: len(pids()) == 2)
    wait(lambda: not is_running(pids()[0]))
    one.hide()
    assert one.text() == ""
    wait(lambda: not is_running(pids()[1]))


def test_a_dialog_asks_once_its_data_are_complete(context, tmp_path):
    image = write_raster(tmp_path / "i.tif")
    given = {"IMAGE": image, "LABELS": image, "RECIPE": "seed=2", "OUTPUT": "TEMPORARY_OUTPUT"}
    planned = TrainAlgorithm().create().planned_job(given, context)
    assert planned == TrainJob(image=(image,), labels=image, seed=2)
    for change in (
        {"LABELS": None},
        {"RECIPE": "sed=2"},
        {"TILE_SIZE": 33},
    ):
        assert TrainAlgorithm().create().planned_job({**given, **change}, context) == ""
    gone = TrainAlgorithm().create().planned_job({**given, "IMAGE": ["/none.tif"]}, context)
    assert gone == "Image, or several: there is no layer and no file /none.tif."
    planned = TrainDataSetAlgorithm().create().planned_job({"DATASET": "/d"}, context)
    assert planned == TrainJob(dataset="/d")
