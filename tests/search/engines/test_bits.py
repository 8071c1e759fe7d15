"""Rows of bits: how studies are counted by them."""

from __future__ import annotations

import numpy as np
import pytest

from search.engines.arrays.bits import count_shared, pack, unpack

STUDIES = 1000


def row(*numbers: int) -> np.ndarray:
    mask = np.zeros(STUDIES, np.bool_)
    mask[list(numbers)] = True
    return pack(mask)


class TestCountShared:
    @pytest.mark.parametrize(
        "found",
        [(), (0,), (999,), (3, 64, 500), tuple(range(0, STUDIES, 40)), tuple(range(STUDIES))],
        ids=["none", "the first", "the last", "few", "some in most words", "all"],
    )
    def test_each_row_is_counted_among_the_studies_found_however_many_these_are(self, found: tuple[int, ...]):
        members = [(0, 3, 999), tuple(range(0, STUDIES, 2)), ()]
        rows = np.array([row(*numbers) for numbers in members])
        assert count_shared(rows, row(*found)) == [len({*numbers} & {*found}) for numbers in members]


class TestPacking:
    def test_what_is_packed_is_unpacked(self):
        assert np.flatnonzero(unpack(row(0, 63, 64, 999), STUDIES)).tolist() == [0, 63, 64, 999]
