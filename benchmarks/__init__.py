"""Programs that are not part of the plugin: the demo, the benchmarks and the packaging.

Each runs as ``python -m benchmarks.NAME``. ``demo`` trains and maps two sample scenes. ``segment``, ``train``,
``accuracy``, ``buildings`` and ``scale`` measure. ``package`` writes the plugin's zip.
"""
