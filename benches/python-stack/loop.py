"""The tight loop: decodes and classifies photos one after the other and prints the processor time of one, in milliseconds.

    python loop.py MODEL LABELS ROUNDS PHOTO…
"""

import json
import sys
import time
from pathlib import Path

from classify import Classifier, decode


def main() -> None:
    model, labels, rounds, *files = sys.argv[1:]
    classifier = Classifier(model, labels)
    photos = [Path(file).read_bytes() for file in files]
    classifier(photos[0])
    begin = time.process_time()
    for _ in range(int(rounds)):
        for photo in photos:
            classifier(photo)
    whole = time.process_time()
    for _ in range(int(rounds)):
        for photo in photos:
            decode(photo)
    decoding = time.process_time() - whole
    count = int(rounds) * len(photos)
    print(json.dumps({"processor_ms": (whole - begin) * 1e3 / count, "decode_ms": decoding * 1e3 / count}))


if __name__ == "__main__":
    main()
