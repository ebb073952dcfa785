"""The names of the heads in `animals.py`, which are as long, and as odd, as names may be."""

KIND = "kind_of_animal_as_told_by_whoever_has_seen_it"
TAME, WEIGHT, SPOTS = "is it <b>tame</b>?", "weight", "spots"
