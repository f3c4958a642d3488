"""Builds the engine's Python environment: *Set up DualStream*, *Download for another computer* and ``make wheels``.

Read ``installer.py`` first: the steps of an installation. ``step.py`` runs one of them and reports its progress,
``errors.py`` distinguishes failures by their cause. ``computer.py`` and ``torch_builds.py`` choose the build of
PyTorch, ``engine_python.py`` the Python, ``uv_program.py`` fetches uv through ``network.py``. The files ``wheel_*.py``
and ``package_download.py`` are for computers without internet.
"""
