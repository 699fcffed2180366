"""The gallery in JupyterLab: all widgets alive, one below the other, and what is there stays where it is."""

import pytest
from playwright.sync_api import expect

from convlab.showcase import EXHIBITS
from tests.browser import audit

KINDS = [it.anchor.removeprefix("gallery-") for it in EXHIBITS]
CODE = "from convlab import gallery\ngallery()"
# The order in which the widgets come, and where the first of them stands in the window each time.
WATCH = """
() => {
  window.convlabCame = [];
  const look = () => {
    const roots = [...document.querySelectorAll(".jp-OutputArea .convlab")];
    for (const root of roots) {
      const kind = root.classList[1].replace("convlab-", "");
      if (convlabCame.some(([one]) => one === kind)) continue;
      convlabCame.push([kind, Math.round(roots[0].getBoundingClientRect().top)]);
    }
    requestAnimationFrame(look);
  };
  look();
}
"""
TEXTS_ALONE = '{ include: [[".jp-OutputArea"]], exclude: [[".convlab"]] }'


@pytest.fixture(scope="module")
def gallery(scratch):
    """The notebook with the gallery, and what was seen while it came."""
    notebook = scratch(("one", CODE))
    notebook.page.evaluate(WATCH)
    notebook.run_cell("one")
    expect(notebook.cell("one").locator(".convlab")).to_have_count(len(KINDS))
    return notebook, notebook.page.evaluate("convlabCame")


def area(notebook):
    return notebook.cell("one").locator(".jp-OutputArea").first


def test_every_widget_is_alive_the_first_one_first_and_it_never_moves(gallery):
    notebook, came = gallery
    assert notebook.complaints() == []
    assert came[0][0] == KINDS[0] and {kind for kind, _ in came} == set(KINDS)
    assert len({top for _, top in came}) == 1
    for kind in KINDS:
        assert area(notebook).locator(f".convlab-{kind}").locator("[data-role], button").count(), kind


def test_the_names_at_its_top_lead_to_each_and_the_lessons_are_linked(gallery):
    notebook, _ = gallery
    for it in EXHIBITS[::5]:
        notebook.page.locator(f'a[href$="#{it.anchor}"]').click()
        expect(notebook.page.locator(f"#{it.anchor}")).to_be_in_viewport()
    link = area(notebook).get_by_role("link", name="05 Dilation and receptive field").first
    link.click()
    tab = notebook.page.locator(".lm-TabBar-tab.lm-mod-current", has_text="05-dilation-and-receptive-field.ipynb")
    expect(tab).to_be_visible()
    tab.locator(".lm-TabBar-tabCloseIcon").click()
    expect(tab).to_have_count(0)


def test_axe_finds_nothing_in_light_and_dark(gallery):
    """In dark it looks at what is the gallery's own: each widget has a test for itself, alone on its page."""
    notebook, _ = gallery
    assert audit.axe(notebook, area(notebook)) == []
    notebook.set_theme("dark")
    assert notebook.page.evaluate(f"({audit.RUN_AXE})({TEXTS_ALONE})") == []
    notebook.set_theme("light")


def test_no_text_is_cut_off_at_320_pixels(gallery):
    notebook, _ = gallery
    texts = area(notebook).locator(".jp-RenderedHTMLCommon").all()
    assert len(texts) == 1 + len(KINDS)
    for text in texts:
        assert audit.cut_off(text, 320) == []
        text.evaluate("(text) => { text.parentElement.style.width = ''; }")


def test_the_code_above_a_widget_takes_the_focus_so_that_keys_can_scroll_it(gallery):
    notebook, _ = gallery
    code = area(notebook).get_by_role("group", name="code of SizeRuler")
    code.focus()
    expect(code).to_be_focused()
    expect(code).to_have_text(next(it.source for it in EXHIBITS if it.name == "SizeRuler"))
