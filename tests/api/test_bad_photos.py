"""Hundreds of bad photos: refused, or made anew with nothing but the picture in them; memory bounded."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from geo.errors import InvalidInput

from api.canvass.photos import MAX_SIDE_PX, encode_anew
from tests.bad_photos import SECRET, damaged, refused, shown

ROOT = Path(__file__).parents[2]
MOST_MB = 700
"""Of a picture of forty million points, decoded once and turned once."""
REFUSED, SHOWN = refused(), shown()


def clean(raw: bytes) -> Image.Image:
    """Check that a photo is a small JPEG with nothing beside the picture."""
    assert SECRET not in raw
    assert (raw[:2], raw[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    found = Image.open(io.BytesIO(raw))
    found.load()
    assert (found.format, max(found.size) <= MAX_SIDE_PX, dict(found.getexif())) == ("JPEG", True, {})
    assert not {"icc_profile", "exif", "comment", "xmp"} & set(found.info)
    return found


def test_there_are_two_hundred_and_fifty_of_them() -> None:
    assert len(REFUSED) + len(SHOWN) + len(list(damaged())) >= 250


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as told:
        encode_anew(REFUSED[name])
    assert told.value.field == "photo"


@pytest.mark.parametrize("name", SHOWN)
def test_of_what_is_beside_a_picture_nothing_stays(name: str) -> None:
    clean(encode_anew(SHOWN[name]))


def test_a_damaged_photo_is_refused_or_made_anew() -> None:
    made = 0
    for _, raw in damaged():
        try:
            clean(encode_anew(raw))
        except InvalidInput:
            continue
        made += 1
    # a slip in the middle of the points does not cost the photo
    assert made > 0


MEASURED = """
import json, resource
from geo.errors import InvalidInput
from api.canvass.photos import encode_anew
from tests.bad_photos import damaged, png, refused, shown

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

corpus = [*refused().values(), *shown().values(), *(raw for _, raw in damaged())]
before, made = peak(), 0
for raw in corpus:
    try:
        encode_anew(raw)
        made += 1
    except InvalidInput:
        pass
print(json.dumps({"made": made, "grown_mb": peak() - before}))
"""


def test_looking_at_all_of_them_takes_no_more_memory_than_the_largest_that_is_shown() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    told = json.loads(answer.stdout)
    assert told["made"] >= len(SHOWN)
    assert told["grown_mb"] < MOST_MB
