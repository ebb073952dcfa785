"""What the browser makes of what is found in scenes: masks, and sightings in words."""

import numpy as np


def test_masks_and_sightings_are_read_as_they_were_written(script):
    scenes = script(scenes="inside/seen/scenes.js")
    mask = np.random.default_rng(1).random(24 * 24) > 0.5
    packed = np.packbits(mask).tolist()
    found = scenes("scenes.bits(Uint8Array.from(given.packed), 576)", packed=packed)
    assert found == mask.astype(int).tolist()
    sightings = [
        {"digit": 3, "score": 0.98, "right": True},
        {"digit": 7, "score": 0.6, "right": False},
    ]
    call = "scenes.told(given.sightings, given.scored)"
    told = scenes(call, sightings=sightings, scored=True)
    assert told == "3 (98 %), 7 (60 %, ✗ wrong)"
    assert scenes(call, sightings=sightings, scored=False) == "3, 7"
    assert scenes(call, sightings=[], scored=True) == "nothing"
