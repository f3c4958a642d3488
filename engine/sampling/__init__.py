"""Labelled scenes become batches: survey, spatial split, band statistics, windows, augmentation, loader.

Read ``survey``, ``window_dataset``, ``sample_reader`` and ``data_loader``, then ``augmentation``.
"""
