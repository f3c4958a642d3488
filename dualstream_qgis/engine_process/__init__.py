"""Runs the engine as a process and yields its events.

Read ``worker.py`` first, then ``child_process.py`` (a process that is ended with its children, ``process_group.py``) and
``warm_engine.py`` (an engine that stays for the next job).
"""
