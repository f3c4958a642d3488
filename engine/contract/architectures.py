"""Every network by name: its encoder and its recipe, the defaults of a training.

To add a network: write its builder in ``models/factory.py`` and add a row to ``ARCHITECTURES``. To let a field of
``TrainJob`` depend on the network: add it to ``recipes.Recipe`` under the same name; a job that keeps ``TrainJob``'s
default gets the recipe's value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from .encoders import CPU_ENCODER
from .errors import JobError
from .jobs import AUTOMATIC, TrainJob
from .model_card import TILE_STEP
from .plain_text import shorten
from .recipes import BUILDING, CMX, GENERAL, PRESETS, Recipe
from .translation import tr


@dataclass(frozen=True)
class Architecture:
    """A network as its name determines it.

    Attributes:
        family: Name of the kind of network; its members differ in their encoders.
        recipe: Default values for training.
        encoder: Its encoder; empty if the job chooses one.
        gpu_encoder: The encoder that "automatic" means with a GPU: that of the original network.
        streams_share_grid: Whether both streams pass through twin encoders and so need tiles of the
            same size in pixels.
        takes_auxiliary: Whether it can have an auxiliary stream.
        tile_step: The side of a tile is a multiple of it, px.
    """

    family: str
    recipe: Recipe
    encoder: str = ""
    gpu_encoder: str = ""
    streams_share_grid: bool = False
    takes_auxiliary: bool = True
    tile_step: int = TILE_STEP

    def default_threshold(self, classes: int) -> float:
        """The smallest probability of the second class for two classes before one is chosen, 0.5 without a recipe's;
        more classes have no threshold.

        One chosen for the best IoU on the validation part did not hold on other land (docs/benchmarks.md).
        """
        return self.recipe.threshold or 0.5 if classes == 2 else 0.5


#: Prefix of the name of any network of segmentation-models-pytorch: smp:Unet:resnet34.
_SMP_PREFIX = "smp:"

#: The building networks, by name: an architecture of segmentation-models-pytorch and its encoder.
BUILDING_NETWORKS = {
    "pspnet-densenet161": ("PSPNet", "densenet161"),
    "unet-resnet50": ("Unet", "resnet50"),
    "deeplabv3plus-mobilenetv3": ("DeepLabV3Plus", "timm-mobilenetv3_large_100"),
}

#: Thresholds of the building networks' authors: 0.30 for the PSPNet, which they also use alone, and 0.35 for the
#: other members of their ensemble, whose weighted mean has the threshold 0.30.
_THRESHOLDS = {
    "pspnet-densenet161": 0.30,
    "unet-resnet50": 0.35,
    "deeplabv3plus-mobilenetv3": 0.35,
}

#: Every network by name that a training offers, except the ``smp:`` networks.
ARCHITECTURES: dict[str, Architecture] = {
    "dualstream-dformer": Architecture("dualstream-dformer", GENERAL, gpu_encoder="mit-b1"),
    "cmx": Architecture("cmx", CMX, gpu_encoder="mit-b2", streams_share_grid=True),
    **{
        f"cmx-b{n}": Architecture("cmx", CMX, f"mit-b{n}", streams_share_grid=True)
        for n in range(6)
    },
    **{
        name: Architecture(
            "smp", replace(BUILDING, threshold=_THRESHOLDS[name]), encoder, takes_auxiliary=False
        )
        for name, (_, encoder) in BUILDING_NETWORKS.items()
    },
}

#: The network that ``sketch`` learns from a few marks, and from which a training can start.
SKETCH = "sketch"

#: The architecture of a model file that holds an ONNX graph: any network, which cannot be trained.
ONNX = "onnx"

#: SegFormer's names: its encoder, a published one or spelled out by channels, blocks and heads of the four stages,
#: and the width of its decoder.
_CHANNELS, _COUNTS = r"[1-9]\d{0,3}(?:\.[1-9]\d{0,3}){3}", r"[1-9]\d?(?:\.[1-9]\d?){3}"
_SEGFORMER = re.compile(
    rf"segformer:(mit-(?:b[0-5]|{_CHANNELS}-{_COUNTS}-{_COUNTS})):([1-9]\d{{0,3}})"
)

#: Names in the library and in timm; other texts could name folders or downloads.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,100}")


def parse_smp_name(name: str) -> tuple[str, str]:
    """The architecture and the encoder of segmentation-models-pytorch that a network's name means.

    Raises:
        JobError: If the name is not smp:Architecture:encoder or a building network.
    """
    if name in BUILDING_NETWORKS:
        return BUILDING_NETWORKS[name]
    parts = name.removeprefix(_SMP_PREFIX).split(":")
    if len(parts) != 2 or not all(map(_PLAIN_NAME.fullmatch, parts)):
        raise JobError(
            tr(
                "The network {} must name an architecture and an encoder, such as smp:Unet:resnet34."
            ).format(shorten(name))
        )
    return parts[0], parts[1]


def parse_segformer_name(name: str) -> tuple[str, int]:
    """The encoder and the decoder's width of a SegFormer: segformer:mit-b2:768.

    Other encoders than mit-b0 to mit-b5 are spelled out, as in segformer:mit-8.16.24.32-1.1.1.1-1.2.3.4:64: channels,
    blocks and attention heads of the four stages.

    Raises:
        JobError: If the name is of another form.
    """
    match = _SEGFORMER.fullmatch(name)
    if not match:
        raise JobError(
            tr(
                "The network {} must name an encoder and a width, such as segformer:mit-b2:768."
            ).format(shorten(name))
        )
    return match[1], int(match[2])


def architecture(name: str) -> Architecture:
    """The network of a name.

    Raises:
        JobError: If there is no such network.
    """
    if name.startswith("segformer:"):
        encoder = parse_segformer_name(name)[0]
        return Architecture("segformer", GENERAL, encoder, takes_auxiliary=False)
    if name.startswith(_SMP_PREFIX):
        return Architecture("smp", GENERAL, parse_smp_name(name)[1], takes_auxiliary=False)
    if name == ONNX:
        return Architecture(ONNX, GENERAL, tile_step=1)
    if name == SKETCH:
        return Architecture(SKETCH, GENERAL, CPU_ENCODER)
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise JobError(
            tr(
                "There is no architecture {}; it is one of {}, or any of segmentation-models-pytorch "
                "as smp:Architecture:encoder."
            ).format(shorten(name), known)
        )
    return ARCHITECTURES[name]


def with_recipe(job: TrainJob) -> tuple[TrainJob, Architecture]:
    """Fills in every field that a job leaves to its architecture's recipe.

    Returns:
        The complete job and its architecture.

    Raises:
        JobError: If there is no such network, or the job names another encoder than the network.
    """
    chosen = architecture(job.architecture)
    if chosen.family == ONNX:
        raise JobError(
            tr("An ONNX network cannot be trained: choose another network, such as {}.").format(
                TrainJob.architecture
            )
        )
    if job.preset not in ("", AUTOMATIC):
        preset = replace(PRESETS[job.preset], threshold=chosen.recipe.threshold)  # of its authors
        chosen = replace(chosen, recipe=preset)
    if chosen.encoder and job.encoder not in (TrainJob.encoder, "", chosen.encoder):
        raise JobError(
            tr(
                "{} has the encoder {} by its name, not {}: leave the encoder out, or choose another "
                "network."
            ).format(job.architecture, chosen.encoder, job.encoder)
        )
    # An empty text counts as the default.
    filled = {
        name: getattr(chosen.recipe, name)
        for name in (field.name for field in fields(Recipe))
        if hasattr(job, name) and getattr(job, name) in (getattr(TrainJob, name), "")
    }
    encoder = chosen.encoder or job.encoder or AUTOMATIC
    return replace(job, encoder=encoder, pretrained=job.pretrained or AUTOMATIC, **filled), chosen
