"""The siamese network in a script, in the form of the source article; it needs nothing of ours."""

from pathlib import Path

from core.errors import ExportError
from core.problems.script import ProblemPart, literal, source_of
from core.problems.siamese.heads import OUTPUTS
from core.problems.siamese.script_data import data_part
from core.problems.siamese.settings import SiameseConfig
from core.run.config import RunConfig

# The settings that the script knows; any other has to be as it is by default.
WRITTEN = {
    *("dataset", "trunk", "embedding_size", "distance", "dropout", "optimizer"),
    *("learning_rate", "momentum", "batch_size", "seed", "eval_every"),
    *("training_pairs", "same_share", "hard_share", "image_noise", "label_noise"),
}
IMMATERIAL = {"steps", "steps_per_second", "record_every"}  # in the course, or pace and bookkeeping
# Before, loss weights cannot be variables; losses by name are mixed up in 3.5 and 3.6, and what
# 3.3 and 3.4 train is not what the run has trained.
OLDEST = (3, 7)


def problem_part(config: SiameseConfig, folder: Path) -> ProblemPart:
    """What a script says of the network and its pairs.

    Keras fetches the images of its own datasets; those of one's own are read from where they are
    kept.

    Args:
        config: Settings of the run.
        folder: Where the images of datasets are.

    Raises:
        ExportError: If one is used that the script has no words for.
    """
    check_is_known(config)
    data = data_part(config, folder)
    heads = {head.name: head.n_classes(config.n_classes) for head in OUTPUTS}
    oldest = ".".join(map(str, OLDEST))
    return ProblemPart(
        told=[
            "Trains from the same initial values, on the same pairs in the same batches, with the",
            "same dropout masks and the same changes in mid-run.",
            f'What it needs: pip install "keras>={oldest}" {data.needs}',
        ],
        imports=[
            *("from dataclasses import dataclass", ""),
            *("import keras", "import numpy as np", "from keras import layers", *data.imports),
        ],
        settings=[
            f"HEADS = {literal(heads)}  # outputs, and how many classes each has",
            *data.settings,
        ],
        check=VERSION_CHECK,
        definitions=[
            data.source,
            FOR_FIT.replace("[indices]", f"[indices]{data.scale}"),
            model_part(config),
            source_of("problems/siamese/model.py", "initial_values"),
        ],
        begin=[
            "training, validation = load_pairs()",
            "model = build_model(training.img_1.shape[1:])",
            "for variable, value in zip(model.trainable_variables, initial_values(model, SEED)):",
            "    variable.assign(value)",
            "for i, dropout_seed in enumerate(model.non_trainable_variables):",
            "    dropout_seed.assign([SEED, i * 2**20])",
        ],
        compiled=[
            "loss={",
            *(f'    "{head.name}": "categorical_crossentropy",' for head in OUTPUTS),
            "},",
            f"metrics={literal({head.name: 'accuracy' for head in OUTPUTS})},",
        ],
    )


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


VERSION_CHECK = f"""\
if tuple(map(int, keras.__version__.split(".")[:2])) < {OLDEST}:
    raise SystemExit(
        "This script needs Keras {OLDEST[0]}.{OLDEST[1]} or newer, and this is Keras "
        f"{{keras.__version__}}. Get a newer one: pip install --upgrade keras"
    )"""


FOR_FIT = '''
def for_fit(pairs, indices):
    """Inputs and one-hot labels by name."""
    labels = {
        head: keras.utils.to_categorical(pairs.labels[indices, column], classes)
        for column, (head, classes) in enumerate(HEADS.items())
    }
    img_1 = pairs.img_1[indices]
    img_2 = pairs.img_2[indices]
    return {"img_1": img_1, "img_2": img_2}, labels
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
