"""What is wrong with a widget's page for those who see little, zoom in, or use no mouse."""

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"

RUN_AXE = """
async (root) => {
  const { violations } = await axe.run(root, { resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ` + nodes.slice(0, 3).map(({ html, any, all }) =>
    html.slice(0, 160) + " " + [...any, ...all].map(({ message }) => message).join("; ")).join(" | "));
}
"""

# Something is cut off when it lies outside a box that cannot be scrolled, or its own text does not fit into it.
CUT_OFF = """
(root) => {
  const found = [];
  const told = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} `
    + `"${(node.textContent || node.getAttribute("aria-label") || "").trim().slice(0, 40)}"`;
  const ownText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const readable = (node) => ownText(node) || node.matches("button, input, select, canvas, svg[role=img]");
  for (const node of [root, ...root.querySelectorAll("*")]) {
    if (!node.checkVisibility({ visibilityProperty: true }) || getComputedStyle(node).clipPath !== "none") continue;
    if (node.closest("[class*=hidden]")) continue;
    const style = getComputedStyle(node);
    const scrolls = ["auto", "scroll"].includes(style.overflowX);
    if (ownText(node) && !scrolls && node.scrollWidth > node.clientWidth + 1 && node.clientWidth) {
      if (style.overflowX !== "visible" || node.matches(".cl-cell")) found.push(`${told(node)}: its text does not fit`);
    }
    if (!readable(node)) continue;
    let { left, right } = node.getBoundingClientRect();
    for (let box = node.parentElement; box; box = box.parentElement) {
      const frame = box.getBoundingClientRect(), { overflowX } = getComputedStyle(box);
      const outside = Math.max(frame.left - left, right - frame.right) > 1;
      if (["auto", "scroll"].includes(overflowX) && box !== root) {
        ({ left, right } = frame); // what is inside can be scrolled to; the box itself must be seen
      } else if (outside && (overflowX === "hidden" || overflowX === "clip" || box === root)) {
        found.push(`${told(node)}: outside ${told(box).slice(0, 40)}`);
        break;
      }
      if (box === root) break;
    }
  }
  return [...new Set(found)];
}
"""

NAME = """
(node) => node.getAttribute("aria-label") ?? (node.labels?.[0] ?? node).textContent.trim().slice(0, 40)
"""

# Of a group of radio buttons Tab comes to the chosen one; arrows lead to the others.
FOCUSABLE = f"""
(root) => [...root.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")].filter((node) =>
  node.tabIndex >= 0 && !node.disabled && !node.closest("[inert]") && (node.type !== "radio" || node.checked)
  && node.checkVisibility({{ visibilityProperty: true }})).map({NAME})
"""

FOCUSED = f"""
(root) => {{
  const node = document.activeElement;
  if (!root.contains(node)) return null;
  const style = getComputedStyle(node);
  return {{ name: ({NAME})(node), ring: style.outlineStyle !== "none" || style.boxShadow !== "none" }};
}}
"""


def axe(notebook, root):
    """What axe-core finds inside the root, a line each."""
    if not notebook.page.evaluate("'axe' in window"):
        # JupyterLab has a module loader of its own, which a script tag of axe would speak to.
        notebook.page.evaluate(f"(() => {{ const define = undefined, module = undefined; {AXE.read_text('utf8')} }})()")
    return root.evaluate(RUN_AXE)


def cut_off(root, width_px):
    """What is cut off when the widget is this many pixels wide, a line each."""
    root.evaluate(
        "(root, width) => new Promise((done) => { root.parentElement.style.width = `${width}px`;"
        " requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))); })",
        width_px,
    )
    return root.evaluate(CUT_OFF)


def assert_everyone_reads(notebook, root, states):
    """Fails where axe-core finds something in a theme, or something is cut off on a narrow page.

    Args:
        notebook: with the one widget, in its kernel as `widget`.
        root: the widget's root.
        states: code that brings it into each state.
    """
    themes = ["light", "dark"]
    for code in states:
        notebook.python(code)
        for theme in themes:
            notebook.set_theme(theme)
            assert axe(notebook, root) == [], f"{theme}: {code}"
        for width in (900, 320):
            assert cut_off(root, width) == [], f"{width} pixels: {code}"
        root.evaluate("(root) => { root.parentElement.style.width = ''; }")
        themes.reverse()  # the next state begins in the theme that is there: a change of it draws JupyterLab anew
    notebook.set_theme("light")


def tab_through(notebook, root):
    """(names of all that can take the focus, names in the order of Tab, names focused without a ring)."""
    expected = root.evaluate(FOCUSABLE)
    root.evaluate("(root) => { root.tabIndex = -1; root.focus(); root.removeAttribute('tabindex'); }")
    reached, ringless = [], []
    for _ in range(len(expected) + 5):
        notebook.page.keyboard.press("Tab")
        focused = root.evaluate(FOCUSED)
        if focused is None:
            break
        reached.append(focused["name"])
        if not focused["ring"]:
            ringless.append(focused["name"])
    return expected, reached, ringless


def assert_no_key_reaches(notebook, focusable, every=1):
    """Presses keys that JupyterLab knows on what takes the focus: no cell comes, goes or changes.

    Args:
        focusable: a locator of it all.
        every: 3 takes each third of it.
    """
    before, pressed = notebook.cells(), 0
    for number in range(0, focusable.count(), every):
        one = focusable.nth(number)
        if one.is_visible() and one.is_enabled():
            one.focus()
            pressed += 1
            for key in ("b", "a", "m", "y", "x", "z"):
                notebook.page.keyboard.press(key)
    assert pressed and notebook.cells() == before and notebook.problems == []
