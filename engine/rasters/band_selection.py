"""Which bands of which files make up a stream.

Bands are counted from 1, as GDAL and QGIS count them, and a band marked as alpha counts too: the fourth
band of a file is band 4 whatever its mark. In a stack of files the count goes on from file to file.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.errors import RasterError, format_count
from .raster import band_counts

Bands = tuple[int, ...]


def split_bands_by_file(
    paths: Sequence[str], bands: Bands
) -> tuple[list[tuple[str, Bands]], list[int]]:
    """Bands of a stack as bands of its files; files without a chosen band are left out.

    Args:
        paths: The files, in stacking order.
        bands: Bands chosen from the stack, at least one.

    Returns:
        Every needed file with its chosen bands, and for each of ``band_selection`` its place among the bands
        of those files read one after the other.

    Raises:
        RasterError: If a file cannot be opened, or the stack has no such band.
    """
    owners = [(path, own) for path in paths for own in range(1, band_counts(path)[1] + 1)]
    for band in bands:
        if not 1 <= band <= len(owners):
            raise RasterError(
                f"The auxiliary rasters ({', '.join(paths)}) have no band {band}: together they have "
                f"{format_count(len(owners), 'band')}, counted from 1 through all files. Choose among those, or none "
                "to use all."
            )
    files: list[tuple[str, Bands]] = []
    places: dict[int, int] = {}
    start = 0
    for path in dict.fromkeys(paths):
        asked = [band for band in bands if owners[band - 1][0] == path]
        if asked:
            files.append((path, tuple(owners[band - 1][1] for band in asked)))
            places.update({band: start + index for index, band in enumerate(asked)})
            start += len(asked)
    return files, [places[band] for band in bands]


def choose_bands(
    paths: Sequence[str], asked: Bands, trained: Bands, of: int, needed: int, usual: Bands = ()
) -> Bands:
    """The bands that a trained model takes from the files of a stream it is to segment.

    What the user asks for wins. Files with as many bands as those of the training are taken for such,
    and give what was chosen there; others with as many as the model takes were prepared for it. Of
    the rest, the usual bands are taken where the files have them.

    Args:
        paths: The stream's files.
        asked: Bands that the user chose.
        trained: Bands that were chosen for the training, from the model's card.
        of: Out of how many bands they were chosen.
        needed: Bands that the model takes.
        usual: Bands that the layout of the files' folder means, for want of a choice.

    Returns:
        Bands for ``Raster`` or ``Aligned``; none: all of them, whether their number fits or not.

    Raises:
        RasterError: If a file cannot be opened.
    """
    if asked or not paths or not (trained or usual):
        return asked
    counts = [band_counts(path) for path in paths]
    data, everything = (sum(column) for column in zip(*counts))
    # Before all else: the training's own files may, without alpha, have as many bands as the model.
    if trained and everything == of:
        return trained
    has_usual = max(usual, default=0) <= everything
    return usual if data != needed and has_usual else ()
