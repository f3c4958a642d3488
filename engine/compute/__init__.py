"""The device and this machine: memory, threads, the ranks of a distributed training, state of this process.

Read ``devices``, ``arrays`` and ``memory`` first. ``gpus``, ``distributed`` and ``transfers`` import torch; the others
load it only where a GPU may exist or it is loaded already, so that graphs run without it.
"""
