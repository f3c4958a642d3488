"""The interface between plugin and engine: jobs, events, errors, class table, model card, file names.

Standard library only, Python 3.9: the plugin imports this room and no other. Read ``jobs``, ``protocol``, ``scene``,
``class_table`` and ``model_card`` first.
"""
