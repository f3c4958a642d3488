"""Sketches: a model that is learnt from a few marks in seconds.

Read ``sketch_map`` (the whole run), then ``sketch_scene`` (the rasters, in tiles), ``tile_maps`` (what the frozen encoder
sees in a tile, kept in memory), ``marked_pixels``, ``linear_head`` (learns from them), ``held_out_score`` and
``sketch_model`` (the model file).
"""
