"""Sliding-window inference over one scene of any size: tiles, blending, classes, ensembles.

Read ``segment_scene``, ``ensemble`` and ``sliding_window`` from the outside in, then ``tile_reader``, ``predictor``,
``blending`` and ``classify``.
"""
