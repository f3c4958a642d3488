"""Runs everything that needs an NVIDIA card, in one command. Read __main__, catalogue, results, then any check."""
