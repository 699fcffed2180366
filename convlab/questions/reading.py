"""What a learner typed or clicked, turned into an answer; or one sentence that says why it cannot be read.

Canonical answers: text of an option (choice), a tuple of such texts (choices, order), True or False (truefalse),
an int or float (number), a tuple of whole numbers (shape), a frozenset of (row, column) (cells).
"""

import re
from math import isfinite
from operator import index

LONGEST_TEXT = 2_000  # characters; nobody types more, and a megabyte must not be searched
MOST_ENTRIES = 1_000
BIGGEST = 10**15

_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "×": "x", "`": "", "\xa0": " "})
_YES = ("true", "t", "yes", "y", "right", "correct")
_NO = ("false", "f", "no", "n", "wrong", "incorrect")


class Unreadable(Exception):
    """The response is no answer of this kind; the message says what was expected, what came, what to change."""


def is_empty(response):
    """True for what means "nothing was answered": None, blank text, an empty list."""
    if response is None:
        return True
    if isinstance(response, str):
        return not response[:LONGEST_TEXT].strip() and len(response) <= LONGEST_TEXT
    return isinstance(response, list | tuple | set | frozenset | dict) and len(response) == 0


def shown(response):
    """The response in a few words, whatever it is.

    Example:
        >>> shown("abc"), shown([1, 2]), shown("x" * 5000)
        ("'abc'", '[1, 2]', 'a text of 5000 characters')
    """
    if isinstance(response, str):
        return repr(response) if len(response) <= 40 else f"a text of {len(response)} characters"
    if isinstance(response, bool | float) or (isinstance(response, int) and abs(response) < BIGGEST):
        return repr(response)
    if isinstance(response, int):
        return "a number of more than 15 digits"
    if isinstance(response, list | tuple) and len(response) <= 8:
        if all(isinstance(entry, int | float) and abs(entry) < BIGGEST for entry in response):
            return repr(response)
    return f"something of type {type(response).__name__}"


def _text(response):
    if len(response) > LONGEST_TEXT:
        raise Unreadable(f"A short answer is expected; {shown(response)} came: type the answer alone.")
    return response.translate(_MINUS).strip()


def _unwrapped(response):
    """A NumPy or torch scalar or array as Python numbers; everything else as it is."""
    if isinstance(response, str | bool | int | float | list | tuple | set | frozenset | dict):
        return response
    size = getattr(response, "size", 0)
    count = response.numel() if hasattr(response, "numel") else size if isinstance(size, int) else 0
    if hasattr(response, "tolist") and 0 < count <= MOST_ENTRIES:
        return response.tolist()
    return response


def _entries(response, wanted):
    """The entries of a list-like response, in order.

    Raises:
        Unreadable: it is no list, or longer than anyone would make it.
    """
    response = _unwrapped(response)
    if not isinstance(response, list | tuple | set | frozenset):
        raise Unreadable(f"{wanted}; {shown(response)} came: give a list.")
    if len(response) > MOST_ENTRIES:
        raise Unreadable(f"{wanted}; a list of {len(response)} entries came: give those of the answer alone.")
    return list(response)


def _whole(entry, wanted, response):
    """The entry as an int.

    Raises:
        Unreadable: it is not whole, or absurdly large.
    """
    if isinstance(entry, float) and isfinite(entry) and entry == int(entry):
        entry = int(entry)
    if isinstance(entry, str) and re.fullmatch(r"\s*[-+]?\d{1,15}\s*", entry):
        entry = int(entry)
    try:
        number = index(entry)
    except TypeError:
        raise Unreadable(f"{wanted}; {shown(response)} came: use whole numbers.") from None
    if isinstance(entry, bool) or abs(number) >= BIGGEST:
        raise Unreadable(f"{wanted}; {shown(response)} came: use whole numbers of ordinary size.")
    return number


