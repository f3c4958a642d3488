"""Measures what it is worth to label what ``suggest`` proposes. Read __main__, pools, rounds, engine_runs, picture."""
