"""The device and this machine: memory, threads, the processes of a distributed training, time left, state of this process.

Read ``devices``, ``arrays`` and ``memory`` first, then for several processes ``rank_info``, ``distributed`` and
``torchrun_launcher``. ``gpus``, ``distributed`` and what serves ranks import torch; the others load it only where a GPU may
exist or it is loaded already, so that graphs run without it.
"""
