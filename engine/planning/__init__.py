"""A training job and its data become a frozen ``TrainingContext``, from which everything else of a training is made.

Read ``training_plan`` first, which checks the job, then ``training_context``, which surveys the data and chooses what the
job leaves open (``data_choices``, ``pretraining``). ``train`` and ``plan`` share both.
"""
