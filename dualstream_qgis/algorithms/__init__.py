"""The Processing algorithms.

Read ``base_algorithm.py``, which describes the run of a job, then ``segment.py`` and ``train.py``; the modules
``..._parameters.py`` declare their parameters.
"""
