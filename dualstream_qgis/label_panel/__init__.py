"""The panel Label: marks on an image, and a map of the view that follows them.

Everything that it computes is a run of one of the algorithms, so it works without a window too. Free of Qt are
``mark_classes.py``, ``run_schedule.py``, ``panel_keys.py`` and ``doubtful_places.py``. ``mark_layers.py`` holds the marks in a
GeoPackage, ``map_tools.py`` draws them, ``view_runs.py`` starts the runs, ``view_map.py`` shows their result over the map,
``updates.py`` remembers the models of *Update*, and ``panel.py`` joins all of them.
"""
