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
    "loop": ("not of the ONNX standard (Loop)", changed(loop)),
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
