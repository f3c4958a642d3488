"""One JSON object a line, whatever else writes to the process's output."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from engine.contract import protocol
from engine.contract.protocol import Done, Failed, Metric, Progress, Request, Started, Warned


@pytest.mark.parametrize(
    "event",
    [
        Started("train", "0.1.0", 7),
        Progress(0.5, "Straße\nline"),
        Metric("loss", {"iou": {"land": 0.5}}),
        Warned("careful"),
        Done("ready", {"tiles": 3, "output": "a b.tif"}),
        Failed("no", "trace"),
        Done("bytes that are no text: \udcff", {"output": "\udcff.tif"}),
    ],
)
def test_events_survive_the_wire(event) -> None:
    line = protocol.encode(event)
    assert "\n" not in line and line.isascii()
    assert protocol.decode(line) == event
    assert protocol.ends_run(event) == isinstance(event, (Done, Failed))


def test_numbers_json_does_not_know_become_null() -> None:
    line = protocol.encode(Metric("m", {"a": float("nan"), "b": [float("inf"), 1.0]}))
    assert json.loads(line)["values"] == {"a": None, "b": [None, 1.0]}


@pytest.mark.parametrize("line", ["", "hello", "[]", '{"event":"boom"}', '{"event":"done"}', "3"])
def test_other_lines_are_no_events(line) -> None:
    with pytest.raises(ValueError, match="not an event"):
        protocol.decode(line)


def test_prints_of_libraries_do_not_reach_the_stream(root) -> None:
    code = (
        "import os\n"
        "from engine.contract.protocol import Channel, Done\n"
        "channel = Channel()\n"
        "print('python noise'); os.write(1, b'C noise\\n')\n"
        "channel.send(Done('ready'))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert [protocol.decode(line) for line in run.stdout.splitlines()] == [Done("ready")]
    assert "python noise" in run.stderr and "C noise" in run.stderr


@pytest.mark.parametrize("path", ["Straße\nline", "bytes that are no text: \udcff", "a\u2028b"])
def test_requests_survive_the_wire_whatever_its_encoding(path) -> None:
    request = Request("segment", {"image": path, "extent": [0.1, -1e-9], "overlap": 0})
    line = protocol.encode_request(request)
    assert len(line.splitlines()) == 1 and line.isascii()
    assert protocol.decode_request(line) == request


@pytest.mark.parametrize(
    "line",
    [
        *("", "hello", "[]", "3", "{}", "[" * 100_000),
        *('{"verb":3}', '{"verb":"a","job":[]}', '{"verb":"a","x":1}'),
    ],
)
def test_other_lines_are_no_requests(line) -> None:
    with pytest.raises(ValueError, match="not a request"):
        protocol.decode_request(line)


def test_input_that_is_taken_is_read_by_nobody_else(root) -> None:
    code = (
        "import os, sys\n"
        "from engine.contract.protocol import claim_stdin\n"
        "stream = claim_stdin()\n"
        "print(repr(os.read(0, 10)), repr(sys.stdin.read()), repr(stream.readline()))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, input="a \n", capture_output=True, text=True
    )
    assert run.stdout == "b'' '' 'a \\n'\n", run.stderr
