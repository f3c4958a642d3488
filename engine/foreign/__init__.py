"""Networks of other programs become our model files.

Read ``import_weights`` with ``foreign_weights`` (which network a file of weights is; ``cmx_names`` and ``segformer_folder``
read two kinds), then ``import_onnx`` with the steps of a graph: ``onnx_file`` reads it, ``onnx_facts`` and
``deepness_metadata`` read what it says of itself, ``onnx_inputs`` finds its streams, ``onnx_trial`` tries it and
``onnx_form`` completes it; ``card_parts`` serves both. Weights of another program are a module that makes a ``ForeignNetwork``, and a branch in
``foreign_weights``.
"""
