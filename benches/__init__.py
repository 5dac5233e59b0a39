"""`make bench`: Vitrina through its front door, beside the same service in Python and, where it is there, Meilisearch."""
