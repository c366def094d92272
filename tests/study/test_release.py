"""Before a release every mechanism has its page, and every lever its measured directions."""

from test_docs import DESCRIBED, assert_documented

from abm.month import MONTH


def test_every_mechanism_is_documented() -> None:
    assert set(MONTH) == set(DESCRIBED)
    assert_documented(MONTH)
