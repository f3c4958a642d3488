"""Lanes share all cores, and are used only if there are enough tiles for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.batch.scene_task import DONE, SceneTask
from engine.batch.scene_worker import SceneWorker
from engine.compute.cpu_lanes import lane_executor, limit_lanes, max_lanes, useful_lanes
from engine.contract.jobs import SegmentFolderJob
from tests.engine.synthetic import read_band

pytestmark = pytest.mark.usefixtures("whole_tile_networks")


@pytest.mark.parametrize(
    ("threads", "lanes"),
    [(1, 1), (2, 2), (3, 3), (4, 4), (5, 1), (6, 3), (7, 1), (8, 4), (10, 2), (12, 4)],
)
def test_max_lanes_divides_the_threads(threads: int, lanes: int) -> None:
    assert max_lanes(threads) == lanes


@pytest.mark.parametrize(
    ("lanes", "tiles", "expected"),
    [
        *((4, 1, 1), (4, 3, 1), (4, 4, 4), (4, 5, 1), (4, 6, 2), (4, 8, 4), (4, 9, 1), (4, 81, 4)),
        *((2, 1, 1), (2, 9, 1), (2, 11, 2), (3, 6, 3), (3, 7, 1), (1, 7, 1)),
    ],
)
def test_few_tiles_use_few_lanes(lanes: int, tiles: int, expected: int) -> None:
    assert useful_lanes(lanes, tiles) == expected


def test_remaining_lanes_share_the_cores_of_the_others(threads: Callable[[int], None]) -> None:
    threads(8)
    limit_lanes(1)  # this thread is no lane
    assert torch.get_num_threads() == 8

    def work(lanes: int) -> int:
        limit_lanes(lanes)
        return torch.get_num_threads()

    with lane_executor(4) as pool:
        assert [pool.submit(work, lanes).result() for lanes in (8, 4)] == [2, 2]
    with lane_executor(2) as pool:
        assert {pool.submit(work, 1).result() for _ in range(4)} == {8}
    assert torch.get_num_threads() == 8


def test_lanes_of_two_models_keep_their_shares(
    threads: Callable[[int], None],
) -> None:
    """The first model's lane reads its number of threads after the second model's lane has set its own."""
    threads(6)
    with lane_executor(3) as first:
        first.submit(int).result()
        with lane_executor(2) as second:
            assert second.submit(torch.get_num_threads).result() == 3
            assert first.submit(torch.get_num_threads).result() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_later_scenes_find_the_same_threads_and_models(
    count: int,
    make_model: Callable[..., str],
    write_raster: Callable[..., str],
    tmp_path: Path,
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
    threads: Callable[[int], None],
) -> None:
    """Each member of an ensemble has lanes of its own, and they end one after another."""
    threads(4)
    monkeypatch.setattr("engine.runtimes.rule.keep_freed_memory", lambda: True)  # as glibc
    image = np.random.default_rng(0).integers(1, 3000, (4, 300, 300)).astype(np.uint16)
    models = tuple(make_model(name=f"{number}.safetensors") for number in range(count))
    job = SegmentFolderJob(model=models, runtime="torch", overlap=8, image_alone=True)
    worker = SceneWorker(job, scenes=0)
    read_again = lambda path: pytest.fail("it was read again")  # noqa: E731
    task = SceneTask("scene", write_raster("image.tif", image))
    masks = []
    for number in range(3):
        path = str(tmp_path / f"{number}.tif")
        record = worker.run(replace(task, output=path), events)
        assert record.status == DONE, record.sentence
        assert torch.get_num_threads() == 4
        masks.append(read_band(path))
        monkeypatch.setattr("engine.models.model_file.load_model", read_again)
    assert np.array_equal(masks[0], masks[1]) and np.array_equal(masks[1], masks[2])
    messages = [event.message for event in events.heard if event.message.startswith("Runtime")]
    assert len(messages) == 3 * count and len({*messages}) == 1
    assert "4 tiles at a time." in messages[0]
