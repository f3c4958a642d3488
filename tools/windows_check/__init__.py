"""Runs the engine and its tests in Python for Windows under Wine: ``make windows-check``.

Wine is not Windows: what passes here may still fail there, and what Wine lacks is named in ``lacks.py``, one by one.
Read ``__main__.py`` first, then ``windows_root.py`` (the root of another Debian with Wine and the environments) and
``outcomes.py`` (what became of each test).
"""
