"""Mistakes about choosing and judging networks: what to choose by, what to test by, which difference to believe."""

from convlab.mistakes.mistake import Mistake

CHOICES = (
    Mistake(
        "M245",
        "The network with the best test accuracy is the one to choose.",
        "What you choose by is no test any more: the best of many is partly luck. Choose by the held-out pictures, and "
        "look at the test pictures once, at the end.",
        "12",
        facts=("S001-71",),
        statement="Of several networks, the one with the most test pictures right is to be chosen.",
        truth="Of several networks, the one with the most held-out pictures right is to be chosen.",
    ),
    Mistake(
        "M246",
        "The last epoch is the best.",
        "A network may get worse on pictures that it does not learn from while its training loss still falls: keep the "
        "weights of the epoch that was best on the held-out pictures.",
        "12",
        facts=("S001-71",),
        statement="The weights after the last epoch are always the best ones.",
        truth="The weights after the last epoch may be worse than earlier ones.",
    ),
    Mistake(
        "M247",
        "Two pictures more right: the better network.",
        "With 1,000 test pictures a share of 97 % is known to about 1 % either way. A difference within that is chance "
        "as well as not.",
        "12",
        facts=("S001-71",),
        statement="972 right of 1,000 show that a network is better than one with 970.",
        truth="972 right of 1,000 do not show that a network is better than one with 970.",
    ),
    Mistake(
        "M248",
        "A few pictures may be in both parts.",
        "A network knows the pictures that it learned from: each one that is also held out looks better than new ones "
        "will. The two parts have no picture in common.",
        "12",
        facts=("S001-71",),
        statement="Pictures that were learned from may be held out as well.",
        truth="Pictures that were learned from must not be held out as well.",
    ),
    Mistake(
        "M249",
        "The lowest training loss tells which network is best.",
        "It tells how well the pictures to learn from are known, by heart or not. Only other pictures tell what was "
        "learned.",
        "12",
        facts=("S001-71",),
        statement="The network with the lowest training loss is the best on new pictures.",
        truth="The network with the lowest training loss may not be the best on new pictures.",
    ),
    Mistake(
        "M250",
        "The first so many pictures are as good as any.",
        "Files are often sorted by class: the first or the last of them hold some classes alone. Shuffle before you "
        "cut.",
        "12",
        facts=("S001-71",),
        statement="Pictures sorted by class can be cut in two parts as they are.",
        truth="Pictures sorted by class have to be shuffled before they are cut in two parts.",
    ),
    Mistake(
        "M251",
        "A network gives one row of numbers a picture, whatever it is for.",
        "Naming a picture takes a number for each class. Naming every pixel takes them at every pixel: then no Flatten "
        "and no Linear come last, but a 1 x 1 convolution.",
        "12",
        facts=("S003-61",),
        statement="A network that names every pixel ends in a Linear, as one that names the picture.",
        truth="A network that names every pixel can end in a 1 x 1 convolution.",
    ),
)
