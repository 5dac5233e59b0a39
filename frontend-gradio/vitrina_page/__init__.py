"""The shop page of Vitrina: find products by words or by a photo, in Spanish and English."""

import os

# Before gradio is imported anywhere: the page talks to its own server and to nobody else.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
