"""Tests of scripts/licenses.py."""

import json
from pathlib import Path

import pytest

import licenses

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("expression", ["MIT", "MIT OR GPL-3.0", "(MIT OR CC0-1.0)", "MPL-2.0 AND (Apache-2.0 OR MIT)", "BSD License; Apache Software License"])
def test_licences_that_are_allowed(expression):
    assert licenses.is_allowed(expression)


@pytest.mark.parametrize("expression", ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT License; GNU General Public License v3 (GPLv3)", "UNKNOWN"])
def test_licences_that_are_not(expression):
    assert not licenses.is_allowed(expression)


def test_the_packages_in_use_are_allowed():
    locks = [str(ROOT / "bindings-js/package-lock.json"), str(ROOT / "api-check/package-lock.json")]
    assert licenses.main(locks) == 0


def test_a_package_that_is_not_allowed_is_named(tmp_path, capsys):
    packages = {"": {}, "node_modules/good": {"license": "MIT"}, "node_modules/a/node_modules/@x/bad": {"license": "GPL-3.0"}, "node_modules/none": {}}
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}), encoding="utf-8")
    assert licenses.main([str(lock)]) == 1
    assert "@x/bad: GPL-3.0\n  none: no licence\n" in capsys.readouterr().out
