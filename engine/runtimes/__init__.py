"""A model file as a network that runs fast on this machine: with PyTorch, ONNX Runtime or OpenVINO.

Read ``network`` and ``loaded_networks`` first, then ``runtime_config``, ``backends``, ``graph_cache``, ``candidates`` (what is
worth measuring) and ``autotune``. Only ``torch_backends``, ``onnx_export`` and ``onnx_variants`` import torch.
"""
