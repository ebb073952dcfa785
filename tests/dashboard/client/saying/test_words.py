"""Numbers and words as all pages write them, by hand."""

import pytest

from dashboard.plain_text import in_chart


def test_what_is_counted_is_one_or_several(script):
    count = script(words="client/saying/words.js")
    assert count("[0, 1, 1234].map(n => words.count(n, 'run'))") == ["0 runs", "1 run", "1234 runs"]
    assert count("words.count(1234, 'run', words.whole)") == "1,234 runs"


def test_a_loss_has_three_decimals_until_it_explodes(script):
    nats = script(words="client/saying/words.js")
    losses = [0, 0.69314, 4.6052, 1234.5678, -12345.6, 683094045186.297, 2.1646174432493828e21]
    found = nats("given.losses.map(words.nats)", losses=losses)
    expected = ["0.000", "0.693", "4.605", "1234.568", "-1.23e4", "6.83e11", "2.16e21"]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("rest", "rest"),
        ("<b>a</b> & c", "&lt;b&gt;a&lt;/b&gt; &amp; c"),
        ("&lt;", "&amp;lt;"),
        ("90 % of %{x}", "90 % of &#37;{x}"),
        ("größer, 损失 'x' \"y\"", "größer, 损失 'x' \"y\""),
    ],
)
def test_a_text_in_a_chart_is_the_same_from_both_sides_and_read_as_it_was(script, text, drawn):
    words = script(words="client/saying/words.js")
    assert words("words.inChart(given.text)", text=text) == in_chart(text) == drawn
    assert words("words.outOfChart(given.drawn)", drawn=drawn) == text
