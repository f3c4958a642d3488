"""The list of models that *Get a model* offers: what each maps, what its images must hold, where it comes from.

Each is an ONNX network in a package whose address and hash are stated here. A row is added only after the licence and
the weights were read, see docs/get-a-model.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.contract.file_jobs import ImportJob
from ..i18n import tr_noop
from ..installation.package_download import Package


@dataclass(frozen=True)
class ValueScale:
    """How an image stores reflectances: value * gain + offset.

    Attributes:
        gain: Reflectance of a difference of one.
        offset: Reflectance of the value 0.
        title: What images have it, in English.
    """

    gain: float
    offset: float
    title: str


@dataclass(frozen=True)
class ListedModel:
    """A network of the list.

    Attributes:
        maps: What it maps, in English.
        bands: The bands of its images, in their order, in English.
        level: The products that it was trained on, in English.
        classes: Value, name and colour of each class, as ``ImportJob`` takes them.
        mean: Mean of each band in its training, as reflectance from 0 to 1.
        std: Standard deviation of each band.
        ground: Ground resolution of its training, m per pixel.
        licence: Its licence, an SPDX identifier.
        source: Who made it, with an address.
        package: The package that holds it, with its public address, hash and size.
        member: The network's path in the package.
        size: Bytes of the network.
    """

    maps: str
    bands: str
    level: str
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    ground: float
    licence: str
    source: str
    package: Package
    member: str
    size: int

    def job(self, weights: str, output: str, scale: ValueScale) -> ImportJob:
        """Returns the job that makes a model file of the network for images of a scale."""
        maximum = (1 - scale.offset) / scale.gain  # the value of the reflectance 1
        step = scale.gain * maximum
        return ImportJob(
            weights=weights,
            output=output,
            class_names=self.classes,
            mean=tuple((mean - scale.offset) / step for mean in self.mean),
            std=tuple(std / step for std in self.std),
            maximum=maximum,
            pixel_size=self.ground,
        )


#: The scales by the values of the parameter VALUES.
SCALES = {
    "reflectance-0-10000": ValueScale(1e-4, 0.0, tr_noop("reflectances times 10000")),
    "reflectance-0-1": ValueScale(1.0, 0.0, tr_noop("reflectances from 0 to 1")),
    "sentinel2-since-2022": ValueScale(
        1e-4,
        -0.1,
        tr_noop("numbers of Sentinel-2 since January 2022: reflectances times 10000, plus 1000"),
    ),
    "landsat-surface": ValueScale(
        2.75e-5, -0.2, tr_noop("numbers of Landsat Collection 2, surface reflectance")
    ),
}

_SIX_BANDS = tr_noop("blue, green, red, near infrared, SWIR 1.6 µm, SWIR 2.2 µm")
_FOUR_BANDS = tr_noop("blue, green, red, near infrared")
_TOP = tr_noop("Landsat and Sentinel-2 Level-1C, reflectance at the top of the atmosphere")
_SURFACE = tr_noop("Landsat and Sentinel-2 Level-2A, reflectance of the surface")
_CLOUDS = tr_noop("clouds and their shadows")
_LAND = tr_noop("clouds, their shadows, snow and water")
_CLOUD_CLASSES = ("0=background", "1=cloud=#d55e00", "2=cloud shadow=#0072b2")
_LAND_CLASSES = (
    "0=cloud shadow=#4b2a7b",
    "1=water=#0072b2",
    "2=snow=#56b4e9",
    "3=land=#8a9a5b",
    "4=cloud=#d55e00",
)
#: The public host of the packages.
PACKAGES_HOST = "files.pythonhosted.org"

_SOURCE = "ukis-csmask {}, DLR, https://github.com/dlr-eoc/ukis-csmask"
_FILES = f"https://{PACKAGES_HOST}/packages/"

_CSMASK_1 = Package(
    _FILES
    + "cc/ff/9e9e6cf8f86948bcb923bf1e4f64c706bc2c274db6aceea323ec53ac0795/ukis_csmask-1.0.0-py3-none-any.whl",
    "898d6efe59b3908ec92aabad3f61a56394ff81d997a2ebe5675732503a18d1f1",  # pragma: allowlist secret
    144901442,
)
_CSMASK_0 = Package(
    _FILES
    + "5d/69/c2b7020e6364840ac319a204251a4c892aa3bc2dbbf6cde425b13c1a2205/ukis_csmask-0.2.1-py3-none-any.whl",
    "6a40e1cab2ba5f53d44dcbd271927830addc148bd0b66958688625a43964c906",  # pragma: allowlist secret
    57659587,
)
# Mean and standard deviation of each band as the packages state them, the bands in the order of _SIX_BANDS.
_TOP_MEAN = (0.275523, 0.255664, 0.269802, 0.334312, 0.208513, 0.158265)
_TOP_STD = (0.244880, 0.227575, 0.253715, 0.232138, 0.148739, 0.126042)
_SURFACE_MEAN = (0.266818, 0.277991, 0.288120, 0.364947, 0.222571, 0.178590)
_SURFACE_STD = (0.336376, 0.312546, 0.311148, 0.272607, 0.166537, 0.143290)
_LAND_MEAN = (0.19312, 0.18659, 0.18899, 0.30362, 0.23085, 0.16216)
_LAND_STD = (0.16431, 0.16762, 0.18230, 0.17409, 0.16020, 0.14164)


def _clouds(bands: int, level: str, mean: tuple[float, ...], std: tuple[float, ...]) -> ListedModel:
    return ListedModel(
        maps=_CLOUDS,
        bands=_FOUR_BANDS if bands == 4 else _SIX_BANDS,
        level=_TOP if level == "l1c" else _SURFACE,
        classes=_CLOUD_CLASSES,
        mean=mean[:bands],
        std=std[:bands],
        ground=30.0,
        licence="Apache-2.0",
        source=_SOURCE.format("1.0.0"),
        package=_CSMASK_1,
        member=f"ukis_csmask/model_{bands}b_{level}.onnx",
        size=39_600_000,
    )


def _land(bands: int) -> ListedModel:
    return ListedModel(
        maps=_LAND,
        bands=_FOUR_BANDS if bands == 4 else _SIX_BANDS,
        level=_TOP,
        classes=_LAND_CLASSES,
        mean=_LAND_MEAN[:bands],
        std=_LAND_STD[:bands],
        ground=30.0,
        licence="Apache-2.0",
        source=_SOURCE.format("0.2.1"),
        package=_CSMASK_0,
        member=f"ukis_csmask/model_{bands}b.onnx",
        size=31_100_000,
    )


#: The models by the values of the parameter MODEL, which name the file too.
MODELS = {
    "clouds-snow-water-4-bands": _land(4),
    "clouds-snow-water-6-bands": _land(6),
    "clouds-surface-4-bands": _clouds(4, "l2a", _SURFACE_MEAN, _SURFACE_STD),
    "clouds-surface-6-bands": _clouds(6, "l2a", _SURFACE_MEAN, _SURFACE_STD),
    "clouds-top-4-bands": _clouds(4, "l1c", _TOP_MEAN, _TOP_STD),
    "clouds-top-6-bands": _clouds(6, "l1c", _TOP_MEAN, _TOP_STD),
}
