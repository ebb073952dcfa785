"""The script, run on its own in a fresh process, against the records of the run it is of."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from core import CommandError, RunConfig
from core.data import own_data
from core.data.datasets import BUILT_IN, folder_of, path_of
from core.errors import ExportError
from core.export.course import course_of
from core.export.script import keras_script
from core.problems.script import quoted
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import dataset_of
from core.problems.siamese.script import OLDEST, VERSION_CHECK, model_part
from core.run.simplex import MapConfig
from tests import old_keras
from tests.article import ARTICLE
from tests.core.data.fashion import FASHION, idx_files
from tests.core.export.scripts import TOLERANCE, check_is_formatted, history_of
from tests.siamese import HEADS, weighted

RUNNER = """
import json, runpy, sys
names = runpy.run_path("script.py")
print(json.dumps(names["history"].history))
assert not any(name.split(".")[0] in ("core", "dashboard") for name in sys.modules)
"""
LOOKS = (40, 80, 110)  # every 40 steps, and at the end


@pytest.fixture(scope="module", params=[None, old_keras.SCRIPT], ids=["present Keras", "oldest"])
def history(engine, race, tmp_path_factory, request):
    """What Keras reports of the script of the forked lane."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "script.py").write_text(keras_script(engine.store, race, lane=2))
    done = old_keras.run(request.param, RUNNER, folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def recorded(store, run):
    """The records of lane 2, and before its fork at step 60 those of lane 1, from which it came."""
    return [r for r in store.records(run) if r.lane == (1 if r.step <= 60 else 2)]


def test_it_has_the_losses_of_the_run(engine, race, history):
    expected = history_of(recorded(engine.store, race), HEADS, LOOKS)
    assert len(expected) == 9
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, abs=TOLERANCE), name


def test_an_older_keras_is_told_which_one_it_takes(engine, race, tmp_path):
    assert "{}.{}.0".format(*OLDEST) == old_keras.SCRIPT
    (tmp_path / "script.py").write_text(keras_script(engine.store, race, lane=2))
    done = old_keras.run(
        old_keras.MODEL, "import runpy; runpy.run_path('script.py')", folder=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"This script needs Keras 3.7 or newer, and this is Keras {old_keras.MODEL}. Get a newer "
        "one: pip install --upgrade keras"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("version", "is_new_enough"),
    [("2.15.0", False), ("3.6.0", False), ("3.7.0", True), ("3.10.0.dev1", True), ("4.0.0", True)],
)
def test_it_compares_versions_by_their_numbers(version, is_new_enough):
    def check():
        exec(VERSION_CHECK, {"keras": SimpleNamespace(__version__=version)})

    if is_new_enough:
        check()
    else:
        with pytest.raises(SystemExit, match=f"this is Keras {re.escape(version)}"):
            check()


def test_it_is_formatted_and_linted(engine, race, tmp_path):
    check_is_formatted(keras_script(engine.store, race, lane=2), tmp_path)


def test_it_says_what_changed_and_nothing_of_other_lanes(engine, race):
    forked, first = (keras_script(engine.store, race, lane) for lane in (2, None))
    assert '30: {"loss_weights": {"ctg_out_1": 0.2, "ctg_out_2": 1.0, "bin_out": 1.5}},' in forked
    assert "keras.Variable" in forked
    assert "loss_weights=loss_weights" in forked
    assert '60: {"learning_rate": 0.02},' in first
    assert "keras.Variable" not in first
    assert "loss_weights=LOSS_WEIGHTS" in first
    assert "\n    30:" not in first


def test_without_changes_there_is_no_callback(store):
    run = store.add_run(RunConfig(steps=80, optimizer="adam", trunk="conv"), [ARTICLE], "1-test")
    script = keras_script(store, run)
    assert "Callback" not in script
    assert "keras.optimizers.Adam(learning_rate=0.05)" in script
    assert "layers.Conv2D(16, 3" in script
    compile(script, "script.py", "exec")


