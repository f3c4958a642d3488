"""Counts agree with their nouns, in every sentence."""

from __future__ import annotations

import ast
import re

from engine.contract.errors import format_bytes, format_count


def test_a_count_agrees_with_its_noun() -> None:
    assert [format_count(n, "{} scene", "{} scenes") for n in (0, 1, 2)] == [
        "0 scenes",
        "1 scene",
        "2 scenes",
    ]
    assert [format_count(n, "{} class", "{} classes") for n in (1, 3)] == ["1 class", "3 classes"]


def test_a_size_is_told_in_a_unit_in_which_it_is_not_zero() -> None:
    sizes = [3.2e5, 4e7, 9.996e8, 1.5e9, 2.3e12]
    told = ["0.3 MB", "40 MB", "1000 MB", "1.5 GB", "2,300.0 GB"]
    assert [format_bytes(size) for size in sizes] == told


def test_no_sentence_leaves_the_number_open(root) -> None:
    """Such as "scene(s)"."""
    found = {
        f"{path.name}: {node.value}"
        for path in (root / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"[a-z]\(e?s\)", node.value)
    }
    assert not found
