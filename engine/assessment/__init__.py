"""Assesses a trained network: calibration, contribution of streams and bands, scores of folds, and the page.

Read ``publication`` first, which writes the model file, then ``training_report``. Nothing here runs inside the loop of epochs.
"""
