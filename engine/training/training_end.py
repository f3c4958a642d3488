"""The end of a training after its last epoch: windows that pass through the network once more, their time and their part
of the bar.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.training_files import NO_REPORT
from ..models.two_stream_network import TwoStreamNetwork
from ..planning.training_length import FORWARD_SHARE, TrainingLength
from .comparisons import MEASURING_SHARE, comparison_windows, planned_windows

#: Seconds that are kept for the page with its charts.
_PAGE = 3.0

#: Seconds that are kept to prepare the model for a fast start.
PREPARATION = 12.0

#: Seconds from which on a training prepares its model: a shorter one, such as an update while labels are drawn, would take
#: half as long again.
PREPARED_FROM = 45.0

#: Number of tiles that the page shows.
PAGE_TILES = 6

#: The time of the pass over training windows as a share of the time of the training.
_LAND_SHARE = 0.02

#: Smallest and largest number of these windows.
_LEAST_LAND, _MOST_LAND = 16, 256

#: Largest share of a given time for all that follows the last epoch: the rest is for learning.
_MOST_SHARE = 0.5


@dataclass(frozen=True)
class TrainingEnd:
    """The work after the last epoch of a training, beside the pass over the validation tiles that calibrates.

    Attributes:
        card: The model's card, which says what can be compared.
        summarises_land: Whether training windows pass through the network once more, see ``training_land``.
        tiles: Further tiles that pass through it, for scores and for pictures.
        others: Seconds of what else follows.
    """

    card: Card
    summarises_land: bool
    tiles: int
    others: float

    @classmethod
    def of(cls, job: TrainJob, network: nn.Module, card: Card, scored: int = 0) -> TrainingEnd:
        """The end of a training.

        Args:
            job: The job.
            network: Its network.
            card: The model's card.
            scored: Number of tiles that are scored in the end.
        """
        tiles = scored
        others = PREPARATION if 60 * job.minutes >= PREPARED_FROM else 0.0
        if job.report != NO_REPORT:
            tiles, others = tiles + PAGE_TILES, others + _PAGE
        return cls(card, has_land(network), tiles, others)

    def windows(self, length: TrainingLength) -> int:
        """Windows that pass through the network after a training of a length."""
        compared = planned_windows(self.card, length)
        return self._land(length) + compared + self.tiles

    def share(self, length: TrainingLength) -> float:
        """Their share of all passes of the training, 0..1, with the calibration."""
        end = FORWARD_SHARE * (self.windows(length) + length.tiles)
        validations = -(-length.epochs // length.validate_every)
        epochs = length.epochs * length.windows + FORWARD_SHARE * validations * length.tiles
        return end / (end + epochs)

    def seconds(self, length: TrainingLength, tile: float) -> float:
        """Seconds after a training of a length.

        Args:
            length: The length.
            tile: Seconds of a tile.
        """
        return self.windows(length) * tile + self.others

    def reserved(self, seconds: float, tile: float) -> float:
        """Seconds of a given time that are kept for what follows.

        Args:
            seconds: The given time.
            tile: Seconds of a tile.
        """
        return min(self._wanted(seconds, tile), _MOST_SHARE * seconds)

    def least(self, tile: float) -> float:
        """Seconds of what follows the shortest training, at the seconds of a tile."""
        return self._wanted(0.0, tile)

    def affordable(self, seconds: float, left: float, tile: float) -> int:
        """Number of windows whose comparison the rest of a given time allows, once the network is calibrated.

        Args:
            seconds: The given time.
            left: What is left of it, s.
            tile: Seconds of a tile.
        """
        least, most = comparison_windows(self.card)
        free = min(MEASURING_SHARE * seconds, left - self._rest(tile))
        return round(_within(free / max(tile, 1e-9), least, most))

    def calibration(self, length: TrainingLength) -> int:
        """Windows that pass through the network until it is calibrated and knows its land."""
        return self._land(length) + length.tiles

    def _land(self, length: TrainingLength) -> int:
        return land_windows(length) if self.summarises_land else 0

    def _wanted(self, seconds: float, tile: float) -> float:
        """Seconds of what follows a training of some seconds, with no regard to what is left for learning."""
        land = _within(_LAND_SHARE * seconds, _LEAST_LAND * tile, _MOST_LAND * tile)
        land *= self.summarises_land
        least, most = comparison_windows(self.card)
        compared = _within(MEASURING_SHARE * seconds, least * tile, most * tile)
        return land + compared + self._rest(tile)

    def _rest(self, tile: float) -> float:
        """Seconds of what can be neither planned nor cut."""
        return self.tiles * tile + self.others


def has_land(network: nn.Module) -> bool:
    """Whether a network can have a summary of its land."""
    return isinstance(network, TwoStreamNetwork) and network.gives_features


def land_windows(length: TrainingLength) -> int:
    """The number of training windows of which a summary is made after a training of a length."""
    wanted = int(_LAND_SHARE * length.epochs * length.windows / FORWARD_SHARE)
    return min(max(wanted, _LEAST_LAND), _MOST_LAND)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
