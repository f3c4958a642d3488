"""An engine that stays for job after job answers as one process a job would."""

from __future__ import annotations

import json
import logging
import os
import queue
import random
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from rasterio._env import get_gdal_config

from engine.__main__ import main
from engine.command_line import registry, serve
from engine.compute.process_state import preserve_process_state
from engine.contract import protocol
from engine.contract.errors import RasterError
from engine.contract.protocol import Done, Failed, Progress, Request, Started


class Served:
    """``python -m engine serve``, spoken to line by line."""

    def __init__(self, root: Path, *options: str) -> None:
        command = [sys.executable, "-m", "engine", "serve", "--events", "json", *options]
        self.process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def send(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self, line: str) -> list[protocol.Event]:
        """The events up to the last one."""
        self.send(line)
        events = []
        for text in self.process.stdout:
            events.append(protocol.decode(text))
            if protocol.ends_run(events[-1]):
                break
        return events

    def ask(self, verb: str, **job: Any) -> list[protocol.Event]:
        return self.answer(protocol.encode_request(Request(verb, job)))


@pytest.fixture
def served(root) -> Iterator[Callable[..., Served]]:
    engines: list[Served] = []

    def make(*options: str) -> Served:
        engines.append(Served(root, *options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.process.kill()
        engine.process.wait()


def test_garbage_is_a_sentence_and_it_goes_on_until_its_input_ends(served, make_model) -> None:
    one, info = served(), {"model": make_model()}
    begun, done = one.ask("info", **info)
    # On Windows the environment's Python is a small program that runs the real one.
    assert isinstance(begun, Started) and (begun.pid == one.process.pid or sys.platform == "win32")
    assert isinstance(done, Done) and done.outputs["streams"]["image"] == 4
    for line, reason in [
        ("hello \x80", "not a request"),
        ("[1]", "not a request"),
        ('{"verb":"info","job":[]}', "not a request"),
        ('{"verb":"fly"}', "'fly' cannot be served"),
        ('{"verb":"train"}', "'train' cannot be served"),
        ('{"verb":"info","job":{"boom":1}}', "no field 'boom'"),
        ('{"verb":"info","job":{"bands":"three"}}', "bands must be a whole number"),
    ]:
        (failed,) = one.answer(line)
        assert isinstance(failed, Failed) and reason in failed.message and not failed.details
    assert one.ask("info", **info)[-1] == done
    one.process.stdin.close()
    assert one.process.wait(timeout=5) == 0
    assert one.process.stdout.read() == ""


def test_it_stops_in_the_middle_of_a_job_when_its_owner_goes(served) -> None:
    one = served()
    one.send(protocol.encode_request(Request("doctor")))
    assert isinstance(protocol.decode(one.process.stdout.readline()), Started)
    one.process.stdin.close()  # it loads torch now
    begun = time.monotonic()
    assert one.process.wait(timeout=20) == registry.INTERRUPTED
    assert time.monotonic() - begun < 2 and "done" not in one.process.stdout.read()


def test_it_leaves_when_nobody_asks(served) -> None:
    one = served("--idle_seconds", "0.5")
    assert one.process.wait(timeout=20) == 0
    refused = served("--idle_seconds", "0")
    assert refused.process.wait(timeout=20) == registry.PROBLEM
    assert "idle_seconds must be a number above 0" in refused.process.stdout.read()


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed file")])
def test_it_ends_even_if_nobody_reads_its_errors(monkeypatch, error) -> None:
    class Broken:
        def flush(self) -> None:
            raise error

    ended: list[int] = []
    monkeypatch.setattr(sys, "stderr", Broken())
    monkeypatch.setattr(serve, "end_process", ended.append)
    serve._end(registry.PROBLEM)
    assert ended == [registry.PROBLEM]


def test_masks_are_those_of_an_engine_that_has_made_no_other(
    served, tmp_path, make_model, write_raster
) -> None:
    pixels = np.random.default_rng(0).integers(0, 3000, (4, 90, 100)).astype(np.uint16)
    image, output = write_raster("i.tif", pixels), str(tmp_path / "m.tif")
    common = {
        "image": image,
        "output": output,
        "batch_size": 1,
        "device": "cpu",
        "runtime": "torch",
    }
    common["precision"] = (
        "fp32"  # tests and engines choose another where a processor is fast in 16 bits
    )
    two = make_model(auxiliary=0)
    three = make_model(auxiliary=0, classes=("a", "b", "c"), name="three.safetensors")
    jobs = [
        {**common, "model": [two], "tta": "flips"},
        {**common, "model": [three], "overlap": 20, "extent": [500100, 3049300, 500700, 3049900]},
    ]
    one = served()
    masks = []
    for number in (0, 1, 0):
        events = one.ask("segment", **jobs[number])
        assert isinstance(events[-1], Done), events[-1]
        assert isinstance(events[0], Started) and events[0].command == "segment"
        assert events[0].pid == one.process.pid or sys.platform == "win32"
        masks.append(Path(output).read_bytes())
        Path(output).unlink()
    # The first job of a process is alone in it; the second is compared with one of this process.
    config = tmp_path / "job.json"
    config.write_text(json.dumps(jobs[1]))
    assert main(["segment", "--config", str(config)]) == 0
    assert masks[0] == masks[2]
    assert masks[1] == Path(output).read_bytes() != masks[0]


def answered(monkeypatch: pytest.MonkeyPatch, *runs: Any) -> tuple[int, list[protocol.Event]]:
    """The exit code and the events of requests whose verbs are ``runs``."""
    lines: queue.Queue[str] = queue.Queue()
    heard: list[protocol.Event] = []
    for _ in runs:
        lines.put('{"verb":"info"}')
    left = iter(runs)
    monkeypatch.setattr(serve, "verb_function", lambda verb: next(left))
    return serve.answer_all(lines, heard.append, 0.01), heard


def raising(error: BaseException) -> Any:
    def run(job: Any, emit: Any) -> Done:
        emit(Progress(0.5))
        raise error

    return run


def fine(job: Any, emit: Any) -> Done:
    return Done("fine")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (MemoryError(), registry.PROBLEM, "not enough memory"),
        (RuntimeError("CUDA out of memory."), registry.PROBLEM, "not enough memory"),
        (ZeroDivisionError("boom"), registry.DEFECT, "defect: ZeroDivisionError: boom"),
        (KeyboardInterrupt(), registry.INTERRUPTED, "Interrupted"),
    ],
)
def test_what_may_spoil_the_process_ends_it(monkeypatch, error, code, sentence) -> None:
    found, heard = answered(monkeypatch, fine, raising(error), fine)
    assert found == code
    assert [type(e) for e in heard] == [Started, Done, Started, Progress, Failed]
    assert sentence in heard[-1].message
    assert ("Traceback" in heard[-1].details) == isinstance(error, ZeroDivisionError)


