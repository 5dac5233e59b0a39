"""A server for all checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import ROOT, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server with the demo products."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="session")
def shoe() -> Path:
    """A photo of a shoe."""
    photo = ROOT / "data/demo/vendure/assets/images/chuttersnap-584518-unsplash.jpg"
    if not photo.is_file():
        pytest.skip("no demo photos: run `make setup`")
    return photo
