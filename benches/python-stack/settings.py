"""Where everything is, from the environment."""

import os

REDIS_URL = os.environ["STACK_REDIS_URL"]
MARIADB_PORT = int(os.environ["STACK_MARIADB_PORT"])
MARIADB_DATABASE = os.environ["STACK_MARIADB_DATABASE"]
MODEL = os.environ["STACK_MODEL"]
LABELS = os.environ["STACK_LABELS"]
# A JSON object: from the WordNet ID of a label to the name of a category.
CATEGORIES = os.environ["STACK_CATEGORIES"]

THRESHOLD = 0.1
BEST = 3
PAGE = 24
KEEP_SECONDS = 3600
LARGEST_UPLOAD = 20 << 20