def read_number(response):
    """The number that was meant.

    Raises:
        Unreadable: the response is not one number.

    Example:
        >>> read_number(" −3.5 "), read_number("= 12"), read_number("1,000"), read_number("7/2")
        (-3.5, 12, 1000, 3.5)
    """
    wanted = "A number such as 12 or -3.5 is expected"
    came = f"{wanted}; {shown(response)} came: type the number alone."
    response = _unwrapped(response)
    if isinstance(response, list | tuple) and len(response) == 1:
        response = _unwrapped(response[0])
    if isinstance(response, bool) or not isinstance(response, str | int | float):
        raise Unreadable(came)
    if isinstance(response, str):
        text = _text(response).removeprefix("=").strip().rstrip(".")
        if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", text):
            text = text.replace(",", "")
        text = re.sub(r"^([-+]) +", r"\1", text.replace(",", "."))
        over = re.fullmatch(r"([-+]?\d{1,9}) ?/ ?(\d{1,9})", text)
        if over and int(over[2]):
            response = int(over[1]) / int(over[2])
        elif re.fullmatch(r"[-+]?\d{1,15}", text):
            return int(text)
        elif re.fullmatch(r"[-+]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})(e[-+]?\d{1,2})?", text, re.IGNORECASE):
            response = float(text)
        else:
            raise Unreadable(came)
    if abs(response) >= BIGGEST or response != response:
        raise Unreadable(came)
    return int(response) if response == int(response) else response


def read_shape(response):
    """The tuple of whole numbers that was meant, of any length.

    Raises:
        Unreadable: the response is no shape.

    Example:
        >>> read_shape("1x8x15x15") == read_shape("torch.Size([1, 8, 15, 15])") == read_shape([1, 8, 15, 15])
        True
    """
    wanted = "A shape such as (1, 8, 15, 15) is expected"
    if isinstance(response, str):
        text = re.sub(r"^\s*(torch\s*\.\s*)?size\b", "", _text(response), flags=re.IGNORECASE)
        if not re.fullmatch(r"[\s(\[]*[-+]?\d{1,15}(\s*[,;xX*\s]\s*[-+]?\d{1,15})*[\s,)\]]*", text):
            raise Unreadable(f"{wanted}; {shown(response)} came: type whole numbers with commas between them.")
        return tuple(int(number) for number in re.findall(r"[-+]?\d+", text))
    if isinstance(response, int) and not isinstance(response, bool):
        return (_whole(response, wanted, response),)
    if isinstance(response, set | frozenset | dict):
        raise Unreadable(f"{wanted}; {shown(response)} came: give a tuple or a list, which keep the order.")
    return tuple(_whole(entry, wanted, response) for entry in _entries(response, wanted))


def read_truth(response):
    """True or False.

    Raises:
        Unreadable: the response is neither.

    Example:
        >>> read_truth("yes"), read_truth("F"), read_truth(False)
        (True, False, False)
    """
    response = _unwrapped(response)
    if isinstance(response, bool):
        return response
    if isinstance(response, str):
        word = _text(response).casefold().rstrip(".!")
        if word in _YES or word in _NO:
            return word in _YES
    raise Unreadable(f"True or false is expected; {shown(response)} came: answer true or false.")


def _plain(text):
    """The text without what does not matter: case, line ends, blanks beside brackets and commas."""
    text = " ".join(text.translate(_MINUS).split()).casefold()
    return re.sub(r" ?([\[\](),]) ?", r"\1", text)


