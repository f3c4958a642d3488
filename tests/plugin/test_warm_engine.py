"""Warm engines: which job gets which process, and which process is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from dualstream_qgis.engine.contract import protocol
from dualstream_qgis.engine.contract.jobs import SegmentJob

from dualstream_qgis.engine_process import child_process, warm_engine, worker
from tests.plugin.test_child_process import is_there
from tests.plugin.test_worker import alive, never, wait_until

#: Answers every job with its own image and pid, and does what the image's name says. On Windows the Python of an
#: environment is a small program, whose pid we know, that runs the real one.
OBEDIENT = """
own_pid = os.getppid if sys.platform == "win32" and sys.prefix != sys.base_prefix else os.getpid
assert verb == "segment", verb
boundary = "--- next request ---"
for number, job in enumerate(jobs()):
    say("started", command=verb, version="1", pid=own_pid())
    print(f"\\n{boundary}\\nnoise of", job["image"], file=sys.stderr, flush=True)
    if job["image"] == "crash":
        os._exit(7)
    if job["image"] == "hang":
        time.sleep(300)
    if job["image"] == "wait":
        time.sleep(1)
    if job["image"] == "refuse":
        say("failed", message="No such band.", details="")
    elif job["image"] == "defect":
        say("failed", message="A defect.", details="Traceback ...")
    else:
        say("done", message="", outputs={"image": job["image"], "number": number})
"""


@pytest.fixture
def engines():
    made = warm_engine.EnginePool()
    yield made
    made.stop()


@pytest.fixture
def segment(make_engine, engines):
    """``segment(image)``: the job's number in its process, and the process."""
    launch = worker.Launch(sys.executable, make_engine(OBEDIENT))

    def run(image, cancelled=never):
        events = list(engines.run(launch, "segment", SegmentJob(image=image), cancelled))
        assert [type(e) for e in events] == [protocol.Started, protocol.Done]
        assert events[-1].outputs["image"] == image
        return events[-1].outputs["number"], events[0].pid

    run.launch = launch
    return run


def test_jobs_one_after_another_share_a_process(segment, engines):
    assert not engines.is_warm(segment.launch)
    (first, pid), (second, same) = segment("a"), segment("ü \udcff b")
    assert (first, second) == (0, 1) and engines.is_warm(segment.launch)
    assert not engines.is_warm(worker.Launch(sys.executable, segment.launch.root / "other"))
    assert pid == same == engines.idle_pid


def test_the_engine_stays_after_a_refused_job(segment, engines):
    _, pid = segment("a")
    with pytest.raises(worker.FailedError, match=r"^No such band\.$"):
        segment("refuse")
    assert segment("b") == (2, pid)


def test_after_a_defect_the_next_job_gets_a_new_engine(segment, engines):
    _, pid = segment("a")
    with pytest.raises(worker.FailedError) as caught:
        segment("defect")
    assert caught.value.details == "Traceback ..."
    assert engines.idle_pid is None and not alive(pid)
    number, other = segment("b")
    assert number == 0 and other != pid


def test_a_crash_quotes_only_its_own_job(segment, engines):
    _, pid = segment("earlier")
    with pytest.raises(worker.CrashedError, match="exit code 7") as caught:
        segment("crash")
    assert "noise of crash" in str(caught.value) and "earlier" not in str(caught.value)
    assert engines.idle_pid is None
    number, other = segment("b")
    assert number == 0 and other != pid


def test_cancel_kills_the_engine(segment, engines):
    _, pid = segment("a")
    begun = time.monotonic()
    with pytest.raises(child_process.CancelledError):
        segment("hang", cancelled=lambda: time.monotonic() > begun + 0.5)
    assert time.monotonic() - begun < 2.5 and not alive(pid)
    assert segment("b")[0] == 0


@pytest.mark.parametrize("how", [9, signal.SIGTERM])
def test_an_idle_engine_that_died_is_replaced(segment, engines, how):
    _, pid = segment("a")
    os.kill(pid, how)
    number, other = segment("b")
    assert number == 0 and other != pid


LEAVING = """
for job in jobs():
    with open(job["output"], "a") as file:
        print(job["image"], os.getpid(), file=file)
    say("done", message="")
    # Takes the next request, and ends without having begun it.
    sys.stdin.readline()
    os._exit(0)
"""


def test_an_engine_that_ends_before_a_job_neither_loses_nor_repeats_it(
    make_engine, engines, tmp_path
):
    launch = worker.Launch(sys.executable, make_engine(LEAVING))
    log = tmp_path / "log"
    for image in "abc":
        job = SegmentJob(image=image, output=str(log))
        assert len(list(engines.run(launch, "segment", job, never))) == 1
    lines = [line.split() for line in log.read_text().splitlines()]
    assert [image for image, _ in lines] == ["a", "b", "c"]
    assert len({pid for _, pid in lines}) == 3


