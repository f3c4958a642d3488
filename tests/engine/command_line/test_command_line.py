"""The shell's face of the engine: exit codes, sentences, JSON, and the end of an orphan."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.__main__ import main
from engine.contract import protocol
from engine.contract.protocol import Done, Failed, Started
from engine.models.model_file import load_model


@pytest.fixture
def engine(root) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "engine", *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)

    return run


def test_without_a_verb_it_lists_them(engine) -> None:
    answer = engine()
    assert answer.returncode == 0
    for verb in ("train", "segment", "evaluate", "info", "doctor"):
        assert verb in answer.stdout


def test_help_lists_every_field_without_loading_torch(engine) -> None:
    answer = engine("train", "--help")
    assert answer.returncode == 0 and "--stream_dropout" in answer.stdout


def test_a_problem_is_one_sentence_and_exit_code_2(engine) -> None:
    answer = engine("info", "--model", "nowhere.safetensors")
    assert answer.returncode == 2 and not answer.stdout
    assert answer.stderr == "Error: There is no model file nowhere.safetensors.\n"
    assert engine("train", "--epoch", "3").returncode == 2
    assert engine("train", "--config", "nowhere.json").returncode == 2


def test_events_are_the_whole_of_stdout(engine, tmp_path) -> None:
    answer = engine("info", "--model", "nowhere.safetensors", "--events", "json")
    events = [protocol.decode(line) for line in answer.stdout.splitlines()]
    assert isinstance(events[0], Started) and isinstance(events[-1], Failed)
    assert events[-1].details == ""


def test_info_of_an_architecture(capfd) -> None:
    options = ("--bands", "3", "--auxiliary_bands", "0", "--classes", "4", "--encoder", "mit-b0")
    assert main(["info", "--architecture", "dualstream-dformer", *options, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["streams"] == {"image": 3} and answer["tile_size"] == 512
    assert 3e6 < answer["parameters"] < 2e7


def test_info_of_a_model_file(engine, make_model) -> None:
    path = make_model(classes=("land", "water", "ice"))
    record = json.loads(engine("info", "--model", path, "--json").stdout)
    assert [c["name"] for c in record["classes"]] == ["land", "water", "ice"]
    assert record["tile_size"] == 64 and record["streams"] == {"image": 4, "auxiliary": 2}


def test_info_writes_a_page_about_a_model_without_torch(engine, make_model, root, tmp_path) -> None:
    path, page = make_model(), tmp_path / "page.html"
    told = json.loads(engine("info", "--model", path, "--report", str(page), "--json").stdout)
    assert told["report"] == str(page)
    text = page.read_text(encoding="utf-8")
    for words in ("dualstream-dformer", "mit-b0", "b0", "land", "water", told["sha256"], path):
        assert words in text, words
    count = sum(p.numel() for p in load_model(path)[0].parameters())
    assert told["parameters"] == count
    refused = engine("info", "--architecture", "cmx-b0", "--report", str(page))
    assert refused.returncode == 2 and "about a model file" in refused.stderr
    code = f"""
import sys
from engine.commands.info import info
from engine.contract.file_jobs import InfoJob
info(InfoJob({path!r}, report={str(page)!r}), print)
assert not {{"torch", "matplotlib"}} & sys.modules.keys()
"""
    assert not subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode


def test_doctor_says_what_it_found(capfd) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert {"python", "torch", "device", "gpu", "driver", "reason"} <= set(found)
    assert found["gpu"] or found["reason"].endswith(".")


@pytest.mark.usefixtures("whole_tile_networks")
def test_a_job_file_and_single_options_together(capfd, make_model, write_raster, tmp_path) -> None:
    image = write_raster("i.tif", np.ones((80, 90, 1), np.uint8).transpose(2, 0, 1))
    job = {"model": make_model(1, 0), "image": image, "overlap": 99, "output": "unused.tif"}
    (tmp_path / "job.json").write_text(json.dumps(job))
    output, config = str(tmp_path / "m.tif"), str(tmp_path / "job.json")
    options = ["--overlap", "16", "--output", output]
    assert main(["segment", "--config", config, *options, "--events", "json"]) == 0
    done = protocol.decode(capfd.readouterr().out.splitlines()[-1])
    assert isinstance(done, Done) and done.outputs["output"] == output
    assert Path(output).exists() and done.outputs["tiles"] == 4


def test_an_orphan_ends_when_its_owner_is_gone(root, make_model) -> None:
    command = [sys.executable, "-m", "engine", "doctor", "--events", "json", "--stop_on_eof"]
    process = subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin and process.stdout
    time.sleep(0.2)
    process.stdin.close()
    assert process.wait(timeout=20) != 0 and b"done" not in process.stdout.read()


def test_serve_does_not_pass_over_a_job_file(engine) -> None:
    answer = engine("serve", "--config", "jobs.json", "--events", "json")
    assert answer.returncode == 2
    (failed,) = map(protocol.decode, answer.stdout.splitlines())
    assert isinstance(failed, Failed) and "not jobs.json. Leave out --config" in failed.message


def test_the_parser_of_options_is_loaded_for_options_only(root) -> None:
    code = (
        "import sys\n"
        "from engine.__main__ import main\n"
        "print(main(['info', '--config', 'nowhere.json']), 'tyro' in sys.modules)\n"
        "try: main(['info', '--help'])\n"
        "finally: print('tyro' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    assert (lines[0], lines[-1]) == ("2 False", "True"), run.stderr


def test_a_wrong_option_ends_the_stream_properly(engine) -> None:
    answer = engine("segment", "--events", "json", "--batch_size", "many")
    assert answer.returncode == 2
    failed = protocol.decode(answer.stdout.splitlines()[-1])
    assert isinstance(failed, Failed) and "batch_size must be a whole number" in failed.message
    answer = engine("segment", "--events", "json", "--batch_sizes", "4")
    assert answer.returncode == 2 and "--batch_sizes" in answer.stderr
    assert isinstance(protocol.decode(answer.stdout.splitlines()[-1]), Failed)


def test_the_reader_of_the_help_may_stop_reading(root: Path) -> None:
    command = [sys.executable, "-m", "engine", "train", "--help"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=root) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
