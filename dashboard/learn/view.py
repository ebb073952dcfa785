"""The figures of the page Learn: made and kept up to date by the browser, over the shown run.

Python says which run and which settings; the browser asks for records, and for what is measured
inside the run while a figure that needs it is on screen.
"""

from core.problems.siamese.heads import OUTPUTS
from core.problems.siamese.layers import trunk_layers
from core.run.config import EVALUATION_PAIRS, RunConfig
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights
from dashboard import service
from dashboard.client.component import view
from dashboard.learn.figures.charts import BINS, FIGURES, figure_json
from dashboard.learn.lessons import inverse_log
from dashboard.theme import head_colours


def learn_view(
    figure: str,
    run: Run | None,
    *,
    config: RunConfig,
    sliders: LossWeights,
    n_lanes: int,
    lane: int,
    key: str,
) -> None:
    """Show one figure, or the status line.

    Args:
        figure: One of `charts.FIGURES`, or "status".
        run: The run, as this script run found it; without one, the example is shown.
        config: The settings as the widgets stand.
        sliders: The loss weights as the sliders stand.
        n_lanes: Number of lanes of the run.
        lane: Index of the lane that is shown.
        key: Streamlit's key of the element.
    """
    of_figures = run.config if run else RunConfig()
    n_classes = of_figures.n_classes
    shown = {
        "figure": figure,
        "run": run.id if run else service.EXAMPLE,
        "isExample": run is None,
        "state": run.state if run else None,
        "nLanes": n_lanes if run else 1,
        "lane": lane if run else 0,
        "most": RACE_LANES,
        "nClasses": n_classes,
        "trunkLayers": trunk_layers(of_figures),
        "config": config.model_dump(),
        "sliders": sliders.as_tuple(),
        "inverseLog": inverse_log(config.n_classes).as_tuple(),
        "classes": [head.n_classes(config.n_classes) for head in OUTPUTS],
        "pairs": EVALUATION_PAIRS,
        "bins": BINS,
        "heads": [
            {
                "name": head.name,
                "asks": head.asks,
                "colours": head_colours(place),
                "classes": head.n_classes(n_classes),
            }
            for place, head in enumerate(OUTPUTS)
        ],
        "chart": figure_json(figure, n_classes) if figure in FIGURES else None,
    }
    view("learn", shown, key=key)
