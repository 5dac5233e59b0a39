"""The Python stack (`benches/python-stack`): uvicorn, Celery, Redis, MariaDB."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from .catalog import KINDS, ROOT
from .processes import Failed, Program, free_port
from .services import MariaDb, Redis
from .systems import LABELS, MODEL, MODEL_FILES, System, environment

SOURCE = ROOT / "benches/python-stack"
TABLE = """CREATE TABLE product (
    id INT PRIMARY KEY, name VARCHAR(255) NOT NULL, description TEXT NOT NULL, brand VARCHAR(100) NOT NULL, category VARCHAR(100) NOT NULL,
    price DECIMAL(10, 2) NOT NULL, stock INT NOT NULL, KEY (category)) ENGINE=InnoDB"""
INDEX = "ALTER TABLE product ADD FULLTEXT INDEX words (name, description, brand)"
COLUMNS = ["id", "name", "description", "brand", "category", "price", "stock"]
ROWS = 2000
# Names of our vocabulary's concepts that are categories of the bench.
CONCEPTS = {name.lower(): name for name in KINDS}


class PythonStack(System):
    def __init__(self, name: str, folder: Path, precision: str, worker: bool, buffer: str):
        super().__init__(folder)
        self.name, self.worker = name, worker
        self.database = MariaDb(folder, buffer)
        self.services.append(self.database)
        self.database.create("stack")
        redis_url = "redis://127.0.0.1:1"
        if worker:
            redis = Redis(folder)
            self.services.append(redis)
            redis_url = redis.url
        categories = folder / "categories.json"
        categories.write_text(json.dumps(label_categories(), ensure_ascii=False), encoding="utf-8")
        self.env = environment(
            STACK_REDIS_URL=redis_url, STACK_MARIADB_PORT=str(self.database.port), STACK_MARIADB_DATABASE="stack",
            STACK_MODEL=str(MODEL / MODEL_FILES[precision]), STACK_LABELS=str(LABELS), STACK_CATEGORIES=str(categories),
            OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
        )

    def load_products(self, file: Path) -> float:
        begin = time.monotonic()
        sql = f"INSERT INTO product ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"
        with self.database.connect("stack") as connection, connection.cursor() as cursor, file.open(encoding="utf-8") as lines:
            cursor.execute("DROP TABLE IF EXISTS product")
            cursor.execute(TABLE)
            rows = []
            for line in lines:
                product = json.loads(line)
                rows.append([product[column] for column in COLUMNS])
                if len(rows) == ROWS:
                    cursor.executemany(sql, rows)
                    rows.clear()
            if rows:
                cursor.executemany(sql, rows)
            cursor.execute(INDEX)
        return time.monotonic() - begin

    def start(self) -> None:
        if self.worker:
            command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "2",
                       "--loglevel", "warning", "--without-gossip", "--without-mingle"]
            self.programs.append(Program("celery", command, self.folder / "celery.log", self.env, SOURCE))
        self.port = free_port()
        command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(self.port), "--loop", "uvloop",
                   "--http", "httptools", "--log-level", "warning", "--no-access-log"]
        server = Program("uvicorn", command, self.folder / "uvicorn.log", self.env, SOURCE)
        self.programs.insert(0, server)
        server.wait_for(lambda: self.request("GET", "/health")[0] == 200, 60)


def loop(precision: str, photos: list[Path], rounds: int) -> dict[str, float]:
    """The tight loop: processor time of a photo, and the part of decoding in it, in milliseconds."""
    env = environment(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    command = [sys.executable, "loop.py", str(MODEL / MODEL_FILES[precision]), str(LABELS), str(rounds), *map(str, photos)]
    done = subprocess.run(command, env=env, cwd=SOURCE, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise Failed(f"loop.py failed: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def label_categories() -> dict[str, str]:
    """The category of each label of the model: that of its concept in our vocabulary, or of the nearest one above it."""
    concepts = json.loads((ROOT / "data/vocabulary.json").read_text(encoding="utf-8"))["concepts"]
    by_key = {concept["key"]: concept for concept in concepts}

    def category(concept: dict) -> str | None:
        own = [CONCEPTS[name] for name in concept["names"].get("es", []) if name in CONCEPTS]
        above = (category(by_key[key]) for key in concept.get("parents", []) if key in by_key)
        return own[0] if own else next(filter(None, above), None)

    named = ((label, category(concept)) for concept in concepts for label in concept["labels"])
    return {label: name for label, name in named if name}
