"""Records as TensorBoard's event files, with the settings as HParams: a folder a lane."""

from pathlib import Path

from core.errors import LibraryMissing
from core.export.course import Course, course_of
from core.export.records import records_in_force, scalars_of
from core.run.states import RunState
from core.store import Store
from core.store.tables import title_of

INSTALL = "TensorBoard's files need its package, which is not installed: pip install tensorboard"


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write a folder `RUN/lane-N` with one event file for each lane, or for the one named.

    Tags are `loss/NAME` and so on, by the names of the heads. Steps that a rewind has abandoned
    are left out, since TensorBoard knows of one curve only.
    """
    for run in runs:
        for index in range(len(store.lanes(run))) if lane is None else [lane]:
            course = course_of(store, run, index)
            folder = out / run / f"lane-{index}"
            folder.mkdir(parents=True, exist_ok=True)
            write_lane(store, course, folder / "events.out.tfevents.0.explorer")


def write_lane(store: Store, course: Course, path: Path) -> None:
    """Write one event file."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError:
        raise LibraryMissing(INSTALL) from None
    run = course.run
    with path.open("wb") as file:
        writer = RecordWriter(file)

        def add(event):
            writer.write(event.SerializeToString())

        add(Event(wall_time=run.created, file_version="brain.Event:2"))
        for summary in start_of_hparams(course):
            add(Event(wall_time=run.created, summary=summary))
        now = run.created
        for record in records_in_force(store, run, course.lane):
            now = run.created + record.time
            values = [
                Summary.Value(tag=title.replace(".", "/", 1), simple_value=value)
                for title, value in scalars_of(record, course.run.heads).items()
            ]
            add(Event(wall_time=now, step=record.step, summary=Summary(value=values)))
        if run.is_finished:
            add(Event(wall_time=now, summary=end_of_hparams(run.state, now)))


def start_of_hparams(course: Course) -> list:
    """Summaries that say which settings there are, and which ones this lane has."""
    from tensorboard.plugins.hparams import summary_v2 as hp

    settings = hparams_of(course)
    metrics = [
        hp.Metric(title_of("val_metric", head).replace(".", "/", 1))
        for head in course.run.heads
        if head.metric
    ]
    return [
        hp.hparams_config_pb([hp.HParam(name) for name in settings], metrics),
        hp.hparams_pb(
            settings,
            trial_id=f"{course.run.id}/lane-{course.lane}",
            start_time_secs=course.run.created,
        ),
    ]


def end_of_hparams(state: RunState, now: float):
    """The summary that says how the run ended."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    failed = state is RunState.FAILED
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    ended = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=now)
    content = plugin_data_pb2.HParamsPluginData(session_end_info=ended)
    value = Summary.Value(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(content),
        tensor=metadata.NULL_TENSOR,
    )
    return Summary(value=[value])


def hparams_of(course: Course) -> dict:
    """The settings that the lane began with, its seed and loss weights among them."""
    weights = course.loss_weights.model_dump()
    config = course.config
    return {
        "problem": config.problem,
        **{name: getattr(config, name) for name in config.names()},
        "seed": course.seed,
        **{f"loss_weight.{head}": weight for head, weight in weights.items()},
    }
