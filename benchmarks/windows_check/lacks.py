"""Tests that fail because Wine 10 lacks something that Windows has: each by its name, with what is missing.

A test is named as in the table that ``make windows-check`` prints. What fails and is not named here makes it fail.
"""

from __future__ import annotations

#: Test -> what Wine lacks.
LACKS: dict[str, str] = {}
