"""Scenes on a Ray pool of two workers give the masks of one process, even if workers die."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import engine.batch.ray_pool
from engine.batch import ray_cluster
from engine.batch.pool_size import Plan
from engine.batch.pool_start import FirstWorker
from engine.batch.ray_actor import Outcome, worker_bytes
from engine.batch.ray_cluster import Cluster, connect_ray
from engine.batch.ray_pool import segment_on_pool
from engine.batch.scene_task import DONE, FAILED, SceneRecord, SceneTask
from engine.batch.scene_worker import SceneWorker
from engine.contract.errors import JobError
from engine.contract.jobs import SegmentFolderJob
from engine.contract.protocol import Metric, Warned
from tests.engine.pool_killers import STRIPS, Killer, SmallActor
from tests.engine.synthetic import read_band

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: make setup installs it"
)

pytestmark = pytest.mark.usefixtures("whole_tile_networks")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Ray is refused on Windows")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One Ray for all tests, of a Python whose path has blanks: starting one takes seconds."""
    link = tmp_path_factory.mktemp("홍 길동") / "engine"
    link.symlink_to(sys.prefix)
    python = link / Path(sys.executable).relative_to(sys.prefix)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        with connect_ray("ray", 2) as connected:
            yield connected


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """This process computes with as many threads as a worker: sums in another order round differently."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job(make_model: Callable[..., str], tmp_path: Path) -> SegmentFolderJob:
    return SegmentFolderJob(
        model=(make_model(),),
        overlap=8,
        batch_size=2,
        runtime="torch",
        output_folder=str(tmp_path / "masks"),
        on="ray",
        workers=2,
        cores=1,
        confidence=True,
    )


@pytest.fixture
def scene(write_raster: Callable[..., str], tmp_path: Path) -> Callable[..., SceneTask]:
    """``scene(name, height)``: a scene of 4 bands and its coarse raster, with a hole."""

    def make(name: str, height: int = 90, width: int = 100) -> SceneTask:
        noise = np.random.default_rng(len(name) + height)
        image = noise.integers(1, 3000, (4, height, width)).astype(np.uint16)
        image[:, 10:30, 40:] = 0
        coarse = noise.random((2, 10, 10)).astype(np.float32)
        return SceneTask(
            name,
            write_raster(f"{name}.tif", image, nodata=0),
            (write_raster(f"{name}-coarse.tif", coarse),),
            str(tmp_path / "masks" / f"{name}.tif"),
            str(tmp_path / "masks" / f"{name}_confidence.tif"),
        )

    return make


def assert_as_one_process(
    job: SegmentFolderJob, tasks: list[SceneTask], records: list[SceneRecord], events: Any
) -> None:
    """Masks, confidence and records are those of one process with the runtime of the pool."""
    by_name = {record.name: record for record in records}
    assert len(records) == len(tasks) == len(by_name)
    metrics = (metric.values for metric in events.of(Metric))
    worker = SceneWorker(job, [values for values in metrics if "channels_last" in values])
    for task in tasks:
        alone = replace(
            task, output=f"{task.output}.alone.tif", confidence=f"{task.output}.sure.tif"
        )
        expected, record = worker.run(alone, ignore), by_name[task.name]
        assert record.status == expected.status, record.sentence
        expected = replace(expected, output=task.output, seconds=0, sentence="")
        assert expected == replace(record, seconds=0, sentence="")
        if record.status == DONE:
            for path, expected_path in zip(task.outputs.paths, alone.outputs.paths):
                assert (read_band(path) == read_band(expected_path)).all()


def ignore(*arguments: Any) -> None:
    """Ignores events and progress."""


@needs_ray
def test_every_mask_is_that_of_one_process(
    cluster: Cluster,
    job: SegmentFolderJob,
    scene: Callable[..., SceneTask],
    events: Any,
    write_raster: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine.batch.ray_pool, "Actor", SmallActor)
    tasks = [scene(f"{number:02}", 70 + 5 * number) for number in range(6)]
    job = replace(job, image_alone=True)
    tasks[3] = replace(tasks[3], auxiliary=())
    unreadable, few = scene("unreadable"), scene("few-bands")
    Path(unreadable.image).write_text("no raster")
    write_raster("few-bands.tif", np.ones((3, 90, 100), np.uint16))
    tasks = [unreadable, *tasks[:3], few, *tasks[3:]]  # no runtime can be measured with the first
    records = [*segment_on_pool(job, tasks, events, ignore)]
    assert_as_one_process(job, tasks, records, events)
    failed = {record.name: record.sentence for record in records if record.status == FAILED}
    assert failed.keys() == {"unreadable", "few-bands"}
    assert "not a raster that GDAL can open" in failed["unreadable"]
    assert "trained on 4 image band" in failed["few-bands"]
    metrics = events.of(Metric)
    assert metrics[0].values == {"workers": 2, "cores": 1}
    # On a busy machine a message tells that the first worker is still starting.
    (runtime,) = (one.message for one in metrics if one.message.startswith("Runtime: "))
    assert "PyTorch" in runtime and "2 tiles at a time" in runtime
    assert {record.device for record in records if record.status == DONE} == {"CPU (1 thread)"}


@needs_ray
def test_workers_that_are_killed_lose_nothing(
    cluster: Cluster,
    job: SegmentFolderJob,
    scene: Callable[..., SceneTask],
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine.batch.ray_pool, "Actor", Killer)
    # Two, not three, because a new process takes seconds; not one, because a busy machine may lose a process too.
    monkeypatch.setattr(engine.batch.ray_pool, "_RETRIES", 2)
    names = ["a", "once", "always", "b"]
    tasks = [scene(name, 280) for name in names]
    records = {record.name: record for record in segment_on_pool(job, tasks, events, ignore)}
    killed = records.pop("always")
    assert killed.status == FAILED and "died 3 times; perhaps it ran" in killed.sentence
    others = [task for task in tasks if task.name != "always"]
    assert_as_one_process(job, others, [*records.values()], events)
    rows = kept_rows(job, "once")
    assert len(rows) == 1 and rows[0] > 50 * STRIPS  # finished before it was killed
    assert kept_rows(job, "always") == [0, 0, 0]


def kept_rows(job: SegmentFolderJob, name: str) -> list[int]:
    """The rows that were on disk at each death of a scene."""
    return [*map(int, Path(f"{job.output_folder}/{name}.tif.deaths").read_text().split())]


@pytest.mark.slow
@needs_ray
def test_a_huge_scene_in_parts(
    cluster: Cluster,
    job: SegmentFolderJob,
    scene: Callable[..., SceneTask],
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine.batch.ray_pool, "Actor", Killer)
    tasks = [scene("small"), scene("once-huge", 900), scene("late")]
    job = replace(job, split=0.03)
    calls = []
    records = [*segment_on_pool(job, tasks, events, lambda *arguments: calls.append(arguments))]
    assert_as_one_process(job, tasks, records, events)
    assert calls == [("once-huge", part / 3, f"part {part} of 3") for part in (1, 2, 3)]
    folder = Path(job.output_folder)
    assert kept_rows(job, "once-huge")[0] > 50 * STRIPS
    assert not [*folder.glob("*.rows-*")] and not [*folder.glob("*.part*")]


@needs_ray
def test_what_no_worker_can_do_stops_the_run(
    cluster: Cluster, job: SegmentFolderJob, scene: Callable[..., SceneTask], events: Any
) -> None:
    job = replace(job, precision="fp16")
    with pytest.raises(JobError, match="A CPU does not train or segment in fp16"):
        [*segment_on_pool(job, [scene("a")], events, ignore)]


class FakeRay:
    """A Ray with prepared results."""

    def __init__(self, exceptions: Any) -> None:
        self.exceptions, self.killed = exceptions, list[Any]()
        self.total = self.free = {"CPU": 4.0}

    def cluster_resources(self) -> dict[str, float]:
        return self.total

    def available_resources(self) -> dict[str, float]:
        return self.free

    def remote(self, **options: Any) -> Any:
        return lambda kind: None

    def get(self, ref: Any) -> Any:
        if isinstance(ref, Exception):
            raise ref
        return ref

    def kill(self, actor: Any) -> None:
        self.killed.append(actor)


@pytest.fixture
def pool(job: SegmentFolderJob, scene: Callable[..., SceneTask], events: Any) -> Any:
    """A pool of two workers and one scene, with a fake Ray."""
    exceptions = pytest.importorskip("ray.exceptions")
    cluster = Cluster(FakeRay(exceptions), True)
    return engine.batch.ray_pool._Pool(cluster, job, Plan(2, 1), [scene("a")], events, ignore)


def collected(pool: Any, result: Any, is_candidate: bool = False) -> list[SceneRecord]:
    """The records after an actor has returned ``result`` for the scene."""
    pool._idle.clear()
    work = pool._waiting.popleft()
    call = engine.batch.ray_pool._Call("actor", None if is_candidate else work)
    if is_candidate:
        pool._candidates.popleft()
        call.candidate = work.task
        pool._waiting.appendleft(work)
    return [*pool._collect(result, call)]


@pytest.mark.parametrize(
    "name", ["OutOfMemoryError", "NodeDiedError", "WorkerCrashedError", "ObjectLostError"]
)
def test_what_a_scene_dies_of_takes_no_worker(pool: Any, name: str) -> None:
    kind = getattr(pool._ray.exceptions, name)
    (record,) = collected(pool, kind.__new__(kind))
    assert record.status == FAILED and "The process that computed it died" in record.sentence
    assert pool._max_actors == 2 and pool._idle == ["actor"]


def test_a_worker_that_starts_is_told_from_one_without_room(events: Any) -> None:
    ray = FakeRay(None)
    ray.free = {"CPU": 1.0}
    first = FirstWorker(Cluster(ray, False), Plan(2, 2), events)
    for _ in range(2):
        first.report()
    (warned,) = events.heard
    assert isinstance(warned, Warned) and "no room yet for 1 worker with 2 cores:" in warned.message
    ray.free = {"CPU": 2.0}  # another program has ended
    first.report()
    assert len(events.heard) == 1
    ray.total, ray.free = {"CPU": 8.0}, {"CPU": 3.0}  # a machine has come, and its cores are taken
    for _ in range(2):
        first.report()
    assert [type(event) for event in events.heard] == [Warned, Metric]
    assert "first worker is still starting" in events.heard[1].message


def test_a_worker_without_its_gpu_has_no_place(events: Any) -> None:
    ray = FakeRay(None)
    ray.total = ray.free = {"CPU": 4.0, "GPU": 1.0}
    first = FirstWorker(Cluster(ray, False), Plan(1, 2, has_gpu=True), events)
    ray.free = {"GPU": 1.0}  # Ray leaves out what is all taken
    first.report()
    ray.free = {}
    first.report()
    assert [type(event) for event in events.heard] == [Warned, Metric]


@pytest.mark.slow
@needs_ray
def test_workers_that_cannot_start_are_starting_until_they_fail(
    cluster: Cluster,
    job: SegmentFolderJob,
    scene: Callable[..., SceneTask],
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Killer):
        def __init__(self, *arguments: Any) -> None:
            time.sleep(2)
            raise ImportError("No module named 'torch'")

    monkeypatch.setattr(engine.batch.ray_pool, "Actor", Slow)
    monkeypatch.setattr(engine.batch.ray_pool, "_PATIENCE", 0.5)
    with pytest.raises(JobError, match=r"No worker of the pool could start \(.*requirements.txt"):
        [*segment_on_pool(job, [scene("a"), scene("b")], events, ignore)]
    messages = [event.message for event in events.heard]
    assert sum("still starting" in text for text in messages) == 1
    assert not any("no room" in text for text in messages)


def test_a_worker_that_cannot_start_leaves_its_scene_to_others(pool: Any) -> None:
    assert collected(pool, pool._ray.exceptions.RuntimeEnvSetupError("no disk")) == []
    assert pool._max_actors == 1 and len(pool._waiting) == 1 and not pool._idle
    with pytest.raises(JobError, match="No worker of the pool could start .*no disk"):
        collected(pool, pool._ray.exceptions.ActorUnschedulableError("no disk"))


def test_a_defect_while_measuring_is_no_failure_of_the_scene(pool: Any) -> None:
    kind = pool._ray.exceptions.RayTaskError
    error = kind("choose_runtimes", "Traceback", ValueError("x"))
    assert collected(pool, error, is_candidate=True) == []
    assert pool._open == {"a"} and len(pool._waiting) == 1
    (record,) = collected(pool, error)
    assert "has a defect: x" in record.sentence


def test_a_machine_without_the_model_ends_no_run_that_works(pool: Any) -> None:
    refusal = Outcome(refusal="There is no model file m.")
    with pytest.raises(JobError, match="no model file m"):
        collected(pool, refusal, is_candidate=True)
    pool._runtime_records = ({},)
    assert collected(pool, refusal) == []
    assert pool._ray.killed == ["actor"] and pool._max_actors == 1 and len(pool._waiting) == 1
    with pytest.raises(JobError, match="no model file m"):
        collected(pool, refusal)


def test_our_own_ray_wants_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    # The Ray of this file's other tests has one.
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)

    class Ray:
        @staticmethod
        def init(**options: Any) -> None:
            assert "RAY_AUTH_MODE" not in os.environ and os.environ["RAY_AUTH_TOKEN"]

    with ray_cluster._ray_variables(ray_cluster._SECRET):
        ray_cluster._start(Ray, 1, Path("folder"))
    assert os.environ["RAY_AUTH_MODE"] == "disabled" and "RAY_AUTH_TOKEN" not in os.environ


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_a_folder_of_somebody_else_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "dualstream-ray-link"
    theirs.mkdir()
    os.utime(theirs, (0, 0))
    link.symlink_to(theirs)
    ray_cluster._remove_if_stale(link)
    assert theirs.is_dir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: theirs.stat().st_uid + 1)
        ray_cluster._remove_if_stale(theirs)
    assert theirs.is_dir()
    ray_cluster._remove_if_stale(theirs)
    assert not theirs.exists()


def test_windows_is_told_to_leave_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [ray_cluster.why_no_pool(system) for system in ("linux", "darwin")] == ["", ""]
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(JobError, match="leave the option on empty"), connect_ray("auto", 1):
        pass


@not_on_windows
def test_ray_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    find, hidden = importlib.util.find_spec, {"ray", "pip"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in hidden else find(name)
    )
    with pytest.raises(JobError, match="Ray is not installed in the engine's Python") as caught:
        ray_cluster._import_ray("ray")
    message, path = str(caught.value), ray_cluster._REQUIREMENTS
    assert f'uv pip install --python "{sys.executable}" -r "{path}"' in message
    assert "leave the option on empty" in message and path.is_file() and "\n" not in message
    hidden |= {"grpc"}
    hidden -= {"ray"}
    with pytest.raises(JobError, match="grpcio is not installed"):
        ray_cluster._import_ray("ray://somewhere:10001")


MISMATCH = """Version mismatch: The cluster was started with:
    Ray: 2.9.1
    Python: 3.9.2
