"""All charts of the page "Inside", by name, as the browser takes them. Pure."""

import json
from functools import cache

from core.run.heads import Heads
from dashboard.inside.answers.charts import confusion_figure, numbers_figure
from dashboard.inside.pull import charts as pull
from dashboard.inside.seen.charts import histogram_figure, plane_figure, roc_figure


@cache
def figures(heads: Heads, view: str) -> dict[str, dict]:
    """All figures of the page by name, as JSON values.

    Args:
        heads: Of the run.
        view: Name of the view of its problem, empty if it has none.
    """
    made = {
        "weighted": pull.norm_figure("weighted", heads),
        "norm": pull.norm_figure("norm", heads),
        "cosine": pull.cosine_figure(heads),
        "share": pull.share_figure(heads),
        "layers": pull.layers_figure(),
        "prediction": pull.prediction_figure(heads),
    }
    if view == "pairs":
        *of_images, of_pairs = heads
        made |= {"histogram": histogram_figure(), "roc": roc_figure(of_pairs, len(of_images))}
        made |= {"plane": plane_figure()}
        made |= {f"confusion.{head.name}": confusion_figure(head.name) for head in of_images}
        made |= {f"digits.{head.name}": confusion_figure(head.name, True) for head in of_images}
    else:  # the browser takes those of each head's kind
        made |= {f"classes.{head.name}": confusion_figure(head.name) for head in heads}
        made |= {
            f"numbers.{head.name}": numbers_figure(head.name, place)
            for place, head in enumerate(heads)
        }
    return {name: json.loads(figure.to_json()) for name, figure in made.items()}
