"""A link in a lesson opens the glossary as a page, not as its source, and at its word."""

import shutil

from playwright.sync_api import expect

from tests.browser.lab import ROOT


def test_one_click_in_a_lesson_lands_on_the_word(lab, open_notebook):
    shutil.copy(ROOT / "notebooks" / "glossary.md", lab.folder)
    notebook = open_notebook("05-dilation-and-receptive-field.ipynb", height=700)
    notebook.show("explain-extent")
    notebook.cell("explain-extent").get_by_role("link", name="extent", exact=True).click()
    heading = notebook.page.locator(".jp-MarkdownViewer h3", has_text="extent").first
    expect(heading).to_be_in_viewport()
    expect(notebook.page.locator(".jp-MarkdownViewer h1")).not_to_be_in_viewport()
    assert notebook.problems == []
