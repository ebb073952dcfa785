"""The pictures that the toolbar of a chart gives."""

PNG = b"\x89PNG\r\n\x1a\n"


def saved(chart, form: str) -> tuple[str, bytes]:
    """Name and content of the file that the toolbar of a chart gives, reached by the keyboard."""
    button = chart.get_by_role("button", name=f"Download as {form}")
    with chart.page.expect_download() as download:
        button.focus()
        chart.page.keyboard.press("Enter")
    return download.value.suggested_filename, download.value.path().read_bytes()


def check(chart, name: str, *said: str) -> None:
    """Whether both files are what they are called, and the drawing has these words in it."""
    called, content = saved(chart, "PNG")
    assert (called, content[:8]) == (f"{name}.png", PNG)
    assert len(content) > 5000, "something is drawn in it"
    called, content = saved(chart, "SVG")
    assert (called, content[:5]) == (f"{name}.svg", b"<svg ")
    for words in said:
        assert words in content.decode()
