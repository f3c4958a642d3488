"""A training job and its data become a frozen ``TrainingContext``, from which everything else of a training is made.

Read ``training_plan`` first, which checks the job, then ``training_context``, which chooses what it leaves open and surveys
the data. ``train`` and ``plan`` share both.
"""
