"""Scenes and labels on disk: folder layouts, scene tables, class rasters, polygons, run lengths.

Read ``layouts`` (which scenes), then ``labels`` and ``label_source`` (their classes on the image's grid).
"""