def read_option(response, options):
    """The text of the option that was meant: by its text, its number from 0, or its letter from A.

    Raises:
        Unreadable: no option is meant.

    Example:
        >>> read_option("LEFT", ["left", "right"]), read_option(1, ["left", "right"])
        ('left', 'right')
    """
    response = _unwrapped(response)
    last = len(options) - 1
    if isinstance(response, str):
        plain = _plain(_text(response))
        meant = [option for option in options if _plain(option) == plain]
        if meant:  # nn.conv2d and nn.Conv2d differ by case alone: whoever types one of them exactly means it
            exact = _text(response).replace(" ", "")
            return next((option for option in meant if option.replace(" ", "") == exact), meant[0])
        if re.fullmatch(r"[a-z]\)?", plain) and ord(plain[0]) - ord("a") <= last:
            return options[ord(plain[0]) - ord("a")]
        if re.fullmatch(r"[0-9]{1,2}", plain):
            response = int(plain)
    if isinstance(response, int) and not isinstance(response, bool) and 0 <= response <= last:
        return options[response]
    raise Unreadable(
        f"One of the {len(options)} options is expected; {shown(response)} came: give its text, or its number "
        f"from 0 to {last}."
    )


def read_options(response, options):
    """The texts of several options, in the order given.

    Raises:
        Unreadable: an entry is no option, or stands twice.

    Example:
        >>> read_options("left; right", ["left", "right"]), read_options([1, 0], ["left", "right"])
        (('left', 'right'), ('right', 'left'))
    """
    if isinstance(response, str):
        entries = _split(_text(response), options)
    elif isinstance(response, int) and not isinstance(response, bool):
        entries = [response]
    else:
        entries = _entries(response, "A list of options is expected")
    chosen = tuple(read_option(entry, options) for entry in entries)
    if len(set(chosen)) < len(chosen):
        raise Unreadable("Each option is expected once at most; one came twice: leave out the second.")
    return chosen


def _split(text, options):
    """The options that the text names one after the other; else the text cut at semicolons, line ends or commas.

    Example:
        >>> _split("(0, 2), (1, 0)", ["(1, 0)", "(0, 2)"]), _split("b, a", ["left", "right"])
        (['(0, 2)', '(1, 0)'], ['b', 'a'])
    """
    found, rest = [], _plain(text)
    while rest:
        named = [option for option in options if rest.startswith(_plain(option))]
        if not named:
            break
        found.append(max(named, key=len))
        rest = rest[len(_plain(found[-1])) :]
        if rest and not re.match(r"[\s,;>]|-", rest):  # "a" is no option in "about"
            break
        rest = re.sub(r"^(\s|,|;|and\b|then\b|->|>)+", "", rest)
    if found and not rest:
        return found
    parts = [part.strip() for part in re.split(r"[;\n]" if re.search(r"[;\n]", text) else ",", text)]
    return [part for part in parts if part] or [text]


def read_cells(response, height, width):
    """The cells that were meant, as a frozenset of (row, column).

    Raises:
        Unreadable: no list of cells, or a cell outside the grid.

    Example:
        >>> sorted(read_cells("(0, 1) (1, 1)", 2, 3))
        [(0, 1), (1, 1)]
    """
    wanted = "Cells as pairs (row, column) are expected"
    if isinstance(response, str):
        text = _text(response)
        numbers = re.findall(r"-?\d{1,9}", text)
        if not numbers or len(numbers) % 2 or not re.fullmatch(r"[-\d\s,;()\[\]]+", text):
            raise Unreadable(f"{wanted}; {shown(response)} came: write them like (0, 1), (0, 2).")
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    else:
        pairs = _entries(response, wanted)
    if len(pairs) == 2 and all(isinstance(entry, int) for entry in pairs):
        pairs = [pairs]
    cells = set()
    for entry in pairs:
        entry = _unwrapped(entry)
        if not isinstance(entry, list | tuple) or len(entry) != 2:
            raise Unreadable(f"{wanted}; {shown(entry)} came among them: write each as [row, column].")
        cells.add(tuple(_whole(number, wanted, entry) for number in entry))
    for row, column in sorted(cells):
        if not (0 <= row < height and 0 <= column < width):
            raise Unreadable(
                f"The grid has rows 0 to {height - 1} and columns 0 to {width - 1}; ({row}, {column}) came: "
                "choose cells inside it."
            )
    return frozenset(cells)