This process on Ray Client was started with:
    Ray: 2.60.0
    Python: 3.11.2
"""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError(MISMATCH), "runs Ray 2.9.1 and Python 3.9.2, and this engine Ray 2.60.0 and"),
        (ConnectionError("x"), "No Ray cluster answers at ray://h:1: check the address"),
        (TimeoutError("x"), "No Ray cluster answers at ray://h:1"),
        (
            ValueError("Port missing\nmore"),
            r"cannot be used \(Port missing\): give its address as ray://",
        ),
    ],
)
def test_clusters_that_cannot_be_used(error: Exception, says: str) -> None:
    class Ray:
        __version__ = "2.60.0"

        @staticmethod
        def init(**options: Any) -> None:
            raise error

    with pytest.raises(JobError, match=says) as caught:
        ray_cluster._connect(Ray, "ray://h:1", Path("code"))
    assert "\n" not in str(caught.value)


def test_a_cluster_is_sent_the_engine_alone() -> None:
    with ray_cluster._engine_copy() as folder:
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        assert {"metadata.txt", "engine/__main__.py", "engine/models/smp_network.py"} <= names
        assert {name.split("/")[0] for name in names} == {"engine", "metadata.txt"}
        assert not [name for name in names if "__pycache__" in name]
    assert not folder.exists()


@not_on_windows
def test_folders_of_killed_runs_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(ray_cluster, "_MAX_FOLDER_LENGTH", 1000)
    left, young = tmp_path / "dualstream-ray-left", tmp_path / "dualstream-ray-young"
    for folder in (left, young):
        (folder / "session").mkdir(parents=True)
    os.utime(left, (0, 0))
    with ray_cluster._local_folder() as first:
        assert first.parent == tmp_path and not left.exists() and young.exists()
        os.utime(first, (0, 0))
        with ray_cluster._local_folder() as second:
            assert first.exists() and second != first  # it is in use
    assert not first.exists() and not second.exists()
    monkeypatch.setattr(ray_cluster, "_MAX_FOLDER_LENGTH", 34)
    with ray_cluster._local_folder() as folder:
        assert len(str(folder)) <= 34  # sockets have short names


def test_what_a_worker_takes(job: SegmentFolderJob, make_model: Callable[..., str]) -> None:
    one = worker_bytes(job)
    other = replace(job, model=(*job.model, make_model(tile=512, name="large.safetensors")))
    assert one > 2**30 and worker_bytes(other) - one > 4 * 400 * 4 * 512**2
