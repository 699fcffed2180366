"""The exercises of lesson 09, a file each: columns, a convolution by one product, the way back, a fair clock."""

from .back_to_cells import Col2im
from .by_product import Conv2dByProduct
from .fair_timing import FairTime
from .window_columns import Im2col

EXERCISES = (Im2col(), Conv2dByProduct(), Col2im(), FairTime())
