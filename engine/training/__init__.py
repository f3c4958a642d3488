"""The training loop: losses, optimizer, epochs, validation, checkpoints, several GPUs.

Read ``training_run``, ``trainer`` and ``epoch_loop``, then ``losses``, ``optimizer`` and ``schedule``.
"""
