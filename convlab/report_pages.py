"""The blocks of a report as a page: HTML with its figures drawn in it, Markdown, or plain text."""

from html import escape

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff; max-width: 46rem; margin: 2.5rem auto;
  padding: 0 1.2rem; }
h1 { font-size: 1.55rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; padding-bottom: .2rem; border-bottom: 1px solid #b9b9b9; }
h3 { font-size: 1rem; margin: 1.1rem 0 .2rem; }
table { border-collapse: collapse; margin: .5rem 0; font-size: .87rem; }
caption { text-align: left; color: #555; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #e2e2e2; }
td.w { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
ul { margin: .2rem 0 .6rem; padding-left: 1.2rem; }
figure { margin: .8rem 0; }
figcaption { color: #555; font-size: .87rem; }
table.confusion td, table.confusion th { text-align: right; padding: .15rem .5rem; border: 0; min-width: 1.4rem; }
table.confusion td.right { outline: 1px solid #8a8a8a; outline-offset: -1px; }
@media print {
  body { margin: 0; max-width: none; font-size: 11pt; }
  h2, h3 { break-after: avoid; } table, figure { break-inside: avoid; }
}
"""
SHORT = 14  # characters: a cell that is not broken
WIDTH, HEIGHT = 560, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 70, 12, 38
INK, GRID, LINE, POINT = "#1c1c1c", "#dcdcdc", "#0072b2", "#b34700"


def html(blocks):
    """One page that needs nothing else, to look at and to print."""
    title = next((block.text for block in blocks if block.kind == "title"), "Report")
    body = "\n".join(HTML[block.kind](block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _table(block):
    head, *rows = block.rows
    numbers = [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(head))]

    def line(cells, tag):
        marks = [
            "n" if number else "w" if len(cell) <= SHORT else "" for number, cell in zip(numbers, cells, strict=True)
        ]
        return "".join(f'<{tag} class="{mark}">{escape(cell)}</{tag}>' for mark, cell in zip(marks, cells, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return (
        f"<table><caption>{escape(block.text)}</caption><thead><tr>{line(head, 'th')}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _is_number(cell):
    return cell.replace(",", "").replace(" of ", "").isdigit() or cell == "-"


def _list(block):
    items = "".join(f"<li>{escape(line)}</li>" for line in block.rows)
    return f"<h3>{escape(block.text)}</h3><ul>{items}</ul>"


def _curve(block):
    """The shares by epoch as a line, and the test's share as a point with its interval, drawn as SVG."""
    shares, test, low, high = block.rows, *(block.more[name] for name in ("test", "low", "high"))
    bottom = max(0.0, int(20 * min(*shares, low)) / 20)
    right, foot = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(epoch):
        return LEFT + (right - LEFT) * (epoch - 1) / max(1, len(shares) - 1)

    def y(share):
        return foot - (foot - TOP) * (share - bottom) / (1 - bottom)

    parts = []
    for tick in range(5):
        share = bottom + (1 - bottom) * tick / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="{GRID}"/>')
        parts.append(_text(LEFT - 8, y(share) + 4, f"{share:.1%}", "end"))
    every = max(1, len(shares) // 10)
    parts += [_text(x(epoch), foot + 16, str(epoch)) for epoch in range(1, len(shares) + 1, every)]
    parts.append(_text((LEFT + right) / 2, HEIGHT - 4, "epoch"))
    places = " ".join(f"{x(at):.1f},{y(share):.1f}" for at, share in enumerate(shares, 1))
    parts.append(f'<polyline points="{places}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    parts += [
        f'<circle cx="{x(at):.1f}" cy="{y(share):.1f}" r="3" fill="{LINE}"/>' for at, share in enumerate(shares, 1)
    ]
    middle = WIDTH - RIGHT / 2 + 2
    parts.append(f'<line x1="{middle}" x2="{middle}" y1="{y(low):.1f}" y2="{y(high):.1f}" stroke="{POINT}" '
                 'stroke-width="2"/>')  # fmt: skip
    parts.append(f'<rect x="{middle - 4}" y="{y(test) - 4:.1f}" width="8" height="8" fill="{POINT}"/>')
    parts.append(_text(middle, foot + 16, "test"))
    told = f"held out: {', '.join(f'{share:.1%}' for share in shares)}; test {test:.1%}"
    drawing = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(told)}" style="max-width:100%;height:auto">{"".join(parts)}</svg>'
    )
    return f"<figure>{drawing}<figcaption>{escape(block.text)}</figcaption></figure>"


def _text(x, y, words, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{INK}" text-anchor="{anchor}">{escape(words)}</text>'


def _confusion(block):
    most = max((count for row, line in enumerate(block.rows) for column, count in enumerate(line) if row != column),
               default=0) or 1  # fmt: skip

    def cell(row, column, count):
        if row == column:
            return f'<td class="right">{count}</td>'
        shade = f' style="background:rgba(213,94,0,{0.55 * count / most:.2f})"' if count else ""
        return f"<td{shade}>{count or ''}</td>"

    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    body = "".join(
        f'<tr><th scope="row">{row}</th>{"".join(cell(row, column, count) for column, count in enumerate(line))}</tr>'
        for row, line in enumerate(block.rows)
    )
    return (
        f'<table class="confusion"><caption>{escape(block.text)}</caption><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


HTML = {
    "title": lambda block: f"<h1>{escape(block.text)}</h1>",
    "heading": lambda block: f"<h2>{escape(block.text)}</h2>",
    "text": lambda block: f"<p>{escape(block.text)}</p>",
    "list": _list,
    "table": _table,
    "curve": _curve,
    "confusion": _confusion,
}


def markdown(blocks):
    """The same as Markdown; a figure becomes its numbers."""
    return "\n\n".join(MARKDOWN[block.kind](block) for block in blocks) + "\n"


def _plainly(text):
    """Text in which nothing is Markdown."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text


def _pipes(rows):
    head, *others = ([_plainly(cell) for cell in row] for row in rows)
    lines = [head, ["---"] * len(head), *others]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _squares(block):
    return (("", *map(str, range(10))), *((str(row), *map(str, line)) for row, line in enumerate(block.rows)))


def _shares(block):
    return (
        f"{block.text}\n\nheld out: {', '.join(f'{share:.1%}' for share in block.rows)}; test {block.more['test']:.1%}"
    )


MARKDOWN = {
    "title": lambda block: f"# {_plainly(block.text)}",
    "heading": lambda block: f"## {_plainly(block.text)}",
    "text": lambda block: _plainly(block.text),
    "list": lambda block: "\n".join([f"### {_plainly(block.text)}\n", *(f"- {_plainly(it)}" for it in block.rows)]),
    "table": lambda block: f"{_plainly(block.text)}\n\n{_pipes(block.rows)}",
    "curve": lambda block: _plainly(_shares(block)),
    "confusion": lambda block: f"{_plainly(block.text)}\n\n{_pipes(_squares(block))}",
}


def text(blocks):
    """The same as plain text."""
    return "\n\n".join(TEXT[block.kind](block) for block in blocks) + "\n"


def _aligned(rows):
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, wide)).rstrip() for row in rows)


TEXT = {
    "title": lambda block: f"{block.text}\n{'=' * len(block.text)}",
    "heading": lambda block: f"{block.text}\n{'-' * len(block.text)}",
    "text": lambda block: block.text,
    "list": lambda block: "\n".join([block.text, *(f"  - {it}" for it in block.rows)]),
    "table": lambda block: f"{block.text}\n\n{_aligned(block.rows)}",
    "curve": _shares,
    "confusion": lambda block: f"{block.text}\n\n{_aligned(_squares(block))}",
}

FORMATS = {".html": html, ".htm": html, ".md": markdown, ".txt": text}
