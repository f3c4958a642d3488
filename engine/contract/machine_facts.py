"""Labels of what ``doctor`` finds about a computer and its engine, in the order in which they are shown."""

from __future__ import annotations

from .translation import tr_noop

#: The label of each fact by its name in the results of ``doctor``.
LABELS = {
    "engine": tr_noop("DualStream"),
    "platform": tr_noop("System"),
    "python": tr_noop("Python of the engine"),
    "torch": tr_noop("PyTorch"),
    "cuda": tr_noop("Built for CUDA"),
    "device": tr_noop("Device"),
    "precision": tr_noop("Precision"),
    "gpu": tr_noop("Graphics card"),
    "driver": tr_noop("NVIDIA driver"),
    "reason": tr_noop("Why no graphics card is used"),
    "memory": tr_noop("Memory"),
    "disk": tr_noop("Disk"),
    "weights": tr_noop("Pretrained weights here"),
    "optional": tr_noop("Optional libraries"),
    "light": tr_noop("What this engine can do"),
}