def test_what_is_printed_in_a_run_can_be_told_from_the_run_before(monkeypatch, capsys) -> None:
    def noisy(job: Any, emit: Any) -> Done:
        print("noise", end="", file=sys.stderr)
        return Done("")

    answered(monkeypatch, noisy, noisy)
    lines = [line for line in capsys.readouterr().err.splitlines() if line]
    assert lines == [protocol.BOUNDARY, "noise"] * 2


def test_what_the_user_can_solve_does_not(monkeypatch) -> None:
    found, heard = answered(monkeypatch, raising(RasterError("No such band.")), fine)
    assert found == 0
    assert heard[2] == Failed("No such band.") and heard[-1] == Done("fine")


def surroundings() -> list[Any]:
    numbers = [random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()]
    return [*numbers, list(warnings.filters), Path.cwd(), os.environ.get("HOME")]


def test_a_job_leaves_nothing_behind(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/home/a")
    before = surroundings()
    with pytest.raises(ZeroDivisionError), preserve_process_state():
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        warnings.simplefilter("error")
        os.chdir(tmp_path)
        os.environ["HOME"] = "/home/b"
        monkeypatch.setenv("NEW_FROM_AN_IMPORT", "1")
        changed = surroundings()
        raise ZeroDivisionError
    assert all(old != new for old, new in zip(before, changed, strict=True))
    assert surroundings() == before
    assert os.environ["NEW_FROM_AN_IMPORT"] == "1"


def settings() -> list[Any]:
    """What torch, GDAL and logging have set for the whole process."""
    return [
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_float32_matmul_precision(),
        torch.get_deterministic_debug_mode(),
        torch.backends.cudnn.enabled,
        torch.backends.cudnn.allow_tf32,
        torch.backends.cudnn.benchmark,
        torch.backends.cudnn.deterministic,
        rasterio.env.hasenv(),
        get_gdal_config("GDAL_CACHEMAX"),
        logging.root.manager.disable,
        logging.root.level,
    ]


@pytest.mark.usefixtures("whole_tile_networks")
def test_jobs_restore_the_settings_of_libraries_themselves(
    tmp_path, make_model, write_raster, threads, events
) -> None:
    """Several models in lanes and in one, graphs for other runtimes, polygons, scores."""
    threads(4)
    pixels = np.random.default_rng(0).integers(0, 3000, (4, 90, 100)).astype(np.uint16)
    image, model = write_raster("i.tif", pixels), make_model(auxiliary=0)
    mask, before = str(tmp_path / "m.tif"), settings()
    jobs = [
        ("segment", {"image": image, "model": (model,), "output": mask, "runtime": runtime})
        for runtime in ("torch", "onnxruntime")
    ]
    jobs += [
        ("polygons", {"mask": mask, "output": str(tmp_path / "m.gpkg")}),
        ("evaluate", {"mask": mask, "labels": mask}),
        ("info", {"model": model}),
    ]
    for verb, job in jobs:
        registry.verb_function(verb)(registry.VERBS[verb](**job), events)
        assert settings() == before, verb
