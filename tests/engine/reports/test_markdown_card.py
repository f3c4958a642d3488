"""Markdown cards: a hub reads their head, and people their page, whatever names of classes and files hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, PretrainedCard
from engine.reports.card_values import ModelFacts
from engine.reports.markdown_card import markdown_card

FACTS = ModelFacts("/home/someone/my: water #1.safetensors", 10, "ab" * 32, 13_400_000)
CARD = Card(
    architecture="dualstream-dformer",
    encoder="mit-b1",
    logits=1,
    tile_size=128,
    image=ImageCard(2, ("red", "n|r"), "int16", (0.0, 1.0), (9.0, 2.5), ground=30.0),
    auxiliary=AuxiliaryCard(1, 16, ("dust",), (1.0,), (0.5,)),
    classes=class_table({0: "<b>land</b>", 1: "물"}),
    threshold=0.35,
    metrics={"miou": 0.71234, "iou": {"물": 0.6}, "calibration": {"ece_after": 0.04}},
    provenance={"scenes": 7, "training_pixels": {"1": 500}, "device": "CPU (8 threads)"},
    pretrained=PretrainedCard("nvidia/mit-b1", "NVIDIA Source Code License: not commercial use"),
)


def test_a_hub_reads_the_head():
    data = ModelCard(markdown_card(CARD, FACTS, "CC-BY-4.0")).data
    assert data.license == "cc-by-4.0" and data.pipeline_tag == "image-segmentation"
    assert data.library_name == "dualstream" and "dualstream-dformer" in data.tags
    (result,) = data.eval_results
    assert (result.metric_type, result.metric_value) == ("mean_iou", 0.712)
    assert data.model_name == "my: water #1" and data.metrics == ["mean_iou"]
    plain = ModelCard(markdown_card(replace(CARD, metrics={}), FACTS)).data
    assert plain.license is None and plain.metrics is None and not plain.eval_results


def test_people_read_the_page():
    text = ModelCard(markdown_card(CARD, FACTS)).content.split("---\n", 2)[2]
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<h1>my: water #1</h1>" in html and "&lt;b&gt;land&lt;/b&gt;" in html
    assert "<td>n|r</td>" in html and "<td>500</td>" in html and "<td>0.600</td>" in html
    assert "A pixel is 물 where its probability is above 0.35." in html
    assert "30 m a pixel" in html and "--auxiliary" in html and "CPU (8 threads)" in html
    assert "restrict the use: NVIDIA Source Code License" in html
    assert "/home/someone" not in text, "a path of this computer"


def test_no_text_of_a_card_becomes_mark_up():
    text = "<img src=x> **bold** `code`"
    card = replace(
        CARD,
        encoder=text,
        image=replace(CARD.image, band_names=(text, ""), dtype=text),
        auxiliary=replace(CARD.auxiliary, band_names=(f"2 {text}",)),
        classes=class_table({0: text, 1: f"1 {text}"}),
        provenance={"imported": text, "scenes": [text], "device": text, "training_pixels": {}},
        pretrained=PretrainedCard(text, f"{text} not commercial use"),
    )
    body = ModelCard(markdown_card(card, FACTS)).content.split("---\n", 2)[2]
    html = MarkdownIt("commonmark").enable("table").render(body)
    shown = html.count("&lt;img src=x&gt; **bold** `code`")
    assert shown == body.count("src=x") >= 13 and "<img" not in html


@pytest.mark.parametrize("metrics", [{}, {"iou": 3, "calibration": [], "miou": "x"}])
def test_a_card_with_little_has_a_page_too(metrics):
    card = Card(
        "cmx-b0", "", 3, 64, ImageCard(2), AuxiliaryCard(), class_table({1: "a", 2: "b", 3: "c"})
    )
    text = markdown_card(replace(card, metrics=metrics), FACTS)
    assert "highest probability" in text and "| image 2 | image |  |  |" in text


def test_an_imported_network_without_scores_says_so():
    card = replace(CARD, architecture="onnx", encoder="", metrics={}, provenance={"imported": "n"})
    text = markdown_card(card, replace(FACTS, parameters=0))
    assert "There are no scores of this model" in text and "validation part" not in text
    assert "million parameters" not in text and "- Network: onnx\n" in text
    assert "There are no scores" not in markdown_card(CARD, FACTS)
