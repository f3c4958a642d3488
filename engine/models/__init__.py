"""The networks and the model file; tensors only.

Read ``factory``, then ``dualstream`` or ``cmx`` with their parts (``mix_transformer``, ``convnext``, ``fusion``,
``decoders``), then ``model_file``.
"""