def test_a_momentum_raised_from_zero_has_a_velocity_to_go_on_with(store):
    from core.run.commands import SetLive

    config = RunConfig(momentum=0)
    run = store.add_run(config, [ARTICLE], "1-test")
    raised = config.model_copy(update={"momentum": 0.9})
    store.add_change(run, 10, SetLive(run=run, config=raised), raised)
    script = keras_script(store, run)
    assert "momentum=1e-12)" in script
    assert '10: {"momentum": 0.9},' in script


@pytest.mark.parametrize("trunk", ["dense", "conv"])
@pytest.mark.parametrize("distance", ["square", "euclidean"])
def test_its_model_is_that_of_core(trunk, distance):
    config = RunConfig(trunk=trunk, distance=distance, embedding_size=8, dropout=0.25)
    names = {}
    heads = 'HEADS = {"ctg_out_1": 100, "ctg_out_2": 100, "bin_out": 2}\n'
    exec(f"import keras\nfrom keras import layers\n{heads}{model_part(config)}", names)
    shape = (8, 16, 1)
    ours, theirs = build_model(config, shape), names["build_model"](shape)
    rng = np.random.default_rng(1)
    images = [rng.random((3, *shape), np.float32) for _ in range(2)]
    for model in (ours, theirs):
        for variable, value in zip(
            model.trainable_variables, initial_values(model, 5), strict=True
        ):
            variable.assign(value)
    for one, other in zip(ours(images), theirs(images), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    rates = [layer.rate for layer in theirs.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.25, 0.25]


def test_a_lane_of_a_map_has_its_own_weights_and_seed(store):
    over = MapConfig(resolution=1, seeds=2, total=3)
    run = store.add_run(RunConfig(seed=5), [], "1-test", map_config=over, lanes_at_once=2)
    assert len(store.lanes(run)) == 6
    course = course_of(store, run, 4)
    assert (course.seed, course.loss_weights) == (6, over.points(HEAD_NAMES)[1])
    assert course.loss_weights == weighted(ctg_out_1=0, ctg_out_2=3, bin_out=0)


def test_what_it_has_no_words_for_is_refused(store, monkeypatch):
    from core.problems.siamese import script

    run = store.add_run(RunConfig(distance="euclidean"), [ARTICLE], "1-test")
    monkeypatch.setattr(script, "WRITTEN", script.WRITTEN - {"distance"})
    with pytest.raises(ExportError, match="no words for distance = 'euclidean'"):
        keras_script(store, run)


# Its data


def pairs_of(script, folder):
    """What the script's own `load_pairs` gives, without the training below it."""
    names = {}
    above = script[: script.index("\ntraining, validation = load_pairs()")]
    above = above.split("\nclass Changes")[0]
    exec(compile(above, str(folder / "script.py"), "exec"), names)
    return names["load_pairs"](), names["for_fit"]


def check_pairs(store, config):
    """Compare all pairs of a script with those that the run of these settings was trained on."""
    run = store.add_run(config, [ARTICLE], "1-test")
    script = keras_script(store, run)
    check_is_formatted(script, store.path.parent)
    found, for_fit = pairs_of(script, store.path.parent)
    dataset = dataset_of(config, folder_of(store.path))
    for pairs, expected in zip(found, (dataset.training, dataset.validation), strict=True):
        for name in ("img_1", "img_2", "labels"):
            one, other = getattr(pairs, name), getattr(expected, name)
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
    images, labels = for_fit(found[0], np.arange(9))
    assert images["img_1"].dtype == np.float32
    white = 255 if found[0].img_1.dtype == np.uint8 else 1
    np.testing.assert_allclose(images["img_2"] * white, found[0].img_2[:9], atol=1e-4)
    assert labels["ctg_out_1"].shape == (9, config.n_classes)
    return script


HARDER = {
    "training_pairs": 700,
    "same_share": 0.3,
    "hard_share": 0.9,
    "image_noise": 0.2,
    "label_noise": 0.1,
}


def test_it_has_the_pairs_of_the_digits(store):
    plain = check_pairs(store, RunConfig())
    assert "noise" not in plain
    check_pairs(store, RunConfig(**HARDER))
    check_pairs(store, RunConfig(hard_share=0))


def test_it_has_the_pairs_of_what_keras_has_fetched(store, tmp_path, monkeypatch):
    from core.worker.fetch import fetch

    # Small files of the published format, where Keras keeps what it fetches. It has asked the
    # environment for that place when it was imported.
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.backend.config.keras_home", lambda: str(tmp_path))
    (tmp_path / FASHION).mkdir(parents=True)
    for name, content in idx_files(400).items():
        (tmp_path / FASHION / name).write_bytes(content)
    fetch(BUILT_IN["fashion_mnist"], folder_of(store.path))
    script = check_pairs(store, RunConfig(dataset="fashion_mnist", **HARDER))
    assert "keras.datasets.fashion_mnist.load_data()" in script
    assert "sklearn" not in script


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_it_has_the_pairs_of_every_dataset_of_keras(store, monkeypatch, name):
    # Of these files Keras knows the digests: it would fetch others in place of small ones.
    from core.worker.fetch import fetch

    facts, rng = BUILT_IN[name], np.random.default_rng(1)
    shape, given = facts.image_shape, []
    for n in (3 * facts.n_classes, 2 * facts.n_classes):
        classes = np.arange(n) % facts.n_classes
        if shape[-1] == 1:  # in the shapes that Keras documents
            given.append((rng.integers(256, size=(n, 28, 28), dtype=np.uint8), classes))
        else:
            given.append((rng.integers(256, size=(n, *shape), dtype=np.uint8), classes[:, None]))
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: given)
    fetch(facts, folder_of(store.path))
    check_pairs(store, RunConfig(dataset=name, training_pairs=300))


