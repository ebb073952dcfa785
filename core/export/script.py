"""A lane as one runnable file of plain Keras, in the form of the source article."""

from pathlib import Path
from textwrap import dedent

from core.data.datasets import folder_of
from core.errors import ExportError
from core.export.course import Course, course_of
from core.export.script_data import DataPart, data_part, source_of
from core.export.script_training import literal, training_part
from core.problems.siamese.heads import OUTPUTS
from core.run.config import RunConfig
from core.store import Store

# The settings that the script knows; any other has to be as it is by default.
WRITTEN = {
    *("dataset", "trunk", "embedding_size", "distance", "dropout", "optimizer"),
    *("learning_rate", "momentum", "batch_size", "seed", "eval_every"),
    *("training_pairs", "same_share", "hard_share", "image_noise", "label_noise"),
}
LINE_LENGTH = 100
IMMATERIAL = {"steps", "steps_per_second", "record_every"}  # in the course, or pace and bookkeeping
# Before, loss weights cannot be variables; losses by name are mixed up in 3.5 and 3.6, and what
# 3.3 and 3.4 train is not what the run has trained.
OLDEST = (3, 7)


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the script of one lane of a run to a file; see `keras_script`."""
    out.write_text(keras_script(store, runs[0], lane), encoding="utf-8")


def keras_script(store: Store, run: str, lane: int | None = None) -> str:
    """A Python file that trains what the lane was trained with, on its own.

    It has the pairs, initial values, batches, dropout masks and mid-run changes of the lane; it
    needs TensorFlow and, for the digits, scikit-learn, and nothing of this project. Keras fetches
    the images of its own datasets; those of one's own are read from where they are kept.

    Args:
        store: Where the run is.
        run: Its id.
        lane: Index of the lane, the first one if left out.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
        ExportError: If it used a setting that the script has no words for.
    """
    course = course_of(store, run, lane)
    check_is_known(course.config)
    data = data_part(course.config, folder_of(store.path))
    parts = [
        head_part(course, data),
        data.source,
        source_of("training/batches.py", "BatchOrder"),
        BATCHES.replace("[indices]", f"[indices]{data.scale}"),
        model_part(course.config),
        source_of("problems/siamese/model.py", "initial_values"),
        training_part(course),
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def check_is_known(config: RunConfig) -> None:
    """Raise an `ExportError` if the script would leave something out."""
    for name in config.names():
        field = type(config).model_fields[name]
        value = getattr(config, name)
        if name not in WRITTEN | IMMATERIAL and value != field.default:
            raise ExportError(
                f"The Keras script has no words for {name} = {value!r}, only for the default "
                f"{field.default!r}. Take the run's model or its records instead."
            )


def head_part(course: Course, data: DataPart) -> str:
    """Docstring, imports and settings."""
    config, run = course.config, course.run
    ended = f"{run.state}, {course.steps} steps" if run.is_finished else "not ended yet"
    libraries = ["import keras", "import numpy as np", "from keras import layers"]
    heads = {head.name: head.n_classes(config.n_classes) for head in OUTPUTS}
    settings = [
        f"HEADS = {literal(heads)}  # outputs, and how many classes each has",
        f"SEED = {course.seed}",
        f"STEPS = {course.steps}",
        f"EPOCH = {config.eval_interval}  # steps between two looks at the validation pairs",
        f"BATCH_SIZE = {config.batch_size}",
        f"LOSS_WEIGHTS = {literal(course.loss_weights.model_dump())}",
        *data.settings,
    ]
    if course.changes:
        settings += ["CHANGES = {  # what changes before which step's update, counted from 0"]
        for step, change in course.changes.items():
            settings += change_lines(step, change)
        settings.append("}")
    text = f'''
        """Run {run.id} of the Loss-Weight Explorer, lane {course.lane} ({ended}), as plain Keras.

        Trains from the same initial values, on the same pairs in the same batches, with the same
        dropout masks and the same changes in mid-run.
        What it needs: pip install "keras>={OLDEST[0]}.{OLDEST[1]}" {data.needs}
        """
    '''
    return "\n".join(
        [
            *(dedent(text).strip(), "", "from dataclasses import dataclass", ""),
            *(*libraries, *data.imports, "", VERSION_CHECK, "", *settings),
        ]
    )


VERSION_CHECK = f"""\
if tuple(map(int, keras.__version__.split(".")[:2])) < {OLDEST}:
    raise SystemExit(
        "This script needs Keras {OLDEST[0]}.{OLDEST[1]} or newer, and this is Keras "
        f"{{keras.__version__}}. Get a newer one: pip install --upgrade keras"
    )"""


def change_lines(step: int, change: dict) -> list[str]:
    """A change of the course as a row of `CHANGES`, on several lines where it is long."""
    numbers = {
        name: value.model_dump() if name == "loss_weights" else value
        for name, value in change.items()
    }
    if len(line := f"    {step}: {literal(numbers)},") <= LINE_LENGTH:
        return [line]
    inner = [f'        "{name}": {literal(value)},' for name, value in numbers.items()]
    return [f"    {step}: {{", *inner, "    },"]


BATCHES = '''
def for_fit(pairs, indices):
    """Inputs and one-hot labels by name."""
    labels = {
        head: keras.utils.to_categorical(pairs.labels[indices, column], classes)
        for column, (head, classes) in enumerate(HEADS.items())
    }
    img_1 = pairs.img_1[indices]
    img_2 = pairs.img_2[indices]
    return {"img_1": img_1, "img_2": img_2}, labels


class Batches(keras.utils.PyDataset):
    """The batches of all steps from `first` on, in the order of the run."""

    num_batches = None

    def __init__(self, pairs, first=0):
        super().__init__()
        self.pairs, self.first = pairs, first
        self.order = BatchOrder(len(pairs), BATCH_SIZE, SEED)

    def __getitem__(self, i):
        return for_fit(self.pairs, self.order.batches(self.first + i, 1)[0])
'''


def model_part(config: RunConfig) -> str:
    """Source of `build_model`."""
    trunk = {
        "dense": [
            'x = layers.Flatten(name="flatten")(image)',
            'x = layers.Dense(128, activation="relu", name="hidden")(x)',
        ],
        "conv": [
            'x = layers.Conv2D(16, 3, padding="same", activation="relu", name="conv_1")(image)',
            'x = layers.MaxPooling2D(name="pool_1")(x)',
            'x = layers.Conv2D(32, 3, padding="same", activation="relu", name="conv_2")(x)',
            'x = layers.MaxPooling2D(name="pool_2")(x)',
            'x = layers.Flatten(name="flatten")(x)',
        ],
    }[config.trunk]
    distance = {
        "square": [],
        "euclidean": [
            "distance = keras.ops.sqrt(keras.ops.sum(square, axis=-1, keepdims=True) + 1e-7)"
        ],
    }[config.distance]
    sees = "distance" if distance else "square"
    rate = config.dropout
    body = [
        'image = keras.Input(image_shape, name="image")',
        *trunk,
        f'x = layers.Dense({config.embedding_size}, activation="relu", name="embedding")(x)',
        'trunk = keras.Model(image, x, name="trunk")',
        "",
        'img_1 = keras.Input(image_shape, name="img_1")',
        'img_2 = keras.Input(image_shape, name="img_2")',
        "feature1, feature2 = trunk(img_1), trunk(img_2)",
        f'dropped1 = layers.Dropout({rate}, name="dropout_1")(feature1)',
        f'dropped2 = layers.Dropout({rate}, name="dropout_2")(feature2)',
        'difference = layers.Subtract(name="difference")([feature1, feature2])',
        'square = layers.Multiply(name="square")([difference, difference])',
        *distance,
        f'sees = {{"ctg_out_1": dropped1, "ctg_out_2": dropped2, "bin_out": {sees}}}',
        "outputs = [",
        '    layers.Dense(classes, activation="softmax", name=head)(sees[head])',
        "    for head, classes in HEADS.items()",
        "]",
        'return keras.Model([img_1, img_2], outputs, name="siamese")',
    ]
    title = [
        "def build_model(image_shape):",
        '    """One trunk used for both images, and three heads on its embeddings."""',
    ]
    return "\n".join([*title, *(f"    {line}".rstrip() for line in body)])
