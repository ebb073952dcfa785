"""Runs into an MLflow store: settings as params, records as metrics, and the model."""

import logging
import os
import re
import tempfile
import warnings
from pathlib import Path

from core.errors import ExplorerError, ExportError, LibraryMissing
from core.export.course import Course, course_of
from core.export.models import keras_file
from core.export.models.model import trained_model
from core.export.records import records_in_force, scalars_of
from core.export.tensorboard import hparams_of
from core.run.states import RunState
from core.store import Store

METRICS_A_CALL = 1000  # MLflow takes no more
EXPERIMENT = "Loss-Weight Explorer"
STATUS = {RunState.FAILED: "FAILED", RunState.STOPPED: "KILLED"}
INSTALL = (
    "MLflow is not installed: pip install mlflow-skinny sqlalchemy alembic "
    "(or all of it: pip install mlflow)"
)


def write(
    store: Store,
    runs: list[str],
    tracking_uri: str,
    experiment: str = EXPERIMENT,
    lane: int | None = None,
) -> list[str]:
    """Write one MLflow run for each lane, or for the one named.

    Params are the settings that the lane began with; metrics are named `loss.NAME` and so on, by
    the names of the heads (see `named`), at their steps; what a rewind has abandoned is left out.
    `model` is the trained model in MLflow's form, where a state was kept.

    Args:
        store: Where the runs are.
        runs: Their ids.
        tracking_uri: Such as "sqlite:///mlflow.db" or "http://127.0.0.1:5000".
        experiment: Name of the MLflow experiment, made if it is not there.
        lane: Index of a lane; all lanes if left out.

    Returns:
        The ids of the MLflow runs.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
        ExportError: If a run is a weight map, or MLflow refuses; the message says why.
        LibraryMissing: If MLflow is not installed.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before it is loaded
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ImportError:
        raise LibraryMissing(INSTALL) from None
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    ids = []
    try:
        client = MlflowClient(tracking_uri)
        there = client.get_experiment_by_name(experiment)
        into = there.experiment_id if there else client.create_experiment(experiment)
        for run in runs:
            for index in range(len(store.lanes(run))) if lane is None else [lane]:
                course = course_of(store, run, index)
                ids.append(write_lane(client, into, store, course))
    except (MlflowException, ImportError) as error:
        raise ExportError(f"MLflow refuses {tracking_uri}: {error}") from None
    return ids


def write_lane(client, experiment: str, store: Store, course: Course) -> str:
    """Write one MLflow run; give back its id."""
    from mlflow.entities import Metric, Param, RunTag

    run = course.run
    run_id = client.create_run(
        experiment,
        start_time=round(1000 * run.created),
        run_name=f"{run.id} lane {course.lane}",
    ).info.run_id
    tags = {"explorer.run": run.id, "explorer.lane": course.lane, "explorer.state": run.state}
    client.log_batch(
        run_id,
        params=[Param(named(name), str(value)) for name, value in hparams_of(course).items()],
        tags=[RunTag(name, str(value)) for name, value in tags.items()],
    )
    metrics, now = [], round(1000 * run.created)

    def send():
        for first in range(0, len(metrics), METRICS_A_CALL):
            client.log_batch(run_id, metrics=metrics[first : first + METRICS_A_CALL])
        metrics.clear()

    for record in records_in_force(store, run, course.lane):
        now = round(1000 * (run.created + record.time))
        scalars = scalars_of(record, run.heads)
        metrics += [Metric(named(title), v, now, record.step) for title, v in scalars.items()]
        if len(metrics) >= METRICS_A_CALL:
            send()
    send()
    log_model(client, run_id, store, course)
    client.set_terminated(run_id, STATUS.get(run.state, "FINISHED"), now)
    return run_id


def named(title: str) -> str:
    """A title as MLflow takes it: what it refuses in a name, such as a quote, by its code."""
    return re.sub(r"[^\w. -]", lambda found: f"_{ord(found[0]):x}_", title)


def log_model(client, run_id: str, store: Store, course: Course) -> None:
    """Add the trained model, or a tag that says why there is none."""
    import mlflow.keras

    try:
        model = trained_model(store, course.run.id, course.lane).model
    except ExplorerError as error:
        client.set_tag(run_id, "explorer.model", str(error))
        return
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own
        path = Path(folder) / "model"
        needed = [f"keras>={keras_file.OLDEST}", "tensorflow"]
        mlflow.keras.save_model(model, str(path), pip_requirements=needed)
        for file in path.rglob("*.keras"):
            keras_file.make_plain(file)
        client.log_artifacts(run_id, str(path), "model")
