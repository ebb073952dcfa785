"""What can go wrong, as one tree; each message says what was expected, what came, what to do.

ExplorerError
├── ConfigError     (also ValueError)       a setting, a loss weight or a number of lanes is off
├── CommandError    (also ValueError)       a command names a lane that is not there
├── DataError       (also ValueError)       images cannot be used, or are not there
├── ProblemError    (also ValueError)       a model or its data cannot be trained as they are
├── NotAllowed      (also PermissionError)  somebody else's run, and theirs alone to steer
├── RunNotFound     (also LookupError)      no run has that id
├── StoreError      (also OSError)          the store cannot be opened, read or written
├── ExportError     (also ValueError)       a run cannot be taken away, or taken in, in that form
├── LibraryMissing  (also ImportError)      an optional library is not installed
└── WorkerError     (also RuntimeError)     the training process cannot be started
"""


class ExplorerError(Exception):
    """Root of all errors that this project raises on purpose."""


class ConfigError(ExplorerError, ValueError):
    """A setting is outside what it may be; the message gives field, value, range, remedy."""


class CommandError(ExplorerError, ValueError):
    """A command cannot be carried out on this run."""


class NotAllowed(ExplorerError, PermissionError):
    """The run is somebody else's, so this is not theirs to do; the message says what is."""


class DataError(ExplorerError, ValueError):
    """Images cannot be used or had; the message says which, why, and what to do."""


class ProblemError(ExplorerError, ValueError):
    """A model, its data or the file that makes them cannot be trained; the message says why."""


class RunNotFound(ExplorerError, LookupError):
    """The store has no run of that id."""


class StoreError(ExplorerError, OSError):
    """The store cannot be opened, read or written."""


class ExportError(ExplorerError, ValueError):
    """A run cannot be taken away in the form asked for, or a file is no run to take in."""


class LibraryMissing(ExplorerError, ImportError):
    """What was asked for needs an optional library; the message has the line that installs it."""


class WorkerError(ExplorerError, RuntimeError):
    """The training process cannot be started."""
