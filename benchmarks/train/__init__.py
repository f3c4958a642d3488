"""Measures how much of its time training spends in the steps themselves. Read __main__, loop, data_sets, precisions."""
