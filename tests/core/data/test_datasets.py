"""Datasets: what is known of them unloaded, and how they are fetched, or not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import numpy as np
import psutil
import pytest

from core import DataError, Engine, RunConfig, RunState
from core.data import datasets, images
from core.data.datasets import BUILT_IN, facts_of, folder_of, own_names, path_of
from core.data.images import Images
from tests.core.data.fashion import FASHION, idx_files
from tests.waiting import until

SHORT = RunConfig(dataset="fashion_mnist", steps=30, training_pairs=300)


# What is known


@pytest.mark.parametrize(
    ("name", "n_classes", "shape", "megabytes"),
    [
        # As Keras documents them; sizes are those of the published files.
        ("digits", 100, (8, 16, 1), 0),
        ("mnist", 10, (28, 28, 1), 11.5),
        ("fashion_mnist", 10, (28, 28, 1), 30.9),
        ("cifar10", 10, (32, 32, 3), 170.5),
        ("cifar100", 100, (32, 32, 3), 169.0),
        ("faces-37c-28x20x3-1a2b3c4d5e", 37, (28, 20, 3), 0),
    ],
)
def test_classes_and_shape_are_known_without_loading(name, n_classes, shape, megabytes):
    config = RunConfig(dataset=name)
    assert (config.n_classes, config.facts.image_shape) == (n_classes, shape)
    size = sum(file.size for file in config.facts.files) / 1e6
    assert size == pytest.approx(megabytes, abs=0.05)


@pytest.mark.parametrize(
    "name",
    [
        *("faces", "", "../../etc/passwd", "a/b-3c-8x8x1-1a2b3c4d5e", "Faces-3c-8x8x1-1a2b3c4d5e"),
        *("faces-1c-8x8x1-1a2b3c4d5e", "faces-1001c-8x8x1-1a2b3c4d5e"),  # classes
        *("faces-3c-3x8x1-1a2b3c4d5e", "faces-3c-8x65x1-1a2b3c4d5e", "faces-3c-8x8x5-1a2b3c4d5e"),
        *("faces-3c-8x8x1-1a2b3c4d5", "faces-3c-8x8x1-1a2b3c4d5e\n"),
    ],
)
def test_a_name_that_no_dataset_can_have_is_refused(name):
    with pytest.raises(DataError, match=r"There is no dataset .*'digits', 'mnist'.*faces-37c"):
        facts_of(name)
    with pytest.raises(ValueError, match=r"^dataset = .* is refused: .*The default is 'digits'\.$"):
        RunConfig(dataset=name)


def test_settings_of_an_older_store_are_still_read():
    # As version 1 wrote them.
    text = (
        '{"dataset":"digits","trunk":"dense","embedding_size":64,"distance":"square",'
        '"dropout":0.5,"optimizer":"sgd","learning_rate":0.05,"momentum":0.9,"batch_size":64,'
        '"steps":1500,"steps_per_second":0,"seed":0,"record_every":10,"eval_every":100}'
    )
    assert RunConfig.model_validate_json(text) == RunConfig()
    assert RunConfig().training_pairs == 20_000


def test_pairs_that_would_not_fit_into_memory_are_refused_with_a_number_that_does():
    with pytest.raises(ValueError, match=r"training_pairs = 100,000 is refused.*Take 24,414 or"):
        RunConfig(dataset="big-2c-64x64x3-0123456789", training_pairs=100_000)
    RunConfig(dataset="big-2c-64x64x3-0123456789", training_pairs=24_414)


def test_what_was_added_last_comes_first(tmp_path):
    part = Images(np.zeros((8, 4, 4, 1), np.uint8), np.arange(8, dtype=np.int32) % 2)
    for name in ("old-2c-4x4x1-0123456789", "new-2c-4x4x1-0123456789", "mnist", "of_no_kind"):
        images.save(path_of(name, tmp_path), all=part)
    assert set(own_names(tmp_path)) == {"old-2c-4x4x1-0123456789", "new-2c-4x4x1-0123456789"}
    assert own_names(tmp_path / "none") == []


# Through Keras


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_what_keras_loads_is_kept_as_it_is(name, tmp_path, monkeypatch):
    import keras

    from core.worker.fetch import fetch

    facts, rng = BUILT_IN[name], np.random.default_rng(1)
    height, width, channels = facts.image_shape
    shape = (height, width) if channels == 1 else facts.image_shape  # as Keras has them
    given = []
    for n in (3 * facts.n_classes, 2 * facts.n_classes):
        x = rng.integers(256, size=(n, *shape), dtype=np.uint8)
        y = (np.arange(n) % facts.n_classes).astype(np.uint8)
        given.append((x, y if channels == 1 else y[:, None]))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: given)
    fetch(facts, tmp_path)
    for part, (x, y) in zip(images.load(name, tmp_path), given, strict=True):
        np.testing.assert_array_equal(part.images, x.reshape(-1, *facts.image_shape))
        np.testing.assert_array_equal(part.labels, y.ravel())


class Mirror(BaseHTTPRequestHandler):
    """Serves what the test puts into `files`; holds back the last byte until `may_end`."""

    files: ClassVar[dict[str, bytes]] = {}
    may_end = threading.Event()

    def do_GET(self):
        content = self.files.get(self.path.rsplit("/", 1)[-1])
        if content is None:
            self.send_error(503, "Gone fishing")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:-1])
        self.wfile.flush()
        if self.may_end.wait(60):
            self.wfile.write(content[-1:])

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def mirror():
    """A server of this machine, in place of that of the datasets."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    Mirror.may_end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def fetching(tmp_path_factory, mirror):
    """An engine whose processes find the server of the datasets on this machine."""
    folder = tmp_path_factory.mktemp("fetching")
    # Python runs this before anything else; Keras itself is left as it is.
    (folder / "sitecustomize.py").write_text(
        "import urllib.request as r\n"
        "real = r.urlretrieve\n"
        "def there(url, *more):\n"
        "    assert url.startswith('https://storage.googleapis.com/'), url\n"
        f"    return real({mirror!r} + url.rsplit('/', 1)[-1], *more)\n"
        "r.urlretrieve = there\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setattr("core.engine.process.KERAS_HOME", folder / "keras")
        patch.setenv("KERAS_HOME", str(folder / "keras"))
        with Engine(folder / "runs.sqlite") as engine:
            engine.home = folder / "keras"
            yield engine


def fetchers(engine):
    """The processes that fetch."""
    found = psutil.Process(engine.worker_pid).children()
    return [child for child in found if "core.worker.fetch" in child.cmdline()]


def test_a_dataset_that_cannot_be_had_ends_its_run_in_a_sentence_and_no_other(fetching):
    Mirror.files = {}
    run = fetching.start(SHORT)
    other = fetching.start(RunConfig(steps=50))
    assert fetching.wait(other, 60).state is RunState.FINISHED
    ended = fetching.wait(run, 60)
    assert ended.state is RunState.FAILED
    for said in (
        "Fashion-MNIST is not on this computer and cannot be fetched: Gone fishing. ",
        "Choose the dataset digits, which needs no network; ",
        "download https://storage.googleapis.com/tensorflow/tf-keras-datasets/train-labels-",
        f" to {fetching.home / FASHION / 'train-labels-idx1-ubyte.gz'}",
    ):
        assert said in ended.message
    assert not any((fetching.home / FASHION).iterdir())


def test_fetching_is_told_can_be_stopped_and_is_done_once(fetching):
    store = fetching.store
    Mirror.files = idx_files(6000)
    Mirror.may_end.clear()
    run = fetching.start(SHORT)
    wanted = r"Fetching Fashion-MNIST, 31 MB, once and for all runs."
    until(lambda: store.run(run).message == wanted, 30)
    until(lambda: fetchers(fetching) and any((fetching.home / FASHION).glob("*")), 60)
    assert fetching.stop(run)
    until(lambda: store.run(run).state is RunState.STOPPED, 10)
    until(lambda: not fetchers(fetching), 10)
    assert not any((fetching.home / FASHION).iterdir()), "half a file would be taken for a whole"

    one, two = fetching.start(SHORT), fetching.start(SHORT)
    assert fetching.pause(two)
    until(lambda: len(fetchers(fetching)) == 1, 30)
    Mirror.may_end.set()
    ended = fetching.wait(one, 60)
    assert (ended.state, ended.message) == (RunState.FINISHED, "")
    until(lambda: store.run(two).state is RunState.PAUSED, 30)
    assert store.run(two).step == 0
    fetching.resume(two)
    assert fetching.wait(two, 60).state is RunState.FINISHED
    assert store.last_validated(one).val_loss["ctg_out_1"] == pytest.approx(np.log(10), rel=0.5)
    assert not fetchers(fetching)
    training, _ = images.load("fashion_mnist", folder_of(store.path))
    assert training.images.shape == (6000, 28, 28, 1)


def test_how_far_it_is(tmp_path, monkeypatch):
    from core.worker.waiting_room import Fetch

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("subprocess.Popen", lambda *args, **kwargs: None)
    fetch = Fetch("fashion_mnist", tmp_path)
    assert fetch.progress() == "Fetching Fashion-MNIST, 31 MB, once and for all runs."
    file = datasets.keras_folder() / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(12_000_000))
    assert fetch.progress() == "Fetching Fashion-MNIST: 12 of 31 MB."


