"""What was put last is kept, and no more."""

from core.inside.recent import MOST, Recent


def test_what_was_put_last_is_kept():
    kept = Recent()
    for number in range(MOST):
        kept[number] = str(number)
    kept[0] = "again"
    kept[MOST] = kept[MOST + 1] = "new"
    assert len(kept) == MOST
    assert kept[0] == "again"
    assert {1, 2}.isdisjoint(kept)
    assert list(kept)[-3:] == [0, MOST, MOST + 1]
