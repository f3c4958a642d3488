"""The light engine: an environment without PyTorch, which maps with prepared and ONNX models and does not train.

What needs more ends in one sentence, from the dialog and from the engine alike.
"""

from __future__ import annotations

from .translation import tr_noop

#: Packages of the full engine that the light one lacks, by the names under which they are imported.
FULL_ENGINE_PACKAGES = frozenset(
    {
        "accelerate",
        "huggingface_hub",
        "kornia",
        "onnxscript",
        "segmentation_models_pytorch",
        "sklearn",
        "timm",
        "torch",
        "torchmetrics",
        "torchvision",
        "transformers",
    }
)

NEEDS_FULL_ENGINE = tr_noop(
    'This needs the full engine, with PyTorch: run "Set up DualStream" without "Light engine".'
)

#: Why the light engine cannot use a model, whose name is put in.
NOT_PREPARED = tr_noop(
    "The light engine, which is installed here, cannot use the model {}: export it as ONNX on a computer with "
    'the full engine and import that file here, or run "Set up DualStream" without "Light engine".'
)

#: What the light engine can do, for the check of the installation.
LIGHT_ENGINE = tr_noop(
    "This is the light engine, without PyTorch. It maps one or many scenes, makes polygons, evaluates and suggests where to "
    "label. It takes ONNX models, and other models that the full engine has prepared on this computer: at the end of a "
    "training of a minute or more or of Import weights (up to 300 MB), or in a segmentation with the runtime onnxruntime. It does not "
    'train and uses no graphics card. For the full engine run "Set up DualStream" without "Light engine".'
)
