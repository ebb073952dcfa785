"""A `.keras` file of ours opens in the present Keras, and in the oldest that it is meant for."""

import inspect
import json
from itertools import product

import keras
import numpy as np
import pytest

from core import RunConfig
from core.export.models import keras_file
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.model import build_model
from tests import old_keras

TRUNKS, DISTANCES = ("dense", "conv"), ("square", "euclidean")
# Loads the models named and writes their outputs for the images of `images.npz`.
LOADER = """
import sys
import keras
import numpy as np
images = [*np.load("images.npz").values()]
for path in sys.argv[1:]:
    model = keras.saving.load_model(path, safe_mode=True)
    outputs = model.predict(images, verbose=0)
    np.savez(path + ".npz", **dict(zip(model.output_names, outputs)))
print(keras.__version__)
"""


def images(folder, shape=(8, 16, 1)):
    """Three pairs of noise, in `images.npz` too."""
    rng = np.random.default_rng(1)
    images = [rng.random((3, *shape), np.float32) for _ in range(2)]
    np.savez(folder / "images.npz", *images)
    return images


@pytest.mark.parametrize("version", [None, old_keras.MODEL])
def test_every_model_opens_in_the_present_and_in_the_oldest_keras(version, tmp_path):
    assert f"{keras_file.OLDEST}.0" == old_keras.MODEL
    given, expected = images(tmp_path), {}
    for trunk, distance in product(TRUNKS, DISTANCES):
        model = build_model(RunConfig(trunk=trunk, distance=distance, embedding_size=8), (8, 16, 1))
        keras_file.save(model, tmp_path / f"{trunk}-{distance}.keras")
        expected[f"{trunk}-{distance}.keras"] = model.predict(given, verbose=0)
    done = old_keras.run(version, LOADER, *expected, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (version or keras.__version__)
    for name, outputs in expected.items():
        found = np.load(tmp_path / f"{name}.npz")
        assert found.files == list(HEAD_NAMES)
        for head, output in zip(HEAD_NAMES, outputs, strict=True):
            np.testing.assert_allclose(found[head], output, rtol=1e-5)


DEFAULTS = """
import inspect, json, keras
found = {}
for module in ("layers", "initializers", "regularizers", "constraints"):
    for name, of_class in vars(getattr(keras, module)).items():
        if inspect.isclass(of_class):
            for argument in inspect.signature(of_class).parameters.values():
                found[f"{module}.{name}({argument.name})"] = repr(argument.default)
print(json.dumps(found))
"""


def test_what_is_left_out_has_the_same_default_in_every_keras():
    present, oldest = (
        json.loads(old_keras.run(version, DEFAULTS).stdout) for version in (None, old_keras.MODEL)
    )
    assert "layers.Dense(quantization_config)" in present.keys() - oldest.keys()
    assert len(present.keys() & oldest.keys()) > 500
    for argument in present.keys() & oldest.keys():
        assert present[argument] == oldest[argument], argument
    # What is younger and has no default could not be left out.
    of_oldest = {argument.split("(")[0] for argument in oldest}
    for argument in present.keys() - oldest.keys():
        needed = present[argument] == repr(inspect.Parameter.empty)
        assert not needed or argument.split("(")[0] not in of_oldest, argument


def test_what_is_not_at_its_default_is_kept():
    layer = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, strides=(1, 2))
    written = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    plain = keras_file.without_defaults(written)
    assert {*written["config"]} - {*plain["config"]} >= {"groups", "dilation_rate"}
    assert plain["config"]["padding"] == "same"
    assert plain["config"]["use_bias"] is False
    assert [*plain["config"]["strides"]] == [1, 2]
    assert plain["config"]["kernel_initializer"]["config"] == {}
    again = keras.saving.deserialize_keras_object(plain)
    assert again.get_config() == layer.get_config()


def test_what_is_no_class_of_a_library_stays_as_it_is():
    for part in (
        {"module": "nowhere.at_all", "class_name": "A", "config": {"a": None}},
        {"module": None, "class_name": "A", "config": {"a": None}},
        {"module": "builtins", "class_name": "function", "config": "relu"},
        {"class_name": "__keras_tensor__", "config": {"shape": [None, 8], "dtype": "float32"}},
    ):
        assert keras_file.without_defaults([part]) == [part]