def test_an_idle_engine_that_ends_is_no_zombie(make_engine, engines):
    root = make_engine('say("done", message="", outputs={"pid": os.getpid()}); time.sleep(0.3)')
    (done,) = engines.run(worker.Launch(sys.executable, root), "segment", SegmentJob(), never)
    pid = done.outputs["pid"]
    assert is_there(pid) and wait_until(lambda: not is_there(pid)), "without asking the engines"


def test_a_job_that_crashes_is_not_repeated(make_engine, engines, tmp_path):
    log = tmp_path / "log"
    root = make_engine(
        f"""
        for number, job in enumerate(jobs()):
            say("started", command=verb, version="1", pid=os.getpid())
            print(job["image"], file=open({str(log)!r}, "a"))
            if number:
                os._exit(1)
            say("done", message="")
        """
    )
    launch = worker.Launch(sys.executable, root)
    list(engines.run(launch, "segment", SegmentJob(image="a"), never))
    with pytest.raises(worker.CrashedError):
        list(engines.run(launch, "segment", SegmentJob(image="b"), never))
    assert log.read_text().split() == ["a", "b"]


def test_an_engine_that_fails_at_its_start_is_a_crash(make_engine, engines):
    root = make_engine('print("no torch", file=sys.stderr); sys.exit(3)')
    with pytest.raises(worker.CrashedError, match=r"exit code 3.*no torch"):
        list(engines.run(worker.Launch(sys.executable, root), "segment", SegmentJob(), never))


def test_an_engine_that_ends_before_the_request_gives_the_reason(make_engine, engines, monkeypatch):
    send = child_process.ChildProcess.send

    def late(process, line):
        assert wait_until(lambda: process.exit_code is not None)
        send(process, line)

    monkeypatch.setattr(child_process.ChildProcess, "send", late)
    root = make_engine("")
    (root / "engine" / "__main__.py").write_text("raise SystemExit('no torch')")
    with pytest.raises(worker.CrashedError, match=r"exit code 1.*no torch"):
        list(engines.run(worker.Launch(sys.executable, root), "segment", SegmentJob(), never))


def test_two_jobs_at_once_have_two_engines_and_one_is_kept(segment, engines):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(segment("wait")[1])) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 2
    assert [pid for pid in results if alive(pid)] == [engines.idle_pid]
    assert segment("b")[1] == engines.idle_pid


def test_other_environment_variables_need_a_new_engine(segment, engines, monkeypatch):
    _, pid = segment("a")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    _, other = segment("b")
    assert other != pid and not alive(pid), "the one that nobody can use goes"
    monkeypatch.setenv("QT_ANYTHING", "1")
    assert segment("c")[1] == other, "variables that no engine gets make no difference"


@pytest.mark.skipif(sys.platform == "win32", reason="makes symbolic links")
def test_a_rebuilt_environment_needs_a_new_engine(make_engine, engines, tmp_path):
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    launch = worker.Launch(str(python), make_engine(OBEDIENT))
    pids = []
    for _ in range(2):
        list(engines.run(launch, "segment", SegmentJob(image="a"), never))
        pids.append(engines.idle_pid)
        python.unlink()
        time.sleep(0.02)
        python.symlink_to(sys.executable)
    assert pids[0] != pids[1] and not alive(pids[0])


def test_stop_ends_the_idle_engine_and_keeps_no_busy_one(segment, engines):
    _, pid = segment("a")
    engines.stop()
    assert not alive(pid) and engines.idle_pid is None
    results = []
    thread = threading.Thread(target=lambda: results.append(segment("wait")))
    thread.start()
    time.sleep(0.5)
    engines.stop()
    thread.join()
    assert results[0][0] == 0, "its job is done to the end"
    assert engines.idle_pid is None and not alive(results[0][1])
    assert segment("b")[0] == 0


def test_after_an_abandoned_run_only_a_finished_engine_is_kept(segment, engines):
    run = engines.run(segment.launch, "segment", SegmentJob(image="hang"), never)
    pid = next(run).pid
    run.close()
    assert wait_until(lambda: not alive(pid), 1.0) and engines.idle_pid is None
    run = engines.run(segment.launch, "segment", SegmentJob(image="a"), never)
    assert [type(next(run)), type(next(run))] == [protocol.Started, protocol.Done]
    run.close()
    assert engines.idle_pid is not None and segment("b") == (1, engines.idle_pid)


def test_an_idle_engine_ends_with_its_owner(segment):
    owner = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from dualstream_qgis.engine_process import warm_engine, worker
from dualstream_qgis.engine.contract.jobs import SegmentJob
from pathlib import Path
launch = worker.Launch(sys.executable, Path({str(segment.launch.root)!r}))
list(warm_engine.ENGINES.run(launch, "segment", SegmentJob(image="a"), lambda: False))
print(warm_engine.ENGINES.idle_pid, "qgis" in sys.modules, flush=True)
time.sleep(300)
"""
    process = subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True)
    pid, knows_qgis = process.stdout.readline().split()
    assert alive(int(pid)) and knows_qgis == "False"
    process.kill()
    process.wait()
    assert wait_until(lambda: not alive(int(pid))), "the engine outlived its owner"
