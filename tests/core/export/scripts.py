"""What a script of a run is to be: formatted, and with the losses that the run has recorded."""

import subprocess
import sys

from core.places import PROJECT

TOLERANCE = 1e-3


def check_is_formatted(script, folder):
    """Have our linter and formatter look at a script."""
    path = folder / "script.py"
    path.write_text(script)
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(PROJECT / ".ruff.toml"), str(path)]
    # zip(strict=) is left out of what is for any Python; a path of one's own may be long.
    subprocess.run([*ruff, "check", "--ignore", "B905,E501", *config], check=True)
    subprocess.run([*ruff, "format", "--check", *config], check=True)


def history_of(rows, heads, looks):
    """What Keras reports, by its names, where it trains as these records say.

    A record is the mean since the last one; Keras gives that since the last look.

    Args:
        rows: Records of one way, in order.
        heads: Of the run.
        looks: The steps after which `fit` looks at the validation examples.
    """
    validated = {row.step: row for row in rows if row.val_loss}
    ends = [0, *(row.step for row in rows)]
    history = {}
    for head in heads:
        name = head.name
        history[f"val_{name}_loss"] = [validated[look].val_loss[name] for look in looks]
        if head.metric:
            of_metric = [validated[look].val_metric[name] for look in looks]
            history[f"val_{name}_{head.metric}"] = of_metric
        history[f"{name}_loss"] = [
            sum(
                row.loss[name] * (row.step - before)
                for before, row in zip(ends, rows, strict=False)
                if first < row.step <= last
            )
            / (last - first)
            for first, last in zip((0, *looks), looks, strict=False)
        ]
    return history
