"""Measures what defaults, encoders, weights and streams are worth. Read __main__, data_sets, runs, forest."""
