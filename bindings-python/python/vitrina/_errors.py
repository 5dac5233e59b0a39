"""What can go wrong."""

from __future__ import annotations


class VitrinaError(Exception):
    """Any error of this package.

    `str(error)` is `error.detail`: what happened and what to do next, fit to be shown. `error.title` says in a few
    words what kind of problem it is; `error.status` is the HTTP status, where a server answered at all.
    """

    status: int | None
    title: str
    detail: str

    def __init__(self, detail: str = "", *, status: int | None = None, title: str = "error") -> None:
        super().__init__(detail)
        self.detail = detail
        self.title = title
        self.status = status

    def __str__(self) -> str:
        return self.detail


class InvalidRequest(VitrinaError):
    """The request is wrong: changing it helps, repeating it does not."""


class Unauthorized(VitrinaError):
    """A key is missing or does not open this."""


class NotFound(VitrinaError):
    """There is no such product or task."""


class Conflict(VitrinaError):
    """The request conflicts with the current state, or with the version that it names."""


class TaskExpired(NotFound):
    """The task's result was kept as long as promised; hand the photo in again."""


class PhotoTooLarge(InvalidRequest):
    """The photo has more bytes or pixels than the server takes."""


class UnsupportedPhoto(InvalidRequest):
    """The file is no photo, or in a format that the server does not take."""


class PhotoUnreadable(InvalidRequest):
    """The photo was taken in, but could not be read: it may be cut off or damaged."""


class Busy(VitrinaError):
    """The server has too much to do: the same request may succeed after `retry_after` seconds."""

    retry_after: float | None

    def __init__(
        self, detail: str = "", *, status: int | None = None, title: str = "error", retry_after: float | None = None
    ) -> None:
        super().__init__(detail, status=status, title=title)
        self.retry_after = retry_after


class Unavailable(VitrinaError):
    """The server cannot be reached, or something that it depends on does not answer."""


class Timeout(VitrinaError, TimeoutError):
    """The answer did not come in time."""


class ServerError(VitrinaError):
    """A fault of the server, or an answer that is none of Vitrina's."""
