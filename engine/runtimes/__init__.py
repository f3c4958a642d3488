"""A model file as a network that runs fast on this machine: with PyTorch, ONNX Runtime or OpenVINO.

Read ``network`` first, then ``runtime_config``, ``backends``, ``candidates`` (what is worth measuring) and
``autotune``.
"""
