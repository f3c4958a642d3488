"""Widgets of the algorithms' dialogs beside QGIS's own; nothing without a window imports this room.

Read ``widgets.py`` first. ``model_widget.py`` shows a model's card, ``recipe_widget.py`` the settings of a training,
``plan_label.py`` what a training would do.
"""
