"""Programs about the product that are not part of it: the demo, the benchmarks and the packaging of the plugin.

Each runs as ``python -m benchmarks.NAME``. ``demo`` trains and maps two sample scenes. ``segment``, ``train``,
``accuracy``, ``buildings`` and ``scale`` measure. ``package`` writes the plugin's zip.
"""
