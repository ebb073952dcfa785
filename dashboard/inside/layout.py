"""What the charts of the page "Inside" have in common: measures, axes, names of heads. Pure."""

from dashboard.plain_text import in_chart

HEIGHT = 380
TALL = 460
FIRST, LAST = 16, 12  # letters of a name that are left in a legend or a title, where it is long


def called(name: str) -> str:
    """The name of a head as Plotly takes it: not for HTML, nor longer than there is room for."""
    is_long = len(name) > FIRST + LAST + 1
    return in_chart(f"{name[:FIRST]}…{name[-LAST:]}" if is_long else name)


def layout(title: str, height: int) -> dict:
    """What the charts of the page have in common."""
    return {
        "template": {},
        "title": {
            "text": title,
            "x": 0,
            "xanchor": "left",
            "font": {"size": 15},
        },
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 40, "b": 40},
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "font": {"size": 12}},
        "xaxis": {"zeroline": False},
        "yaxis": {"zeroline": False},
    }
