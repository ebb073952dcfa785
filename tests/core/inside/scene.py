"""A run in training in this process, watched by an observer."""

from core import RunState
from core.inside.observer import Observer
from core.run.commands import Watch
from core.training.programs import Programs
from core.training.session import Session
from core.worker.recorder import Recorder
from tests.article import ARTICLE

COMPILED: dict = {}


class Scene:
    """A run in training in this process, watched by an observer; what that told."""

    def __init__(self, store, program, config, lanes=(ARTICLE,)):
        self.store, self.told = store, []
        self.recorder = Recorder(store, self.told.append, None)
        programs = Programs(store.path.parent)
        programs.kept[Programs.key(config)] = program
        self.observer = Observer(
            store, self.recorder.write, programs, store.path.parent, self.told.append
        )
        self.observer._compiled._of = COMPILED  # once for all tests, before any of them looks
        self.observer._compiled.of(program, config, wait=True)
        program.prepare()  # or else who looks might have gone until it is compiled
        self.run = store.add_run(config, list(lanes), "owner")
        run = store.run(self.run)
        self.session = Session(run, run.parts[0], program, None, [], (0, 0.0))

    def watch(self, lane=0, pair=0):
        command = Watch(run=self.run, lane=lane, pair=pair)
        self.observer.watch(command)
        return command

    def train(self, to, look=False, is_training=True):
        while self.session.step < to:
            self.session.budget = to - self.session.step
            self.recorder.append(self.run, self.session.turn())
            self.recorder.save_if_due(self.session)
            if look:
                self.observer.look(self.session, is_training)

    def end(self, state=RunState.FINISHED):
        self.recorder.complete(self.session)
        self.store.set_state(self.run, state)

    def look_back(self, lane=0, pair=0, is_training=False):
        self.observer.look_back(
            self.store.run(self.run), Watch(run=self.run, lane=lane, pair=pair), is_training
        )

    def steps(self, lane=0):
        found = self.store.inside.gradients(self.run)
        return [(one.branch, one.step) for one in found if one.lane == lane]
