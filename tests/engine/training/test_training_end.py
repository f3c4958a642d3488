"""What follows the last epoch has its time in a training for a time, and its part of the bar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard
from engine.planning.training_length import TrainingLength
from engine.training.comparisons import comparison_windows, comparisons
from engine.training.training_end import TrainingEnd
from tests.engine.contract.test_card_summary import CARD
from tests.engine.small_network import SmallNetwork

TWO = replace(
    CARD,
    image=replace(CARD.image, bands=4, band_names=()),
    auxiliary=AuxiliaryCard(48, 8, (), (0.0,) * 48, (1.0,) * 48),
)
ONE = replace(TWO, image=replace(TWO.image, bands=1), auxiliary=AuxiliaryCard())


def test_where_time_is_short_fewer_groups_of_bands_are_compared() -> None:
    assert [way.passes for way in comparisons(TWO)] == [1 + 2 + 4 + 12, 1 + 2 + 4 + 4, 1 + 2]
    assert comparison_windows(TWO) == (4 * 3, 64 * 19) and comparison_windows(ONE) == (0, 0)


@pytest.mark.prepares
def test_time_is_kept_for_passes_page_and_preparation() -> None:
    end = TrainingEnd(TWO, summarises_land=True, tiles=6, others=3.0)
    # Shares of the time where windows are fast, the fewest windows where they are slow, at most half of the time.
    assert end.reserved(600.0, 0.1) == pytest.approx(0.06 * 600 + 6 * 0.1 + 3)
    assert end.reserved(60.0, 0.3) == pytest.approx((16 + 12 + 6) * 0.3 + 3)
    assert end.reserved(60.0, 2.0) == 30.0
    network = SmallNetwork.__new__(SmallNetwork)
    with_page = TrainingEnd.of(TrainJob(minutes=1.0), network, TWO)
    without = TrainingEnd.of(TrainJob(minutes=1.0, report="none"), network, TWO)
    assert with_page.others == without.others + 3 > 10 and with_page.tiles == 6
    assert TrainingEnd.of(TrainJob(report="none"), network, TWO, scored=9).tiles == 9


def test_the_comparison_is_cut_to_the_time_that_is_left() -> None:
    end = TrainingEnd(TWO, summarises_land=True, tiles=6, others=3.0)
    assert end.affordable(600.0, left=600.0, tile=0.1) == 240
    assert end.affordable(600.0, left=13.6, tile=0.1) == 100
    assert end.affordable(600.0, left=-20.0, tile=0.1) == 12


def test_a_short_training_has_more_of_the_bar_for_its_end() -> None:
    end = TrainingEnd(TWO, summarises_land=True, tiles=6, others=3.0)
    short, long = (TrainingLength(epochs, 32, 1, 20) for epochs in (1, 40))
    assert 0.4 < end.share(short) < 0.7 and end.share(long) < 0.15
