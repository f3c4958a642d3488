"""A model made ready to run fast here: PyTorch, ONNX Runtime or OpenVINO.

Read ``network`` first, then ``runtime_config``, ``backends`` and ``autotune``.
"""
