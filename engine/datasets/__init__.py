"""Training data on disk: folder layouts and tables that list scenes, and the label sources of a scene.

Read ``layouts`` (which scenes), then ``label_source`` (the interface of labels) and ``labels`` (which source opens
which file). A new label source is a class like ``rle_labels.RunLengthLabels`` and a branch in ``labels.open_labels`` and
``label_source.label_kind``. ``evaluate`` takes every table (.csv) for a submission of a competition
(``rle_scores.is_table``) before it asks for the kind of its labels.
"""
