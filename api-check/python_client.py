"""A client of the API generated from its OpenAPI document: a search by words, and one by photo.

`python python_client.py URL PHOTO`, with the generated package `vitrina_api` importable.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path

from vitrina_api import Client
from vitrina_api.api.search import search_image, search_text
from vitrina_api.api.tasks import get_task_result
from vitrina_api.models import SearchImageBody, TaskAccepted, TaskResult, TextAnswer, TextSearch
from vitrina_api.types import File


def by_words(client: Client, query: str) -> TextAnswer:
    """Searches by words."""
    answer = search_text.sync(client=client, body=TextSearch(query=query, limit=5))
    assert isinstance(answer, TextAnswer), answer
    return answer


def by_photo(client: Client, photo: bytes) -> TaskResult:
    """Uploads a photo and waits for its result."""
    body = SearchImageBody(file=File(payload=BytesIO(photo), file_name="photo.jpg"))
    accepted = search_image.sync(client=client, body=body)
    assert isinstance(accepted, TaskAccepted), accepted
    answer = get_task_result.sync(accepted.task_id, client=client, prefer="wait=30")
    assert isinstance(answer, TaskResult), answer
    return answer


def main() -> None:
    client = Client(base_url=sys.argv[1])
    answers: dict[str, TextAnswer | TaskResult] = {
        "words": by_words(client, "zapatillas"),
        "photo": by_photo(client, Path(sys.argv[2]).read_bytes()),
    }
    found = {
        name: {"categories": answer.categories, "products": [product.name for product in answer.products]}
        for name, answer in answers.items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
