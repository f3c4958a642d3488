"""The streams of all scenes of a training: what they have in common, and whether they fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..contract.errors import LayoutError, format_count
from ..contract.scene import Scene
from ..contract.translation import tr
from ..rasters.ground_resolution import SAME_RESOLUTION


@dataclass(frozen=True)
class Stream:
    """Common properties of one stream of all scenes.

    Attributes:
        bands: Number of bands.
        band_names: Their names in the first scene.
        dtype: Pixel type in the first scene; empty: auxiliary rasters of several types.
        pixel_size: The image's pixel width and height in units of its coordinate system.
        crs: The image's coordinate system, or "".
        chosen: Numbers of the chosen bands, from 1; empty: all.
        of: Number of all bands in the first scene's files, alpha included.
        warnings: Warnings about the first scene's file.
        ground: Ground size of the image's pixels, m; 0 if unknown.
    """

    bands: int
    band_names: tuple[str, ...]
    dtype: str = ""
    pixel_size: tuple[float, float] = (1.0, 1.0)
    crs: str = ""
    chosen: tuple[int, ...] = ()
    of: int = 0
    warnings: tuple[str, ...] = ()
    ground: float = 0.0


def check_same_bands(first: Stream, other: Stream, first_path: str, path: str) -> None:
    """Makes sure that an image has as many bands as the first one.

    Raises:
        LayoutError: If it has not.
    """
    if other.bands != first.bands:
        raise LayoutError(
            tr(
                "{} has {}, {} {}: all images of one training need the same bands (an alpha band is "
                "not counted)."
            ).format(
                path, format_count(other.bands, "{} band", "{} bands"), first_path, first.bands
            )
        )


def common_auxiliary(scenes: Sequence[Scene], streams: Sequence[Stream | None]) -> Stream:
    """The auxiliary stream of the first scene that has one.

    Args:
        scenes: All scenes.
        streams: The auxiliary stream of each; None for a scene without one.

    Raises:
        LayoutError: If they differ in the number of bands, or only validation scenes have one.
    """
    with_stream = [(stream, scene) for stream, scene in zip(streams, scenes) if stream]
    for stream, scene in with_stream:
        first, first_scene = with_stream[0]
        if stream.bands != first.bands:
            raise LayoutError(
                tr(
                    "The auxiliary rasters of {} have {}, those of {} {}: all scenes need the same stack."
                ).format(
                    scene.image,
                    format_count(stream.bands, "{} band", "{} bands"),
                    first_scene.image,
                    first.bands,
                )
            )
    if with_stream and all(scene.split == "validation" for _, scene in with_stream):
        raise LayoutError(
            tr(
                "Only validation scenes have auxiliary rasters: give them for training scenes too, "
                "or for none."
            )
        )
    return with_stream[0][0] if with_stream else Stream(0, ())


def with_common_ground(streams: Sequence[Stream]) -> Stream:
    """The first image stream, without a ground size and with a warning if the images' sizes differ."""
    sizes = [stream.ground for stream in streams]
    first = streams[0]
    if max(sizes) <= SAME_RESOLUTION * min(sizes):
        return first
    warning = tr(
        "The images have pixels of {:.3g} to {:.3g} m (0: unknown): the model learns from all of them pixel by pixel and "
        "knows no ground resolution of its own."
    ).format(min(sizes), max(sizes))
    return replace(first, ground=0.0, warnings=(*first.warnings, warning))
