"""The Celery worker: takes a photo from Redis, classifies it, stores the result in Redis."""

import json

import redis
import settings
from celery import Celery
from celery.signals import worker_process_init
from classify import Classifier

celery = Celery("stack", broker=settings.REDIS_URL)
celery.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
store = redis.Redis.from_url(settings.REDIS_URL)
classifier = None
categories = {}


@worker_process_init.connect
def open_model(**_):
    global classifier, categories
    classifier = Classifier(settings.MODEL, settings.LABELS)
    with open(settings.CATEGORIES, encoding="utf-8") as file:
        categories = json.load(file)


@celery.task(name="classify")
def classify(task_id: str) -> None:
    photo = store.getdel(f"photo:{task_id}")
    if photo is None:
        return
    try:
        result = {"status": "completed", "predictions": predictions(classifier(photo))}
    except (OSError, ValueError) as error:
        result = {"status": "failed", "error": str(error)}
    store.set(f"task:{task_id}", json.dumps(result), ex=settings.KEEP_SECONDS)


def predictions(labels: list[tuple[str, float]]) -> list[dict]:
    """The scores of labels, summed up by category."""
    scores: dict[str, float] = {}
    for label, score in labels:
        if label in categories:
            scores[categories[label]] = scores.get(categories[label], 0.0) + score
    best = sorted(scores.items(), key=lambda entry: -entry[1])[: settings.BEST]
    return [{"category": name, "score": score} for name, score in best if score > settings.THRESHOLD]
