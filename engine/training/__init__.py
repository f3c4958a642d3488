"""The training loop: losses, optimizer, epochs, validation, checkpoints, several GPUs.

Read ``training_run``, ``trainer`` and ``epoch_loop`` from the outside in, then ``losses``, ``optimizer`` and ``schedule``.
"""
