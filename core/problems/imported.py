"""A problem in a script that imports it: from this program, or from a file of one's own."""

from pathlib import Path

from core.problems.own import OwnConfig
from core.problems.script import CORE, ProblemPart, lines_of, literal, quoted
from core.run.config import RunConfig


def problem_part(config: RunConfig) -> ProblemPart:
    """What a script says of a problem that it imports.

    Args:
        config: Settings of a run that can be trained here.
    """
    from_file = isinstance(config, OwnConfig)
    what = f"the model of {Path(config.facts.file).name}" if from_file else f"the {config.problem}"
    return ProblemPart(
        told=[
            f"Trains {what}, which it imports, from the same",
            "initial values, on the same examples in the same batches, with the same random draws",
            "and the same changes in mid-run.",
            "What it needs: the Loss-Weight Explorer, where `sys.path` says, and its libraries.",
        ],
        imports=[
            *(["import hashlib"] if from_file else []),
            *("import sys", *(["from pathlib import Path"] if from_file else []), ""),
            *("import keras", "import numpy as np", ""),
            f"sys.path.insert(0, {quoted(CORE.parent)})",
            *(OF_FILE if from_file else OF_PROGRAM),
        ],
        settings=settings(config),
        check=CHANGED if from_file else "",
        definitions=[FOR_FIT, BY_HEAD],
        begin=begin(config),
        compiled=COMPILED,
        optimizer="problem.optimizer" if from_file else "",
    )


OF_FILE = ["from core.problems.making.file import read"]
OF_PROGRAM = ["from core.problems.build import problem_of", "from core.run.config import RunConfig"]


def settings(config: RunConfig) -> list[str]:
    """Constants: the file and its digest, or the settings of the problem alone."""
    if isinstance(config, OwnConfig):
        return [
            f"FILE = Path({quoted(config.facts.file)})",
            f"DIGEST = {quoted(config.source)}  # of the file, as the run was trained with it",
        ]
    own = [name for name in type(config).model_fields if name not in RunConfig.model_fields]
    return lines_of("PROBLEM = ", {name: getattr(config, name) for name in ("problem", *own)})


def begin(config: RunConfig) -> list[str]:
    """The problem, as the run began with it."""
    made = "problem = problem_of(RunConfig(**PROBLEM))"
    rate = []
    if isinstance(config, OwnConfig):
        made = "problem = read(FILE)"
        if not config.facts.schedule:
            rate = [f"problem.optimizer.learning_rate = {literal(config.learning_rate)}"]
    return [
        made,
        "problem.begin(SEED)",
        *rate,
        "training, validation = problem.training, problem.validation",
        "model = ByHead(problem)",
    ]


CHANGED = """\
digest = hashlib.sha256(FILE.read_bytes()).hexdigest()[:12] if FILE.is_file() else ""
if digest != DIGEST:
    raise SystemExit(
        f"{FILE} {'has changed since the run' if digest else 'is not there'}: expected one whose "
        f"digest is {DIGEST}, and it is {digest or 'none'}. Put it back; or write another path or "
        "digest above, to train what is there now."
    )"""
FOR_FIT = '''
def for_fit(examples, indices):
    """Inputs, targets by head, and sample weights by head where any example has one."""
    taken = [
        keras.tree.map_structure(lambda array: array[indices], part)
        for part in (examples.inputs, examples.targets)
    ]
    inputs, targets = taken[0], dict(zip(LOSS_WEIGHTS, taken[1]))
    weights = examples.weights or [None] * len(targets)
    if all(own is None for own in weights):
        return inputs, targets
    same = np.ones(len(indices), np.float32)
    every = zip(targets, weights)
    return inputs, targets, {h: same if own is None else own[indices] for h, own in every}
'''
BY_HEAD = '''
class ByHead(keras.Model):
    """The model of a problem, with the outputs that have a loss alone, by the names of heads."""

    def __init__(self, problem):
        super().__init__()
        self.model, self.heads = problem.model, problem.outputs

    def call(self, inputs, training=False):
        outputs = self.model(inputs, training=training)
        return {head.name: head.of(outputs) for head in self.heads}
'''
COMPILED = [
    "loss={head.name: head.loss for head in problem.outputs},",
    "weighted_metrics={head.name: head.metric for head in problem.outputs if head.metric},",
]
