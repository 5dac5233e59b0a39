"""The classes take the same arguments."""

from __future__ import annotations

import inspect

import pytest

import vitrina


def methods(kind: type) -> dict[str, inspect.Signature]:
    """The signatures of a class's public methods, and of making one."""
    listed = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(method) for name, method in listed if name == "__init__" or not name.startswith("_")}


BLOCKING, AWAITED, SHOP = methods(vitrina.Client), methods(vitrina.AsyncClient), methods(vitrina.Shop)


def test_both_clients_have_the_same_methods() -> None:
    assert BLOCKING.keys() == AWAITED.keys()


@pytest.mark.parametrize("name", BLOCKING)
def test_the_client_for_asyncio_takes_and_returns_what_the_client_does(name: str) -> None:
    assert AWAITED[name] == BLOCKING[name]


def test_a_shop_has_the_methods_of_a_client_but_for_its_health_and_imports_that_a_server_runs() -> None:
    assert BLOCKING.keys() - SHOP.keys() == {"health", "ready", "import_file", "imports"}
    assert "import_source" in SHOP


def test_a_shop_takes_a_product_as_a_client_does_and_its_photo() -> None:
    own = dict(SHOP["put_product"].parameters)
    assert own.pop("photo").default is None
    assert own == dict(BLOCKING["put_product"].parameters)
