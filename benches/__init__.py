"""`make bench`: Vitrina over HTTP, beside the same service in Python and, where it is there, Meilisearch."""
