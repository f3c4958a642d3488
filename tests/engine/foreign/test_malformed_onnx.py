"""ONNX files that are wrong on purpose: each is refused in one sentence, with exit code 2, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.__main__ import main
from engine.contract.errors import JobError
from engine.foreign import onnx_trial
from engine.foreign.onnx_file import pass_bytes
from engine.models.onnx_safety import check_onnx
from tests.engine.onnx_networks import FLOAT, network, write

Model = onnx.ModelProto


def changed(change: Callable[[Model], object], **form: Any) -> bytes:
    model = network(**form)
    change(model)
    return model.SerializeToString()


def custom_operator(model: Model) -> None:
    model.graph.node[0].domain = "mine"
    model.opset_import.add(domain="mine", version=1)


def function(model: Model) -> None:
    imports = [helper.make_opsetid("", 17)]
    node = helper.make_node("Identity", ["a"], ["b"])
    model.functions.append(helper.make_function("mine", "F", ["a"], ["b"], [node], imports))


def weights_in(location: str, length: str = "36") -> Callable[[Model], None]:
    def change(model: Model) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        tensor.external_data.add(key="length", value=length)

    return change


def constant_of(*dims: int) -> Callable[[Model], None]:
    """Adds a tensor of zeros that is made while the network runs."""

    def change(model: Model) -> None:
        shape = numpy_helper.from_array(np.array(dims, np.int64), "shape")
        model.graph.initializer.append(shape)
        last = model.graph.node[-1]
        before, last.output[0] = last.output[0], "before"
        model.graph.node.append(helper.make_node("ConstantOfShape", ["shape"], ["zeros"]))
        model.graph.node.append(helper.make_node("ReduceMax", ["zeros"], ["most"], keepdims=1))
        model.graph.node.append(helper.make_node("Add", ["before", "most"], [before]))

    return change


def loop(model: Model) -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, [])],
    )
    model.graph.node.append(helper.make_node("Loop", ["", ""], [], body=body))


def scan(model: Model) -> None:
    values = [helper.make_tensor_value_info(name, FLOAT, [1]) for name in "ab"]
    body = helper.make_graph(
        [helper.make_node("Identity", ["a"], ["b"])], "body", values[:1], values[1:]
    )
    model.graph.node.append(
        helper.make_node("Scan", ["input"], ["s"], body=body, num_scan_inputs=1)
    )


def noise(kind: str, *switch: str, **attributes: Any) -> Callable[[Model], None]:
    """Puts an operator before the last one; its third input is ``switch``."""

    def change(model: Model) -> None:
        switches = {"on": True, "off": False}
        for name, value in switches.items():
            model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
        ratio = ["", *switch] if switch else []
        node = helper.make_node(kind, ["input", *ratio], ["noisy"], **attributes)
        model.graph.node.insert(0, node)
        model.graph.node[1].input[0] = "noisy"

    return change


def input_of(kind: int, *dims: int) -> Callable[[Model], None]:
    def change(model: Model) -> None:
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", kind, dims))

    return change


def empty(model: Model) -> None:
    del model.graph.node[:]


def unknown_operator(model: Model) -> None:
    model.graph.node[0].op_type = "Konv"


CASES: dict[str, tuple[str, bytes]] = {
    "text": ("damaged, cut off or of another kind", b"this is no network" * 50),
    "nothing": ("damaged, cut off or of another kind", b""),
    "truncated": ("cannot be used as an ONNX network", network().SerializeToString()[:-40]),
    "empty-graph": ("its graph is empty", changed(empty)),
    "custom-operator": ("not of the ONNX standard (mine.Conv)", changed(custom_operator)),
    "function": ("not of the ONNX standard (mine.F)", changed(function)),
    "loop": ("a part of its graph (Loop), which is refused because its work is", changed(loop)),
    "scan": ("a part of its graph (Scan), which is refused because its work is", changed(scan)),
    "noise": ("random numbers (RandomNormalLike), so", changed(noise("RandomNormalLike"))),
    "bernoulli": ("random numbers (Bernoulli), so", changed(noise("Bernoulli"))),
    "dropout": ("random numbers (Dropout), so", changed(noise("Dropout", "on"))),
    "dropout-open": ("random numbers (Dropout), so", changed(noise("Dropout", "input"))),
    "weights-elsewhere": ("only files in its own folder", changed(weights_in("../secret"))),
    "weights-absolute": ("only files in its own folder", changed(weights_in("/etc/hostname"))),
    "weights-missing": ("only files in its own folder", changed(weights_in("gone.data"))),
    "weights-too-short": ("shorter.data, is cut off", changed(weights_in("shorter.data"))),
    "giant-input": ("more than any network needs", changed(input_of(FLOAT, 1, 3, 2**31, 2**31))),
    "giant-constant": ("more than any network needs", changed(constant_of(2**16, 2**16))),
    "text-input": ("values of the type string", changed(input_of(TensorProto.STRING, 1, 3, 64, 64))),
    "rank": ("has 3 axes (3 x 64 x 64)", changed(input_of(FLOAT, 3, 64, 64))),
    "oblong": ("they must be square", changed(input_of(FLOAT, 1, 3, 64, 128))),
    "one-number": ("a map of the tile is needed", network(last="ReduceMax").SerializeToString()),
    "too-many-bands": ("has 4 bands, but mean has 3", network(bands=4).SerializeToString()),
    "too-few-bands": ("has 1 band, but mean has 3", network(bands=1).SerializeToString()),
    "old-operators": ("written for the operator set 8", network(opset=8).SerializeToString()),
    "unknown-operator": ("ONNX Runtime cannot run", changed(unknown_operator)),
    "three-inputs": ("has 3 inputs", changed(lambda m: [m.graph.input.add(name=n) for n in "ab"])),
}  # fmt: skip


@pytest.mark.parametrize(("says", "content"), CASES.values(), ids=CASES)
def test_it_is_refused_in_a_sentence(
    says: str, content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    weights = write(tmp_path / "net.onnx", content)
    (tmp_path / "shorter.data").write_bytes(b"1234")
    (tmp_path.parent / "secret").write_bytes(b"12345678" * 100)
    before = {path.name for path in tmp_path.iterdir()}
    options = ["--mean", ".5", ".4", ".3", "--std", ".2", ".2", ".2"]
    names = ["--class_names", "0=a", "1=b", "2=c"]
    output = ["--output", str(tmp_path / "m.safetensors")]
    code = main(["import", "--weights", weights, *options, *names, *output])
    stderr = capfd.readouterr().err
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")]
    assert code == 2 and len(errors) == 1 and stderr.splitlines()[-1] == errors[0], stderr
    assert says in errors[0] and errors[0].endswith(".") and len(errors[0]) < 600
    assert "Traceback" not in stderr and {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("switch", [(), ("off",)])
def test_dropout_that_drops_nothing_is_no_random_number(switch: tuple[str, ...]) -> None:
    model = network()
    noise("Dropout", *switch)(model)
    check_onnx(model, "net.onnx")


def test_a_pass_that_needs_more_memory_than_is_free_is_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onnx_trial, "free_memory", lambda: 2 * 10**4)
    tiles = {"input": np.zeros((1, 3, 64, 64), np.float32)}
    model = network(channels=3, batch=1)
    assert pass_bytes(check_onnx(model, "net.onnx")) == 2 * 4 * 3 * 64 * 64 + 4 * 3 * 3
    with pytest.raises(
        JobError, match=r"takes 0\.1 MB of memory or more for one tile, and 0\.0 MB"
    ):
        onnx_trial.run_trial(model, tiles, 1, "net.onnx")
