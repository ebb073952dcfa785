"""What a model makes of the validation pairs, against Keras sub-models; their pictures."""

import base64
import io

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.metrics import confusion_matrix, roc_auc_score

from core import RunConfig
from core.inside.measurements import Measurements
from core.problems.siamese import seen as pairs_seen
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import dataset_of
from core.run.config import EVALUATION_PAIRS
from core.store.inside import LARGEST

LAYERS = {
    "dense": ["hidden", "embedding"],
    "conv": ["conv_1", "pool_1", "conv_2", "pool_2", "embedding"],
}


@pytest.fixture(scope="module", params=["dense", "conv"])
def seen(request, program_of):
    """Settings, what was seen of pair 7, and a model with the same values."""
    settings = {"trunk": request.param, "dropout": 0, "batch_size": 16}
    config = RunConfig(**settings)
    program = program_of(**settings)
    measurements = Measurements(program, config).prepare()
    model = build_model(config, config.facts.image_shape)
    for variable, value in zip(
        model.trainable_variables, initial_values(model, config.seed), strict=True
    ):
        variable.assign(value)
    return (
        config,
        measurements,
        measurements.look(program.initial_state(config.seed), 7).seen,
        model,
    )


def test_features_and_outputs_are_those_of_keras_sub_models(seen):
    config, _, found, model = seen
    pairs = dataset_of(config).validation
    for output, expected in zip(found.outputs, model([pairs.img_1, pairs.img_2]), strict=True):
        np.testing.assert_allclose(output, expected, atol=1e-5)
    trunk = model.get_layer("trunk")
    np.testing.assert_allclose(found.embeddings[:, 1], trunk(pairs.img_2), atol=1e-5)
    assert list(found.features) == LAYERS[config.trunk]
    for name, features in found.features.items():
        part = keras.Model(trunk.input, trunk.get_layer(name).output)
        for image, one in zip((pairs.img_1[7:8], pairs.img_2[7:8]), features, strict=True):
            np.testing.assert_allclose(one, part(image)[0], atol=1e-5)


def test_what_is_kept_says_the_same_in_short(seen):
    config, measurements, found, _ = seen
    arrays = pairs_seen.arrays_of(measurements.view.labels, *found, 7, None)
    file = io.BytesIO()
    np.savez(file, **arrays)
    assert file.tell() < LARGEST
    told = pairs_seen.as_json(arrays, 7, config)
    labels = measurements.view.labels
    for head, name in enumerate(("ctg_out_1", "ctg_out_2")):
        predicted = found.outputs[head].argmax(axis=1)
        assert [classes[0] for classes in told["top"][name]["classes"]] == predicted.tolist()
        counts = np.zeros((100, 100), int)
        for true, guess, count in told["confusion"][name]:
            counts[true, guess] = count
        np.testing.assert_array_equal(
            counts, confusion_matrix(labels[:, head], predicted, labels=range(100))
        )
        tens_and_ones = [np.concatenate([c // 10, c % 10]) for c in (labels[:, head], predicted)]
        np.testing.assert_array_equal(
            told["digit_confusion"][name], confusion_matrix(*tens_and_ones, labels=range(10))
        )
        right = found.outputs[head][np.arange(EVALUATION_PAIRS), labels[:, head]]
        np.testing.assert_allclose(told["right"][name], right, atol=1e-6)
    distance = np.linalg.norm(found.embeddings[:, 0] - found.embeddings[:, 1], axis=1)
    np.testing.assert_allclose(told["distance"], distance, atol=1e-4)
    auc = roc_auc_score(labels[:, 2], -distance)
    assert told["roc"]["distance"]["auc"] == pytest.approx(auc, abs=1e-4)
    assert told["roc"]["distance"]["fpr"][-1] == told["roc"]["distance"]["tpr"][-1] == 1
    pca = PCA(2).fit_transform(found.embeddings.reshape(1024, -1))
    points = np.reshape(told["plane"]["points"], (1024, 2))
    np.testing.assert_allclose(np.abs(points), np.abs(pca), atol=2e-3)
    assert told["plane"]["kind"] == "pca"
    assert [layer["name"] for layer in told["pair"]["layers"]] == LAYERS[config.trunk]
    for layer in told["pair"]["layers"]:
        values = found.features[layer["name"]]
        for image, one in zip(("img_1", "img_2"), values, strict=True):
            raw = np.frombuffer(base64.b64decode(layer[image]), np.uint8).reshape(layer["shape"])
            step = layer["max"] / 255
            np.testing.assert_allclose(raw * step, one, atol=step * 0.51 + 1e-6)
    for head, name in enumerate(HEAD_NAMES):
        expected = found.outputs[head][7]
        np.testing.assert_allclose(told["pair"]["probabilities"][name], expected, atol=1e-6)


def test_a_picture_is_turned_onto_the_last_one(seen):
    _, measurements, found, _ = seen
    first = pairs_seen.arrays_of(measurements.view.labels, *found, 0, None)
    mirrored = first["points"] @ np.array([[0.0, 1], [1, 0]])
    again = pairs_seen.arrays_of(measurements.view.labels, *found, 0, mirrored)
    np.testing.assert_allclose(again["points"], mirrored, atol=1e-4)


def test_two_dimensions_are_shown_as_they_are(seen):
    config, measurements, found, _ = seen
    narrow = found._replace(embeddings=found.embeddings[..., :2])
    arrays = pairs_seen.arrays_of(measurements.view.labels, *narrow, 0, np.ones((1024, 2)))
    told = pairs_seen.as_json(arrays, 0, config)
    assert told["plane"]["kind"] == "space"
    np.testing.assert_allclose(
        np.reshape(told["plane"]["points"], (512, 2, 2)), narrow.embeddings, atol=1e-4
    )


def test_the_sprite_has_each_image_in_its_cell(seen):
    config, measurements, _, _ = seen
    pairs = dataset_of(config).validation
    image = np.asarray(Image.open(io.BytesIO(measurements.pictures)))
    assert image.shape == (32 * 8, 32 * 16)
    for pair in (0, 7, 300, 511):
        for place, images in enumerate((pairs.img_1, pairs.img_2)):
            row, column = divmod(2 * pair + place, 32)
            cell = image[row * 8 : row * 8 + 8, column * 16 : column * 16 + 16]
            np.testing.assert_array_equal(cell, np.round(images[pair, ..., 0] * 255))
