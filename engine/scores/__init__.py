"""Measures how a mask agrees with labels from arrays of class indices.

The measures are independent of each other: ``outlines`` (boundary F1), ``objects`` (footprints found, missed and false),
``area_estimates`` (confidence intervals from a sample), ``differences`` (where they differ). Those of single pixels are
in ``confusion`` and ``reports.score_tables``.
"""
