"""Read the weights out of a file that torch wrote before version 1.6, without torch.

The legacy format, after `_legacy_save` and `_legacy_load` in torch/serialization.py
(https://github.com/pytorch/pytorch/blob/main/torch/serialization.py):

    pickle   magic number
    pickle   protocol version, 1001
    pickle   dict with the writer's byte order and type sizes
    pickle   the state dict, its storages left out as persistent ids
    pickle   the storages' keys, in the order of the data
    for each key: int64 count, then the elements, raw and little-endian

Pickles can run code. Ours may name four globals and nothing else, and each of the four is
replaced by something harmless of our own.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np
from numpy.typing import NDArray

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001


class WeightsError(Exception):
    """The file is not what we expect."""


@dataclass(frozen=True)
class Storage:
    """A flat run of numbers whose data comes later in the file."""

    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True)
class View:
    """A tensor: a strided window on a storage, strides counted in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self, data: NDArray[Any]) -> NDArray[Any]:
        """A contiguous copy of the window. Most kernels are transposed views, so strides matter."""
        if 0 in self.shape:
            return np.empty(self.shape, self.storage.dtype)
        last = self.offset + sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        if min(self.offset, *self.strides, 0) < 0 or last >= len(data):
            raise WeightsError(f"tensor reaches outside of storage {self.storage.key}")
        steps = [step * data.itemsize for step in self.strides]
        return np.lib.stride_tricks.as_strided(data[self.offset :], self.shape, steps).copy()


def _rebuild_tensor(
    storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> View:
    return View(storage, offset, tuple(shape), tuple(strides))


class RestrictedUnpickler(pickle.Unpickler):
    """An unpickler that knows four globals: see "Restricting Globals" in Python's pickle documentation."""

    ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): np.dtype("<f4"),
        ("torch", "LongStorage"): np.dtype("<i8"),
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise WeightsError(f"the pickle asks for {module}.{name}, which is not allowed") from None

    def persistent_load(self, pid: Any) -> Storage:
        match pid:
            case ("storage", np.dtype() as dtype, str(key), str(), int(count), None):
                return Storage(key, dtype, count)
        raise WeightsError(f"unknown persistent id {pid!r}")


def read(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """The state dict as arrays, by name."""
    if RestrictedUnpickler(file).load() != MAGIC_NUMBER or RestrictedUnpickler(file).load() != PROTOCOL_VERSION:
        raise WeightsError("not a file in torch's legacy format")
    if RestrictedUnpickler(file).load().get("little_endian") is not True:
        raise WeightsError("the file was not written on a little-endian machine")

    state: dict[str, View] = RestrictedUnpickler(file).load()
    keys: list[str] = RestrictedUnpickler(file).load()
    storages = {view.storage.key: view.storage for view in state.values()}

    data: dict[str, NDArray[Any]] = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little", signed=True)
        if key not in storages or count != storages[key].count:
            raise WeightsError(f"storage {key} does not match its description")
        dtype = storages[key].dtype
        raw = file.read(count * dtype.itemsize)
        if len(raw) != count * dtype.itemsize:
            raise WeightsError("the file ends too early")
        data[key] = np.frombuffer(raw, dtype)
    return {name: view.read(data[view.storage.key]) for name, view in state.items()}


def load(path: Path, sha256: str) -> dict[str, NDArray[Any]]:
    """Read `path`, refusing before anything is unpickled a file whose SHA-256 is not `sha256`."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsError(f"{path} has SHA-256 {found}, the manifest says {sha256}")
    return read(io.BytesIO(content))
