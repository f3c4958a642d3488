"""The networks, and the model file that stores one with its card.

Read ``factory``, then ``dualstream`` or ``cmx`` with their parts (``mix_transformer``, ``convnext``, ``fusion``,
``cross_attention``, ``decoders``), then ``model_file``. A new network is a subclass of
``two_stream_network.TwoStreamNetwork``, a branch in ``factory.build_model`` and a row in ``contract/architectures``.
A new encoder is a subclass of ``pyramid_encoder.PyramidEncoder``: ``image_encoders.build_encoder`` builds that of the image,
``dualstream`` that of the auxiliary stream.
"""
