"""Measures the speed, memory and seams of segmenting, beside other tools.

Read __main__, cases, bench, rounds, trials, table; then what they start: processes, environments, job, bare, peers,
reference, qgis_batch; last what they make: scenes, models, null_model.
"""
