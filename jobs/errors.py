"""How a job ends otherwise than by returning, as exceptions."""


class JobError(Exception):
    """Root of these exceptions."""


class JobFailed(JobError):
    """The job cannot be done. `message` is a sentence for whoever asked: it quotes no record and no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TryAgainLater(JobFailed):
    """The job cannot be done now. It is tried again after a pause, a few times."""


class JobEnded(JobError):
    """Somebody ended the job. What it has committed stays."""


class WorkerStops(JobError):
    """The worker was told to stop. The job is put back, and goes on with the next worker."""


class GivesWay(JobError):
    """Another job that comes first has been asked for. The job is put back, and goes on after it."""


class ClaimLost(JobError):
    """The job belongs to another worker by now: this one may write nothing more of it."""


class JobRefused(JobError):
    """The state of the job does not allow what was asked. `message` is a sentence for whoever asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
