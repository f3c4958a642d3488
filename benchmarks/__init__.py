"""Programs behind the numbers of docs: each measures what a page quotes.

Each runs as ``python -m benchmarks.NAME``. ``accuracy``, ``finetune``, ``footprints`` and ``labelling`` compare masks with
labels; ``segment``, ``train`` and ``suggest`` measure speed and memory; ``cloud_network`` compares an imported network with its
own package. Processes of the engine are run and measured by ``processes.py``.
"""