@pytest.mark.parametrize("kind", ["grey levels", "shares", "any range"])
def test_it_has_the_pairs_of_own_images_as_kept_and_as_they_were(store, tmp_path, kind):
    rng = np.random.default_rng(1)
    x = rng.integers(256, size=(60, 6, 5), dtype=np.uint8)
    x = {"grey levels": x, "shares": (x / 255).astype(np.float32), "any range": x / 9.0 - 5}[kind]
    x = np.concatenate([x, x[:7]])  # some twice
    y = np.array(["c", "a", "b"])[np.arange(67) % 60 % 3]
    np.savez(tmp_path / "mine.npz", x=x, y=y)
    name = own_data.add(tmp_path / "mine.npz", folder_of(store.path)).name
    config = RunConfig(dataset=name, **HARDER)
    script = check_pairs(store, config)
    kept = path_of(name, folder_of(store.path))
    assert f'DATA_FILE = "{kept}"' in script
    of_kept, of_original = (
        pairs_of(script.replace(str(kept), str(path)), tmp_path)[0]
        for path in (kept, tmp_path / "mine.npz")
    )
    for one, other in zip(of_kept, of_original, strict=True):
        np.testing.assert_array_equal(one.img_1, other.img_1)
        np.testing.assert_array_equal(one.labels, other.labels)


def test_it_has_the_pairs_of_own_images_that_came_split(store, tmp_path):
    rng = np.random.default_rng(2)
    x = rng.integers(256, size=(60, 6, 5), dtype=np.uint8)
    y = np.arange(60) % 3
    np.savez(tmp_path / "mine.npz", x_train=x[:33], y_train=y[:33], x_test=x[33:], y_test=y[33:])
    name = own_data.add(tmp_path / "mine.npz", folder_of(store.path)).name
    check_pairs(store, RunConfig(dataset=name, **HARDER))


@pytest.mark.parametrize("name", ["plain", "it's", 'the "best"', """'"\\""", "a\nb", "\udc80é😀"])
def test_whatever_is_in_a_path_stays_a_string(name):
    text = quoted(Path("/data") / name)
    assert ast.literal_eval(text) == f"/data/{name}"
    assert text.isprintable()
    text.encode()


def test_a_lane_that_is_not_there_is_refused(engine, race):
    with pytest.raises(CommandError, match="the lanes 0 to 2, no lane 3"):
        keras_script(engine.store, race, 3)