def test_a_damaged_file_in_the_cache_is_told_with_its_place(tmp_path, monkeypatch):
    from core.worker.fetch import fetch

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    # Keras has asked the environment for that place when it was imported.
    monkeypatch.setattr("keras.src.backend.config.keras_home", lambda: str(tmp_path))
    folder = tmp_path / FASHION
    folder.mkdir(parents=True)
    for name, content in idx_files(40).items():
        (folder / name).write_bytes(content[:-9])
    with pytest.raises(
        DataError, match=r"Fashion-MNIST cannot be read.*Remove .*train-images-idx3"
    ):
        fetch(BUILT_IN["fashion_mnist"], tmp_path)
    assert not [*tmp_path.glob("*.npz")]


@pytest.mark.parametrize("damage", ["cut", "other", "none"])
def test_images_that_are_gone_or_not_those_of_the_name_are_told(tmp_path, damage):
    name = "own-2c-4x4x1-0123456789"
    path = path_of(name, tmp_path)
    part = Images(np.zeros((8, 4, 4, 1), np.uint8), np.arange(8, dtype=np.int32) % 2)
    if damage != "none":
        images.save(path, all=part)  # another digest than the name has
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"own-2c.*(Add them again|then add the images again)"):
        images.load(name, tmp_path)


def test_parts_that_were_changed_for_each_other_are_not_those_of_the_name(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.arange(8, dtype=np.int32) % 2
    one, other = (Images(rng.integers(9, size=(8, 4, 4, 1)).astype("u1"), labels) for _ in "ab")
    name = f"own-2c-4x4x1-{images.digest(one, other)}"
    images.save(path_of(name, tmp_path), training=one, validation=other)
    training, validation = images.load(name, tmp_path)
    np.testing.assert_array_equal(training.images, one.images)
    np.testing.assert_array_equal(validation.images, other.images)
    images.save(path_of(name, tmp_path), training=other, validation=one)
    with pytest.raises(DataError, match="are not those that were added under this name"):
        images.load(name, tmp_path)
