"""What a part of a widget is made of, node by node, in one form: to compare what was kept with what is new."""

from tests.browser.as_json import as_json

# An empty outline and a width of 1 are what a new part has without saying so; what has had the focus is marked for
# Notebook 7, which is nothing that is seen.
_MARKUP = """(root, within) => [...root.querySelectorAll(within)].flatMap((top) => [top, ...top.querySelectorAll('*')])
  .map((node) => {
    const elsewhere = /^(d=$|(class|style|data-lm-suppress-shortcuts)=)/;
    const said = [...node.attributes].map(({ name, value }) => name + "=" + value).sort();
    const style = [...(node.style ?? [])].map((name) => name + node.style.getPropertyValue(name)).sort();
    const own = [...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data);
    const kept = [...said.filter((text) => !elsewhere.test(text)), ...[...node.classList].sort()];
    return [node.tagName, ...kept, ...style.filter((text) => text !== "--chars1"), ...own].join(" ");
  })"""


def markup(root, within):
    """A line for each node under a selector: its name, attributes, classes, styles and own text."""
    found = as_json(root, _MARKUP, within)
    assert found, f"nothing in the widget is {within!r}"
    return found
