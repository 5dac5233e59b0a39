"""The HTTP server: `uvicorn app:app --loop uvloop --http httptools`."""

import json
import re
import uuid
from contextlib import asynccontextmanager

import asyncmy
import orjson
import redis.asyncio
import settings
from asyncmy.cursors import DictCursor
from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field
from tasks import celery

FIELDS = "id, name, description, brand, price, category, stock"
WORDS = re.compile(r"\w+")


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.redis = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    app.state.pool = await asyncmy.create_pool(
        host="127.0.0.1", port=settings.MARIADB_PORT, user="root", db=settings.MARIADB_DATABASE,
        minsize=4, maxsize=16, autocommit=True,
    )
    yield
    app.state.pool.close()
    await app.state.pool.wait_closed()
    await app.state.redis.aclose()


app = FastAPI(lifespan=lifespan)


class Search(BaseModel):
    query: str = Field(max_length=1000)
    limit: int = Field(default=settings.PAGE, ge=1, le=100)


def answer(body: dict, status: int = 200) -> Response:
    return Response(orjson.dumps(body, default=float), status, media_type="application/json")


async def select(sql: str, arguments: tuple) -> list[dict]:
    async with app.state.pool.acquire() as connection, connection.cursor(DictCursor) as cursor:
        await cursor.execute(sql, arguments)
        return await cursor.fetchall()


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/search/text")
async def search_text(search: Search):
    words = WORDS.findall(search.query)
    if not words:
        products = await select(f"SELECT {FIELDS} FROM product ORDER BY id LIMIT %s", (search.limit,))
    else:
        # All words first, as customers mean it; any of them where no product has all.
        sql = (f"SELECT {FIELDS}, MATCH(name, description, brand) AGAINST (%s IN BOOLEAN MODE) AS score FROM product "
               "WHERE MATCH(name, description, brand) AGAINST (%s IN BOOLEAN MODE) ORDER BY score DESC LIMIT %s")
        every, some = " ".join(f"+{word}" for word in words), " ".join(words)
        products = await select(sql, (every, every, search.limit)) or await select(sql, (some, some, search.limit))
    return answer({"categories": list({product["category"]: None for product in products}), "products": products})


@app.post("/search/image")
async def search_image(file: UploadFile):
    photo = await file.read(settings.LARGEST_UPLOAD + 1)
    if len(photo) > settings.LARGEST_UPLOAD:
        raise HTTPException(413)
    task_id = str(uuid.uuid4())
    async with app.state.redis.pipeline(transaction=False) as pipeline:
        pipeline.set(f"photo:{task_id}", photo, ex=settings.KEEP_SECONDS)
        pipeline.set(f"task:{task_id}", b'{"status":"pending"}', ex=settings.KEEP_SECONDS)
        await pipeline.execute()
    celery.send_task("classify", (task_id,))
    return {"task_id": task_id}


@app.get("/tasks/{task_id}/result")
async def result(task_id: str):
    stored = await app.state.redis.get(f"task:{task_id}")
    if stored is None:
        raise HTTPException(404)
    task = json.loads(stored)
    if task["status"] == "pending":
        return answer(task, 202)
    if task["status"] == "failed":
        raise HTTPException(422, task["error"])
    names = [prediction["category"] for prediction in task["predictions"]]
    products = []
    if names:
        places = ", ".join(["%s"] * len(names))
        products = await select(f"SELECT {FIELDS} FROM product WHERE category IN ({places}) LIMIT %s", (*names, settings.PAGE))
    return answer({"status": "completed", "categories": names, "products": products, "predictions": task["predictions"]})
