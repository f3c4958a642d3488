"""A recipe is one text: every field of a training that has no parameter of its own."""

from __future__ import annotations

from dataclasses import fields

import pytest

from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.options import describe_values, is_automatic
from engine.contract.recipe_options import RECIPE_FIELDS
from engine.contract.recipe_text import format_recipe, parse_recipe, recipe_defaults


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("seed=", {}),
        ("learning_rate=0.0005 loss=ce+dice", {"learning_rate": 0.0005, "loss": "ce+dice"}),
        ("image_bands=4, 3,2,\nseed = 3", {"image_bands": (4, 3, 2), "seed": 3}),
        ("paste=thick cloud,thin cloud:soft; ema=0", {"paste": ("thick cloud", "thin cloud:soft"), "ema": 0.0}),
        ("class_weights=water=3, clouds=0.5,crop=2", {"class_weights": ("water=3", "clouds=0.5"), "crop": 2.0}),
        ('class_weights="thick cloud=3" resume=no', {"class_weights": ("thick cloud=3",), "resume": False}),
        ('{"image_bands": [3, 2], "resume": true}', {"image_bands": (3, 2), "resume": True}),
        ("pretrained=a/b=c.pth patience=-1", {"pretrained": "a/b=c.pth", "patience": -1}),
    ],
)  # fmt: skip
def test_a_text_becomes_fields_and_back(text, values):
    assert parse_recipe(text) == values
    assert parse_recipe(format_recipe(values)) == values
    TrainJob(**values)


def test_a_json_file_is_a_recipe(tmp_path):
    path = tmp_path / "my recipe.json"
    path.write_text('{"loss": "dice", "paste": ["a, b"]}', encoding="utf-8")
    assert parse_recipe(str(path)) == {"loss": "dice", "paste": ("a, b",)}
    with pytest.raises(JobError, match=r"none.json cannot be read"):
        parse_recipe(str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lerning_rate=3", "no field 'lerning_rate'; do you mean learning_rate"),
        ("augmentation=mirror", "There is no augmentation 'mirror'; do you mean mirrors"),
        ("augmentation=flips+sepia", "a part 'sepia' that is not one of flips, mirrors, "),
        ("augmentation=clahe:2", "clahe cannot have the probability '2'"),
        ("loss=0.7*focall+0.3*dice", "There is no loss 'focall'; do you mean focal"),
        ("banana=4", "no field 'banana'; it knows preset, pretrained, warmup_epochs"),
        ("epochs=4", "epochs is not a field of the recipe, because it has a parameter of its own: EPOCHS"),
        ('{"image": "a.tif"}', "image is not a field of the recipe"),
        ("schedule=linear", "schedule must be automatic, cosine, annealing, plateau or step, not linear"),
        ("seed=1.5", "seed must be a whole number from 0 to 9223372036854775807, not 1.5"),
        ("ema=nan", "ema must be a number from 0 to below 1 (-1: automatic), not nan"),
        ("patience=-2", "patience must be a whole number, 0 or more (-1: automatic)"),
        ("resume=perhaps", "resume must be true or false, not perhaps"),
        ("image_bands=1-3", "image_bands must be whole numbers from 1 on, separated by commas, such as 4,3,2"),
        ("image_bands=0", "not 0."),
        ('{"seed": true}', "not true."),
        ('{"paste": [1]}', "paste must be texts"),
        ("seed=1 seed=2", "gives seed twice"),
        ("fast seed=2", "begins with 'fast': write pairs of name and value"),
        ("{", "is not JSON"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_one_sentence_with_the_field_and_its_choices(text, says):
    with pytest.raises(JobError) as error:
        parse_recipe(text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_choices_are_those_of_the_engine():
    from engine.losses.segmentation_loss import parse_loss
    from engine.training.optimizer import OPTIMIZERS
    from engine.training.schedule import Schedule

    assert RECIPE_FIELDS["optimizer"].choices[1:] == tuple(OPTIMIZERS)
    kinds = RECIPE_FIELDS["schedule"].choices[1:]
    rates = {tuple(map(Schedule(kind, 100, 40).factor, range(100))) for kind in kinds}
    assert len(rates) == len(kinds), "each name has a schedule of its own"
    for name in RECIPE_FIELDS["loss"].examples[1:]:
        assert parse_loss(name).names


def test_every_default_is_accepted_and_those_of_a_network_are_its_recipe():
    for name, value in recipe_defaults("dualstream-dformer").items():
        assert describe_values(TrainJob, name)
        assert parse_recipe(format_recipe({name: value})) in ({name: value}, {}), name
    cmx, general = recipe_defaults("cmx"), recipe_defaults("dualstream-dformer")
    assert (cmx["accumulation"], cmx["loss"], general["loss"]) == (4, "ohem+dice", "ce+dice")
    assert recipe_defaults("dualstream-dformer", "clouds")["weight_decay"] == 0.02
    assert recipe_defaults("nothing like this")["loss"] == TrainJob.loss
    assert is_automatic(TrainJob, "warmup_epochs", cmx["warmup_epochs"])
    assert not is_automatic(TrainJob, "seed", 0)
    assert RECIPE_FIELDS.keys() < {field.name for field in fields(TrainJob)}


def test_weights_of_classes_with_names_of_fields_are_read_as_written() -> None:
    values = {"class_weights": ("background=1", "foreground=0.5", "crop=2")}
    assert parse_recipe(format_recipe(values)) == values
