"""A model file as a network that runs fast on this machine: with PyTorch or ONNX Runtime.

Read ``rule`` first (how a network is run), then ``loaded_networks``, ``backends`` (with ``torch_backends`` or ``graph_cache``)
and ``network``. Only ``torch_backends``, ``onnx_export`` and ``onnx_variants`` import torch at once.
"""
