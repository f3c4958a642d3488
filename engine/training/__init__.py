"""A training from its context to the weights of its last epoch.

Read ``training_run`` first, then ``trainer``, which repeats an epoch with smaller batches if memory runs out, and
``epoch_loop``, which takes the steps. ``validation`` scores the epochs, ``checkpoints`` keeps what a killed run needs,
``training_time`` plans the length.
"""
