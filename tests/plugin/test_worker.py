from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import pytest
from dualstream_qgis.engine.contract import protocol
from dualstream_qgis.engine.contract.file_jobs import InfoJob
from dualstream_qgis.engine.contract.jobs import SegmentJob, TrainJob

from dualstream_qgis.engine_process import child_process, worker


def never() -> bool:
    return False


def events(root, job=None, cancelled=never, verb="train"):
    launch = worker.Launch(sys.executable, root)
    return list(worker.run(launch, verb, job or TrainJob(), cancelled))


#: Numbers of the Windows API: the right to wait for a process, and the answer that it still runs.
_SYNCHRONIZE, _WAIT_TIMEOUT = 0x00100000, 0x102


def alive(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would send Ctrl+C
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, 0, pid)
        state = kernel.WaitForSingleObject(handle, 0)
        kernel.CloseHandle(handle)
        return bool(handle) and state == _WAIT_TIMEOUT
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody has reaped yet does not run any more.
    status = Path(f"/proc/{pid}/status")
    return "State:\tZ" not in status.read_text() if status.exists() else True


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


def wait_until(condition, seconds=5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_events_arrive_in_order_and_done_is_the_last(make_engine):
    root = make_engine(
        """
        say("started", command=verb, version="1", pid=os.getpid())
        say("progress", fraction=0.5, message="half")
        say("metric", message="mIoU 0.5", values={"miou": 0.5})
        say("warned", message="careful")
        say("done", message="made", outputs={"job": job})
        """
    )
    seen = events(root, TrainJob(image="ü \udcff b.tif", epochs=3))
    kinds = [type(event).__name__ for event in seen]
    assert kinds == ["Started", "Progress", "Metric", "Warned", "Done"]
    assert seen[-1].outputs["job"]["image"] == ["ü \udcff b.tif"]
    assert seen[-1].outputs["job"]["epochs"] == 3


@pytest.mark.parametrize(
    "said",
    [
        "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        "libgomp: Thread creation failed: Resource temporarily unavailable",
        "  what():  std::bad_alloc",
    ],
)
def test_a_library_that_ends_the_engine_for_lack_of_memory_is_recognised(make_engine, said):
    root = make_engine(f"print({said!r}, file=sys.stderr); sys.exit(1)")
    with pytest.raises(worker.CrashedError) as caught:
        events(root)
    assert str(caught.value) == worker.OUT_OF_MEMORY


def test_the_job_file_is_deleted(make_engine):
    root = make_engine(
        'say("done", message="", outputs={"path": sys.argv[sys.argv.index("--config") + 1]})'
    )
    assert not Path(events(root)[-1].outputs["path"]).exists()


@pytest.mark.parametrize("details", ["", "Traceback ..."])
def test_a_failure_has_its_message_and_keeps_a_traceback_apart(make_engine, details):
    root = make_engine(f'say("failed", message="No labels.", details="{details}"); sys.exit(2)')
    with pytest.raises(worker.FailedError, match=r"^No labels\.$") as caught:
        events(root)
    assert caught.value.details == details


@pytest.mark.parametrize(
    ("body", "message", "exit_code"),
    [
        pytest.param(
            *("os.kill(os.getpid(), 9); time.sleep(60)", "out of memory", -9), marks=needs_signals
        ),
        (
            'print("boom", file=sys.stderr); sys.exit(7)',
            r"\(exit code 7\)\. Its last output: boom",
            7,
        ),
        ("pass", "exit code 0", 0),
    ],
)
def test_a_crash_has_an_exit_code_and_the_last_output(make_engine, body, message, exit_code):
    with pytest.raises(worker.CrashedError, match=message) as caught:
        events(make_engine(body))
    assert caught.value.exit_code == exit_code


class EndedOnWindows:
    """A process that Windows has ended."""

    tail = ()

    def __init__(self, exit_code):
        self.exit_code = exit_code

    def lines(self, cancelled):
        return iter(())


@pytest.mark.parametrize(
    ("exit_code", "message"),
    [
        (3221225781, r"exit code 0xC0000135\)\. A library is missing.*Visual C\+\+ runtime"),
        (3221225501, r"exit code 0xC000001D\)\. This processor lacks an instruction"),
    ],
)
def test_a_crash_on_windows_is_told_by_its_cause(exit_code, message):
    with pytest.raises(worker.CrashedError, match=message):
        list(worker.events(EndedOnWindows(exit_code), never, exits_after_run=True))


def test_other_output_is_skipped_but_quoted_after_a_crash(make_engine):
    root = make_engine(
        """
        print("Welcome to libfoo"); print('{"event": "nonsense"}'); print("[1, 2]", flush=True)
        os.write(1, b"\\xff\\xfe not utf-8\\n")
        say("done", message="fine")
        """
    )
    assert [type(event) for event in events(root)] == [protocol.Done]
    with pytest.raises(worker.CrashedError, match="Welcome to libfoo"):
        events(make_engine('print("Welcome to libfoo"); sys.exit(3)'))


def test_much_output_on_stderr_does_not_block(make_engine):
    root = make_engine(
        """
        for number in range(40_000):
            print("x" * 100, number, file=sys.stderr)
        say("done", message="fine")
        """
    )
    started = time.monotonic()
    assert len(events(root)) == 1
    assert time.monotonic() - started < 20


def test_a_missing_python_is_a_crash(tmp_path):
    launch = worker.Launch(str(tmp_path / "no-python"), tmp_path)
    with pytest.raises(worker.CrashedError, match="cannot be started"):
        list(worker.run(launch, "train", TrainJob(), never))


@pytest.mark.parametrize("deaf", [True, False])
def test_cancel_stops_a_silent_engine_and_its_children_within_2_seconds(
    make_engine, tmp_path, deaf
):
    pids = tmp_path / "pids"
    root = make_engine(
        f"""
        import signal
        if {deaf}:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        with open({str(pids)!r} + ".new", "w") as file:
            print(os.getpid(), worker.pid, file=file)
        os.replace({str(pids)!r} + ".new", {str(pids)!r})
        time.sleep(300)
        """
    )
    asked = []

    def cancelled() -> bool:
        if pids.exists() and not asked:
            asked.append(time.monotonic())
        return bool(asked)

    with pytest.raises(child_process.CancelledError):
        events(root, cancelled=cancelled)
    assert time.monotonic() - asked[0] < 2
    for pid in map(int, pids.read_text().split()):
        assert wait_until(lambda pid=pid: not alive(pid), 1.0), f"process {pid} is still there"


def test_a_crash_takes_the_engines_children_with_it(make_engine, tmp_path):
    pid_file = tmp_path / "pid"
    root = make_engine(
        f"""
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        open({str(pid_file)!r}, "w").write(str(worker.pid))
        os.kill(os.getpid(), 9)
        """
    )
    started = time.monotonic()
    with pytest.raises(worker.CrashedError):
        events(root)
    # The child holds the pipe open: waiting for its end would take 300 seconds.
    assert time.monotonic() - started < 10
    assert wait_until(lambda: not alive(int(pid_file.read_text())), 1.0)


def test_an_abandoned_run_leaves_no_process(make_engine):
    root = make_engine(
        'say("started", command=verb, version="1", pid=os.getpid()); time.sleep(300)'
    )
    run = worker.run(worker.Launch(sys.executable, root), "train", TrainJob(), never)
    pid = next(run).pid
    run.close()
    assert wait_until(lambda: not alive(pid), 1.0)


def test_the_engine_ends_with_its_owner(make_engine):
    root = make_engine(
        """
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(3)), daemon=True).start()
        say("started", command=verb, version="1", pid=os.getpid())
        time.sleep(300)
        """
    )
    owner = f"""
import sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from dualstream_qgis.engine_process import worker
from dualstream_qgis.engine.contract.jobs import TrainJob
from pathlib import Path
launch = worker.Launch(sys.executable, Path({str(root)!r}))
for event in worker.run(launch, "train", TrainJob(), lambda: False):
    print(event.pid, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    assert alive(pid)
    process.kill()
    process.wait()
    assert wait_until(lambda: not alive(pid)), "the engine outlived its owner"


def test_stdin_stays_open_for_the_run(make_engine):
    root = make_engine(
        """
        closed = []
        threading.Thread(target=lambda: (sys.stdin.read(), closed.append(1)), daemon=True).start()
        time.sleep(0.5)
        say("done", message="", outputs={"closed": len(closed)})
        """
    )
    assert events(root)[-1].outputs == {"closed": 0}


def test_the_childs_environment_is_clean(monkeypatch):
    dirty = dict.fromkeys(child_process.FOREIGN_VARIABLES, "x")
    dirty |= {"QT_PLUGIN_PATH": "x", "PATH": "/bin", "HTTPS_PROXY": "p", "PythonHome": "x"}
    clean = child_process.clean_environment(dirty)
    assert clean == {
        "PATH": "/bin",
        "HTTPS_PROXY": "p",
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
    }


def test_the_engine_runs_in_that_environment(make_engine, monkeypatch):
    names = ("PYTHONHOME", "GDAL_DATA", "PROJ_LIB", "PROJ_DATA", "LD_LIBRARY_PATH")
    for name in (*names, "PYTHONPATH"):
        monkeypatch.setenv(name, "/nowhere")
    root = make_engine('say("done", message="", outputs={"environment": dict(os.environ)})')
    variables = events(root)[-1].outputs["environment"]
    assert not set(names) & set(variables)
    assert (variables["PYTHONUTF8"], variables["PYTHONPATH"]) == ("1", str(root))


def test_the_engine_does_not_work_in_the_plugins_folder(make_engine):
    root = make_engine('say("done", message="", outputs={"folder": os.getcwd()})')
    assert Path(events(root)[-1].outputs["folder"]).samefile(Path(sys.executable).parent)
    shutil.rmtree(root)  # as an update of the plugin does


def test_qgis_may_have_no_sys_stderr(make_engine, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert len(events(make_engine('say("done", message="")'))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a path of Linux; see the next test")
def test_the_shell_command_repeats_the_job():
    launch = worker.Launch("/opt/a b/python", Path("/opt/root"))
    job = SegmentJob(
        model=("m.safetensors",),
        image="/data/my scene.tif",
        auxiliary=("a.tif", "b.tif"),
        extent=(-0.00001, 1.5, 2.0, 3.25),
        match_resolution=False,
        output="o.tif",
    )
    assert worker.shell_commands(launch, "segment", job, "linux") == {
        "sh": "cd /opt/root && '/opt/a b/python' -m engine segment --no_match_resolution --model m.safetensors "
        "--auxiliary a.tif b.tif --extent -0.00001 1.5 2.0 3.25 "
        "--image '/data/my scene.tif' --output o.tif"
    }


def test_on_windows_there_is_a_command_for_each_shell():
    launch = worker.Launch(
        r"C:\Users\O'Neil Kim\e1\python.exe", PurePosixPath(r"\\office\share$\plugin")
    )
    job = InfoJob(model=r"D:\100 %\m.safetensors", report=r"a&b.html")
    assert worker.shell_commands(launch, "info", job, "win32") == {
        "PowerShell": r"Set-Location -LiteralPath '\\office\share$\plugin'; & 'C:\Users\O''Neil Kim\e1\python.exe' "
        r"'-m' 'engine' 'info' '--model' 'D:\100 %\m.safetensors' '--report' 'a&b.html'",
        "cmd": 'pushd "\\\\office\\share$\\plugin" && "C:\\Users\\O\'Neil Kim\\e1\\python.exe" -m engine info --model '
        '"D:\\100 %\\m.safetensors" --report "a&b.html"',
    }


def test_doctor_answers_or_crashes(make_engine):
    launch = worker.Launch(sys.executable, make_engine('print(json.dumps({"device": "cpu"}))'))
    assert worker.doctor(launch, never) == {"device": "cpu"}
    make_engine('print("ImportError: torch", file=sys.stderr); sys.exit(1)')
    with pytest.raises(worker.CrashedError, match="ImportError: torch"):
        worker.doctor(launch, never)
