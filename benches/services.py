"""Redis and MariaDB of the bench's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pymysql

from .processes import Failed, Program, free_port

FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"]


def find(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(FOLDERS))
    if found is None:
        raise Failed(f"{name} is not on this machine: scripts/system-packages.sh installs it")
    return found


def greets(port: int, send: bytes, expected: bytes) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as stream:
        stream.sendall(send)
        return expected in stream.recv(200)
    return False


class Redis(Program):
    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder), "--loglevel", "warning"]
        super().__init__("redis", [find("redis-server"), *options], folder / "redis.log")
        self.wait_for(lambda: greets(self.port, b"PING\r\n", b"+PONG"), 20)


class MariaDb(Program):
    """A server with a buffer of this size and user `root` without a password."""

    def __init__(self, folder: Path, buffer: str):
        self.port, data = free_port(), folder / "mariadb"
        folder.mkdir(parents=True, exist_ok=True)
        if not data.exists():
            install = [find("mariadb-install-db"), "--no-defaults", "--auth-root-authentication-method=normal", f"--datadir={data}"]
            done = subprocess.run(install, capture_output=True, text=True, timeout=120)
            if done.returncode:
                raise Failed(f"mariadb-install-db failed: {done.stderr.strip()[-300:]}")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        # A socket's path has 107 bytes at most, so it is named from the folder it is in.
        options = ["--no-defaults", f"--user={user}", f"--datadir={data}", "--socket=socket", "--bind-address=127.0.0.1",
                   f"--port={self.port}", f"--innodb-buffer-pool-size={buffer}", "--innodb-flush-log-at-trx-commit=2",
                   f"--pid-file={folder}/mariadb.pid", "--performance-schema=off"]
        super().__init__("mariadb", [find("mariadbd"), *options], folder / "mariadb.log", folder=folder)
        self.wait_for(lambda: greets(self.port, b"", b"MariaDB"), 120)

    def url(self, database: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str | None = None) -> pymysql.Connection:
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True, local_infile=True,
                               charset="utf8mb4")

    def create(self, database: str) -> None:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
