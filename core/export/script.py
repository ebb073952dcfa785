"""A lane as one runnable file of Keras, in the form of the source article."""

from pathlib import Path

from core.data.datasets import folder_of
from core.errors import ExportError
from core.export.course import Course, course_of
from core.export.script_training import training_part
from core.problems import imported
from core.problems.script import ProblemPart, lines_of, source_of
from core.problems.siamese import script as siamese
from core.problems.siamese.settings import SiameseConfig
from core.run.config import RunConfig
from core.store import Store


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the script of one lane of a run to a file; see `keras_script`."""
    out.write_text(keras_script(store, runs[0], lane), encoding="utf-8")


def keras_script(store: Store, run: str, lane: int | None = None) -> str:
    """A Python file that trains what the lane was trained with, by Keras' own `fit`.

    It has the examples, initial values, batches, random draws and mid-run changes of the lane. Of
    the siamese network it stands alone; any other problem it imports, from this program or from
    the file of one's own, whose digest it checks.

    Args:
        store: Where the run is.
        run: Its id.
        lane: Index of the lane, the first one if left out.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
        ExportError: If it used a setting that the script has no words for, or the file of its
            problem was not read, or is another now.
    """
    course = course_of(store, run, lane)
    problem = problem_part(course.config, folder_of(store.path))
    parts = [
        head_part(course, problem),
        *problem.definitions,
        source_of("training/batches.py", "BatchOrder"),
        BATCHES,
        training_part(course, problem),
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def problem_part(config: RunConfig, folder: Path) -> ProblemPart:
    """What the script says of the problem of a run with these settings."""
    if config.obstacle:
        raise ExportError(config.obstacle)
    if isinstance(config, SiameseConfig):
        return siamese.problem_part(config, folder)
    return imported.problem_part(config)


def head_part(course: Course, problem: ProblemPart) -> str:
    """Docstring, imports and settings."""
    config, run = course.config, course.run
    ended = f"{run.state}, {course.steps} steps" if run.is_finished else "not ended yet"
    settings = [
        f"SEED = {course.seed}",
        f"STEPS = {course.steps}",
        f"EPOCH = {config.eval_interval}  # steps between two looks at the validation examples",
        f"BATCH_SIZE = {config.batch_size}",
        *lines_of("LOSS_WEIGHTS = ", course.loss_weights.model_dump()),
        *problem.settings,
    ]
    if course.changes:
        settings += ["CHANGES = {  # what changes before which step's update, counted from 0"]
        for step, change in course.changes.items():
            settings += lines_of(f"{step}: ", numbers_of(change), ",", indent=4)
        settings.append("}")
    return "\n".join(
        [
            f'"""Run {run.id} of the Loss-Weight Explorer, lane {course.lane} ({ended}), by Keras.',
            *("", *problem.told, '"""', "", *problem.imports, "", *settings),
            *(["", problem.check] if problem.check else []),
        ]
    )


def numbers_of(change: dict) -> dict:
    """A change of the course, as it stands in `CHANGES`."""
    return {
        name: value.model_dump() if name == "loss_weights" else value
        for name, value in change.items()
    }


BATCHES = '''
class Batches(keras.utils.PyDataset):
    """The batches of all steps, in the order of the run."""

    num_batches = None

    def __init__(self, examples):
        super().__init__()
        self.examples, self.order = examples, BatchOrder(len(examples), BATCH_SIZE, SEED)

    def __getitem__(self, step):
        return for_fit(self.examples, self.order.batches(step, 1)[0])
'''
