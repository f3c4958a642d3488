"""A model file gives back the same network and its card; other files are refused."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from engine.contract.card_reader import check_card, read_card
from engine.contract.class_table import class_table
from engine.contract.errors import JobError, ModelFileError
from engine.contract.file_identity import file_hash, file_identity
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.models.model_file import build_network, load_model, save_model


def test_saved_and_loaded_networks_agree_to_the_bit(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    model, card = load_model(make_model(bands=3, auxiliary=5))
    save_model(tmp_path / "again.safetensors", model, card)
    again, other = load_model(tmp_path / "again.safetensors")
    assert other == card
    pixels, air = torch.rand(2, 3, 64, 64) * 1000, torch.rand(2, 5, 16, 16)
    with torch.inference_mode():
        assert torch.equal(model(pixels, air)["logits"], again(pixels, air)["logits"])


def test_the_card_is_plain_json_in_the_file(make_model: Callable[..., str]) -> None:
    path = make_model(classes=("land", "water", "ice"))
    with safe_open(path, framework="pt") as file:
        record = json.loads(file.metadata()["dualstream"])
    assert record["format"] == 4 and record["architecture"] == "dualstream-dformer"
    assert [c["name"] for c in record["classes"]] == ["land", "water", "ice"]
    assert read_card(path).logits == 3


def test_other_files_are_refused_in_a_sentence(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    with pytest.raises(ModelFileError, match="There is no model file"):
        read_card(tmp_path / "nowhere.safetensors")
    (tmp_path / "pickle.safetensors").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelFileError, match="is not a model file"):
        read_card(tmp_path / "pickle.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "bare.safetensors")
    with pytest.raises(ModelFileError, match="no DualStream card"):
        read_card(tmp_path / "bare.safetensors")
    path = make_model()
    with safe_open(path, framework="pt") as file:
        record = json.loads(file.metadata()["dualstream"])
    weights = load_file(path)

    def changed(**changes: object) -> Path:
        target = tmp_path / "changed.safetensors"
        save_file(weights, target, metadata={"dualstream": json.dumps({**record, **changes})})
        return target

    with pytest.raises(ModelFileError, match="update the plugin"):
        load_model(changed(format=99))
    with pytest.raises(ModelFileError, match="damaged"):
        load_model(changed(classes=None))
    with pytest.raises(ModelFileError, match="do not fit its card"):
        load_model(changed(encoder="mit-b1"))


def test_a_job_with_a_path_that_is_no_text_can_be_kept(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    model, card = load_model(make_model())
    odd = replace(card, provenance={"job": {"image": "caf\udce9.tif"}})
    save_model(tmp_path / "odd.safetensors", model, odd)
    assert load_model(tmp_path / "odd.safetensors")[1] == odd
    named = replace(card, provenance={"job": {"image": "café.tif"}})
    save_model(tmp_path / "named.safetensors", model, named)
    assert "café".encode() in (tmp_path / "named.safetensors").read_bytes()


def test_cards_are_checked_before_they_are_written(make_model: Callable[..., str]) -> None:
    card = read_card(make_model())
    check_card(card)
    image = replace(card.image, band_names=("red\a",) * 4)
    with pytest.raises(JobError, match="No model file can describe this network: image.band_names"):
        check_card(replace(card, image=image))


def test_cards_are_read_without_torch(make_model: Callable[..., str], root: Path) -> None:
    code = (
        "import sys\n"
        "from engine.contract.card_reader import read_card\n"
        "print(read_card(sys.argv[1]).tile_size, *sys.modules)"
    )
    command = [sys.executable, "-c", code, make_model()]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    size, *modules = answer.stdout.split()
    assert size == "64" and not {"torch", "numpy", "safetensors", "rasterio"} & {*modules}


def test_networks_are_loaded_alike_with_and_without_the_meta_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    image = ImageCard(3, ("r", "g", "b"), "uint8")
    classes = class_table({0: "a", 1: "b", 2: "c"})
    card = Card("smp:FPN:resnet18", "resnet18", 3, 64, image, AuxiliaryCard(), classes)
    model = build_network(card).eval()
    path = tmp_path / "fpn.safetensors"
    save_model(path, model, card)
    from_meta, _ = load_model(path)
    monkeypatch.setattr("engine.models.model_file._is_all_in_state_dict", lambda network: False)
    built, _ = load_model(path)
    pixels = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        expected = model(pixels)["logits"]
        for network in (from_meta, built):
            assert torch.equal(network(pixels)["logits"], expected)


def test_cards_from_before_bands_were_chosen_still_load(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    path = make_model()
    with safe_open(path, framework="pt") as file:
        record = json.loads(file.metadata()["dualstream"])
    record["image"].update(chosen=[3, 1, 7, 2], of=7)
    target = tmp_path / "changed.safetensors"
    save_file(load_file(path), target, metadata={"dualstream": json.dumps(record)})
    card = read_card(target)
    assert (card.image.chosen, card.image.of) == ((3, 1, 7, 2), 7)
    for stream in ("image", "auxiliary"):
        del record[stream]["chosen"], record[stream]["of"]
    save_file(load_file(path), target, metadata={"dualstream": json.dumps(record)})
    card = read_card(target)
    assert (card.image.chosen, card.image.of, card.auxiliary.chosen) == ((), 0, ())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no time of status change")
def test_a_file_that_was_rewritten_in_its_place_is_another(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"first")
    os.utime(path, (1e9, 1e9))
    first, first_hash = file_identity(path), file_hash(path)
    path.write_bytes(b"again")
    os.utime(path, (1e9, 1e9))
    assert file_identity(path) != first and file_hash(path) != first_hash


def test_another_file_of_the_same_size_and_time_is_another(tmp_path: Path) -> None:
    path, other = tmp_path / "m.safetensors", tmp_path / "other"
    for file in (path, other):
        file.write_bytes(file.name[:1].encode())
        os.utime(file, (1e9, 1e9))
    first, first_hash = file_identity(path), file_hash(path)
    assert file_identity(path) == first
    os.replace(other, path)
    assert file_identity(path) != first and file_hash(path) != first_hash
    assert file_identity(path)[-1] == path.stat().st_ino != first[-1]


def test_a_band_whose_values_differ_by_rounding_only_can_be_loaded(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    """A training divides it by 1, and its card has more digits than its tensors."""
    network, card = load_model(make_model(auxiliary=1))
    mean = 3.3e15 + 1.4e8
    assert float(torch.tensor(mean)) != mean, "the tensor has fewer digits"
    card = replace(card, auxiliary=replace(card.auxiliary, mean=(mean,), std=(1.0,)))
    network.auxiliary_normalisation.set([mean], [1.0])
    save_model(tmp_path / "m.safetensors", network, card)
    assert load_model(tmp_path / "m.safetensors")[1] == card
