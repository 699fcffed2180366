"""Words to look at: plain text in a terminal, the same set as HTML in a notebook."""

from html import escape


class Said:
    """Text to look at: itself in a terminal, a paragraph or a block of code in a notebook."""

    def __init__(self, text, html=None, code=False):
        self._text, self._html, self._code = text, html, code

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        if self._html:
            return self._html
        if self._code:
            return f"<pre><code>{escape(self._text)}</code></pre>"
        return paragraphs(self._text)


def paragraphs(text):
    """Plain text as HTML paragraphs; one whose columns are aligned by spaces keeps them."""
    parts = filter(None, text.split("\n\n"))
    return "".join(f"<pre>{escape(part)}</pre>" if "   " in part else f"<p>{prose(part)}</p>" for part in parts)


def table(head, rows):
    """An HTML table of cells that are HTML already; JupyterLab would set them flush right."""

    def line(cells, tag):
        return "".join(f'<{tag} style="text-align:left;vertical-align:top">{cell}</{tag}>' for cell in cells)

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{line(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def prose(text):
    """Plain text as HTML: what stands in backticks is code."""
    pieces = escape(text).replace("\n", "<br>").split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))
