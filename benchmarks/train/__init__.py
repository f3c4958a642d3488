"""Measures how busy training keeps its device. Read __main__, loop, data_sets."""
