"""A small detector in the manner of Mask R-CNN: five losses, on scenes of handwritten digits."""
