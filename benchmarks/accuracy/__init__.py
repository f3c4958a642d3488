"""Measures whether a second stream improves the accuracy. Read __main__, data_sets."""
