"""Numbers and words as all pages write them, by hand."""


def test_what_is_counted_is_one_or_several(script):
    count = script(words="client/words.js")
    assert count("[0, 1, 1234].map(n => words.count(n, 'run'))") == ["0 runs", "1 run", "1234 runs"]
    assert count("words.count(1234, 'run', words.whole)") == "1,234 runs"
