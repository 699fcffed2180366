"""The exercises of lesson 12, a file each: a design within a budget, two parts, a choice, and the judge at the end."""

from .by_validation import Choose
from .handed_in import HandIn
from .own_design import OwnDesign
from .two_parts import TwoParts

EXERCISES = (OwnDesign(), TwoParts(), Choose(), HandIn())
