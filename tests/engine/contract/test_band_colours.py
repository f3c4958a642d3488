"""Pictures show an image as the eye sees it where its bands' names tell how."""

from __future__ import annotations

import pytest

from engine.contract.band_colours import chosen_colours, natural_colours, shown_bands


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["blue", "green", "red", "near infrared"], (2, 1, 0)),
        (["Near infra-red", "Red", "Green", "Blue"], (1, 2, 3)),
        (["red edge", "blue", "green", "red"], (3, 2, 1)),
        (["B02", "B03", "B04", "B08"], (2, 1, 0)),
        (["SR_B2", "SR_B3", "SR_B4", "SR_B5"], (2, 1, 0)),
        (["청색", "녹색", "적색", "근적외선"], (2, 1, 0)),
        (["band 1 (480 nm)", "b2 (0.56 um)", "third (665 nanometers)"], (2, 1, 0)),
        (["842 nm", "655 nm", "667 nm", "561 nm", "492 nm"], (1, 3, 4)),
        (["band 1", "band 2", "band 3"], ()),
        (["red", "near infrared", "green"], ()),
        (["red", "green", "blue edge"], ()),
        (["842 nm", "865 nm", "1610 nm"], ()),
        ([], ()),
    ],
)
def test_names_tell_which_bands_are_red_green_and_blue(names: list[str], found: tuple) -> None:
    assert natural_colours(names) == found


def test_without_such_names_the_first_bands_are_shown() -> None:
    assert shown_bands(["band 1"] * 4, 4) == (0, 1, 2)
    assert shown_bands((), 2) == (0,)


@pytest.mark.parametrize(
    ("names", "picture_bands", "chosen", "shown"),
    [
        (("band 1", "band 2", "band 3", "band 4"), (3, 2, 1), (), (2, 1, 0)),
        (("blue", "green", "red", "nir"), (4, 3, 2), (), (2, 1, 0)),
        (("band 4", "band 3", "band 2"), (2, 3, 4), (4, 3, 2), (2, 1, 0)),
        (("band 1", "band 2", "band 4"), (3, 2, 1), (1, 2, 4), (0, 1, 2)),
        (("band 1", "band 2", "band 3"), (), (), (0, 1, 2)),
    ],
    ids=["the user's bands", "names first", "chosen bands", "a band is not used", "none given"],
)
def test_the_user_s_bands_are_shown_where_names_do_not_tell(
    names, picture_bands, chosen, shown
) -> None:
    channels = chosen_colours(picture_bands, len(names), chosen)
    assert shown_bands(names, len(names), channels) == shown
