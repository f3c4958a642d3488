"""torch on this machine: device, memory, processes of one training, state of this process.

Read ``devices`` and ``memory`` first.
"""
