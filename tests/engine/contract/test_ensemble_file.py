"""Ensemble files: what they may hold, and sentences about what they may not."""

from __future__ import annotations

import json

import pytest

from engine.contract.ensemble_file import Member, read_ensemble, write_ensemble
from engine.contract.errors import JobError


def test_a_file_names_members_beside_it(tmp_path) -> None:
    file = tmp_path / "team.json"
    elsewhere = f"{tmp_path.anchor}b.safetensors"
    members = ["a.safetensors", {"model": elsewhere, "weight": 2}]
    file.write_text(json.dumps({"members": members, "combine": "vote"}))
    ensemble_spec = read_ensemble([str(file)], "automatic")
    assert ensemble_spec.members == (
        Member(str(tmp_path / "a.safetensors"), 1.0),
        Member(elsewhere, 2.0),
    )
    assert ensemble_spec.combine == "vote"
    assert read_ensemble([str(file)], "mean").combine == "mean"


def test_a_written_file_names_its_members_without_their_folder(tmp_path) -> None:
    models = [tmp_path / "숲-fold1.safetensors", tmp_path / "숲-fold2.safetensors"]
    write_ensemble(tmp_path / "숲.json", models, {"miou": 0.5})
    found = read_ensemble([str(tmp_path / "숲.json")], "vote")
    assert [member.model for member in found.members] == [str(model) for model in models]
    assert found.combine == "vote" and found.out_of_fold == {"miou": 0.5}
    assert str(tmp_path) not in (tmp_path / "숲.json").read_text(encoding="utf-8")


def test_a_list_of_models_counts_alike() -> None:
    ensemble_spec = read_ensemble(["a.safetensors", "b.safetensors"], "automatic")
    assert ensemble_spec.members == (Member("a.safetensors"), Member("b.safetensors"))
    assert ensemble_spec.combine == "mean"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "must hold an object with a list of members"),
        ('{"members": []}', "must hold an object with a list of members"),
        ('{"members": ["a"], "method": "mean"}', "must hold an object"),
        ('{"members": [3]}', "member 3 of the ensemble file"),
        ('{"members": [{"model": "a", "wieght": 2}]}', "must have a model, which is a path"),
        ('{"members": [{"model": "a", "weight": 0}]}', "weight of a in .* is 0: it must be"),
        ('{"members": [{"model": "a", "weight": true}]}', "must be a number above 0"),
        ('{"members": ["a"], "combine": "max"}', "is 'max'; it must be mean or vote"),
        ('{"members": ["a", "./a"]}', "named twice"),
    ],
)
def test_what_it_may_not_hold(tmp_path, text, says) -> None:
    file = tmp_path / "team.json"
    file.write_text(text)
    with pytest.raises(JobError, match=says):
        read_ensemble([str(file)], "automatic")


def test_a_file_stands_alone(tmp_path) -> None:
    with pytest.raises(JobError, match="names its members itself"):
        read_ensemble(["a.safetensors", str(tmp_path / "team.json")], "automatic")
    with pytest.raises(JobError, match="nowhere.json cannot be read"):
        read_ensemble([str(tmp_path / "nowhere.json")], "automatic")
