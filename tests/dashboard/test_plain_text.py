"""Text of others as Markdown; how a browser shows it is in tests/browser/test_plain_text.py."""

import pytest

from dashboard.plain_text import plain, sentence


def test_nothing_in_a_text_means_anything():
    assert plain("[a](b) *c* 1.") == r"\[a\]\(b\) \*c\* 1\."
    assert plain("größer, 损失") == r"größer\, 损失"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Start with `a --store` -- *now*.", r"Start with `a --store` \-\- \*now\*\."),
        ("`x` and `y[0]`", "`x` and `y[0]`"),
        ("a ` alone, *b*", r"a \` alone\, \*b\*"),
        ("`x` and a ` alone", r"\`x\` and a \` alone"),
    ],
)
def test_code_in_a_sentence_stays_code(text, shown):
    assert sentence(text) == shown
