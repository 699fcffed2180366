"""The exercises of lesson 01, a file each: a photograph as a file holds it becomes a batch for a layer."""

from .photo_to_batch import ToNchw

EXERCISES = (ToNchw(),)
