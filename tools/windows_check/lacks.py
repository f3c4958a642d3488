"""Tests that fail because Wine 10 lacks something that Windows has: each by its name, with what is missing.

A test is named as in the table that ``make windows-check`` prints. What fails and is not named here makes it fail.
"""

from __future__ import annotations

_NO_DXGI = "no DXGI without a screen: ONNX Runtime prints 'Failed to create DXGI factory.' before the sentence, when it is loaded"

#: Test -> what Wine lacks.
LACKS: dict[str, str] = {
    "engine.commands.test_light_engine::test_what_needs_the_full_engine_is_one_sentence[export]": _NO_DXGI,
}
