"""Selects the bands of a stream from the bands of its files.

Bands are counted from 1, as GDAL and QGIS count them, alpha bands included: the fourth band of a file is
band 4 in any case. In a stack of files the count continues from file to file.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.errors import RasterError, format_count
from ..contract.stream_fit import bands_to_read
from ..contract.translation import tr
from .raster import band_counts

Bands = tuple[int, ...]


def split_bands_by_file(
    paths: Sequence[str], bands: Bands
) -> tuple[list[tuple[str, Bands]], list[int]]:
    """Splits bands of a stack into bands of its files; files without a chosen band are left out.

    Args:
        paths: The files, in stacking order.
        bands: Bands of the stack, at least one.

    Returns:
        Every needed file with its chosen bands, and for each of ``bands`` its index (from 0) among the chosen
        bands of all these files.

    Raises:
        RasterError: If a file cannot be opened, or the stack has no such band.
    """
    stack = [(path, index) for path in paths for index in range(1, band_counts(path)[1] + 1)]
    for band in bands:
        if not 1 <= band <= len(stack):
            raise RasterError(
                tr(
                    "The auxiliary rasters ({}) have no band {}: together they have {}, counted from 1 "
                    "through all files. Choose among those, or none to use all."
                ).format(", ".join(paths), band, format_count(len(stack), "{} band", "{} bands"))
            )
    files: list[tuple[str, Bands]] = []
    read_order: list[int] = []
    for path in dict.fromkeys(paths):
        in_file = [band for band in bands if stack[band - 1][0] == path]
        if in_file:
            files.append((path, tuple(stack[band - 1][1] for band in in_file)))
            read_order += in_file
    return files, [read_order.index(band) for band in bands]


def choose_bands(
    paths: Sequence[str],
    chosen: Bands,
    trained: Bands,
    training_count: int,
    needed: int,
    default: Bands = (),
) -> Bands:
    """The bands of a stream's files that a trained model reads.

    ``bands_to_read`` says by which rules.

    Args:
        paths: The files of the stream.
        chosen: Bands that the user chose.
        trained: Bands that were chosen for the training, from the model card.
        training_count: Number of bands of the training files.
        needed: Number of bands that the model needs.
        default: Bands that the folder layout of the dataset prescribes.

    Returns:
        Bands for ``Raster`` or ``AlignedRasters``; empty for all, whether or not their number fits.

    Raises:
        RasterError: If a file cannot be opened.
    """
    if chosen or not paths or not (trained or default):
        return chosen  # without opening a file
    counts = [band_counts(path) for path in paths]
    return bands_to_read(counts, chosen, trained, training_count, needed, default)
