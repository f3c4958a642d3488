"""torch on this machine: device, memory, the ranks of a distributed training, state of this process.

Read ``devices`` and ``memory`` first.
"""
