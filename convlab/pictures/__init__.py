"""Arrays as numbered pictures, a function as its source, and the course's printed figures."""

from .figures import Drawing, draw_maps, draw_place, draw_ruler
from .tables import ROLES, SIGNED, Picture, beside, format_number, numbers, source

__all__ = [
    "ROLES",
    "SIGNED",
    "Drawing",
    "Picture",
    "beside",
    "draw_maps",
    "draw_place",
    "draw_ruler",
    "format_number",
    "numbers",
    "source",
]
