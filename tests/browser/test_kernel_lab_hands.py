"""KernelLab under a learner's hands: presets, undo, the sum, painting, files, ranges, keys; Python beside it."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from convlab import samples
from tests.browser.drawn import read

KIND = "kernel-lab"


@pytest.fixture
def notebook(scratch):
    return scratch(("lab", "pass"), height=1500)


@pytest.fixture
def shown(notebook):
    """Shows a new KernelLab: shown("kernel='outline'") returns its root."""

    def made(arguments="picture='painted'"):
        notebook.set_source("lab", f"from convlab import KernelLab\nwidget = KernelLab({arguments})\nwidget")
        return notebook.run_widget("lab", KIND)

    return made


def choose(notebook, root, name):
    with notebook.redrawn(root):
        root.get_by_role("radio", name=name, exact=True).click(force=True)


def checked(root):
    root.get_by_text("computed the same").wait_for()


def weight(notebook, root):
    """The weight that Python holds once the hand has rested."""
    checked(root)
    return np.array(json.loads(notebook.python("print(widget.layer.weight.tolist())")))


def number(root, role, index):
    return float(root.locator(f'[data-role="{role}"][data-index="{index}"]').first.get_attribute("data-value"))


def tap(root, index):
    return root.locator(f'.kl-slices [data-index="{index}"][tabindex]')


def press(notebook, root, target, *keys):
    for key in keys:
        with notebook.redrawn(root):
            target.press(key)


def canvas(root, role):
    return next(one for one in read(root)["canvases"] if one["role"] == role)


def test_every_named_kernel_comes_with_its_numbers_and_its_sentence(notebook, shown):
    root = shown()
    for name, named in samples.KERNELS.items():
        choose(notebook, root, name)
        expect(root.locator(".kl-meaning")).to_have_text(named.meaning)
        assert np.array_equal(weight(notebook, root)[0, 0].astype(np.float32), named.weight)
        assert notebook.python("print(widget.kernel)").strip() == name


def test_an_edit_makes_the_kernel_custom_and_undo_gives_its_name_back(notebook, shown):
    root = shown("kernel='Sobel x', picture='painted'")
    press(notebook, root, tap(root, "0,0,1,2"), "+", "+")
    expect(root.get_by_role("radio", name="Sobel x")).not_to_be_checked()
    expect(root.locator(".kl-meaning")).to_contain_text("of your own")
    assert weight(notebook, root)[0, 0, 1, 2] == 4
    assert notebook.python("print(widget.kernel)").strip() == "custom"
    choose(notebook, root, "box blur")
    checked(root)
    for found in (4, 3, 2):
        with notebook.redrawn(root):
            root.get_by_role("button", name="undo").click()
        checked(root)
        assert number(root, "weight", "0,0,1,2") == found
    expect(root.get_by_role("radio", name="Sobel x")).to_be_checked()
    with notebook.redrawn(root):
        tap(root, "0,0,0,0").press("Control+Shift+Z")
    assert weight(notebook, root)[0, 0, 1, 2] == 3


def test_one_drag_is_one_step_of_undo(notebook, shown):
    root = shown("kernel='outline', picture='painted'")
    box = tap(root, "0,0,0,0").bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 8, box["y"] + 8)
    mouse.down()
    for step in range(1, 8):
        with notebook.redrawn(root):
            mouse.move(box["x"] + 8 + 8 * step, box["y"] + 8)
    mouse.up()
    mouse.move(2, 2)
    assert weight(notebook, root)[0, 0, 0, 0] == 6
    with notebook.redrawn(root):
        root.get_by_role("button", name="undo").click()
    expect(root.get_by_role("radio", name="outline")).to_be_checked()


def test_with_the_sum_locked_the_centre_takes_up_the_change_and_its_neighbours_the_centres(notebook, shown):
    root = shown("kernel='emboss', picture='painted'")
    root.get_by_label("keep the sum").check()
    press(notebook, root, tap(root, "0,0,0,0"), "+", "+", "+")
    assert weight(notebook, root)[0, 0].tolist() == [[1, -1, 0], [-1, -2, 1], [0, 1, 2]]
    press(notebook, root, tap(root, "0,0,1,1"), "-", "-")
    assert weight(notebook, root)[0, 0].tolist() == [[1, -0.5, 0], [-0.5, -4, 1.5], [0, 1.5, 2]]
    assert number(root, "kernel-sum", "0") == 1


def test_linked_slices_move_together_and_others_alone(notebook, shown):
    root = shown("kernel='identity', picture='cat'")
    press(notebook, root, tap(root, "0,0,0,2"), "+")
    assert weight(notebook, root)[0, :, 0, 2].tolist() == [1, 1, 1]
    with notebook.redrawn(root):
        root.get_by_label("link the slices").uncheck()
    press(notebook, root, tap(root, "0,1,0,2"), "-", "-")
    assert weight(notebook, root)[0, :, 0, 2].tolist() == [1, -1, 1]
    expect(root.get_by_text("Sum of all slices")).to_be_visible()


def test_the_size_grows_around_the_middle_odd_even_and_not_square(notebook, shown):
    root = shown("kernel='Sobel x', picture='painted'")
    with notebook.redrawn(root):
        root.get_by_label("kernel height").fill("4")
    checked(root)
    with notebook.redrawn(root):
        root.get_by_label("kernel width").fill("5")
    assert weight(notebook, root)[0, 0].tolist() == [
        [0, -1, 0, 1, 0], [0, -2, 0, 2, 0], [0, -1, 0, 1, 0], [0, 0, 0, 0, 0],
    ]  # fmt: skip
    assert notebook.python("print(widget.layer.kernel_size)").strip() == "(4, 5)"


def test_too_large_a_kernel_greys_the_last_picture_and_undo_brings_it_back(notebook, shown):
    root = shown("kernel='Sobel x', picture='painted'")
    drawn = read(root)["numbers"]
    with notebook.redrawn(root):
        root.get_by_label("kernel height").fill("13")
    expect(root.locator(".kl-problem")).to_contain_text("Kernel size: (13 x 3). Kernel size can't be greater")
    expect(root.get_by_role("img", name="sticks out")).to_be_visible()
    assert float(root.locator(".kl-body").first.evaluate("node => getComputedStyle(node).opacity")) < 1
    with notebook.redrawn(root):
        root.get_by_role("button", name="undo").click()
    checked(root)
    assert read(root)["numbers"] == drawn


def test_a_convolution_moves_a_shift_the_other_way(notebook, shown):
    root = shown("kernel='shift', picture='painted'")
    choose(notebook, root, "convolution")
    assert weight(notebook, root)[0, 0].tolist() == [[0, 0, 0, 0, 1]]
    assert [number(root, "kernel", f"0,0,0,{v}") for v in range(5)] == [1, 0, 0, 0, 0]
    press(notebook, root, tap(root, "0,0,0,1"), "+")
    assert weight(notebook, root)[0, 0].tolist() == [[0, 0, 0, 1, 1]]


def test_painting_by_mouse_and_by_keys(notebook, shown):
    root = shown("kernel='identity', picture='painted'")
    cells = [root.locator(f'.kl-body [data-role="input"][data-index="0,10,{j}"]') for j in (3, 4, 5)]
    boxes = [cell.bounding_box() for cell in cells]
    mouse = notebook.page.mouse
    mouse.move(boxes[0]["x"] + 5, boxes[0]["y"] + 5)
    mouse.down()
    for box in boxes[1:]:
        mouse.move(box["x"] + 5, box["y"] + 5)
    with notebook.redrawn(root):
        mouse.up()
        mouse.move(2, 2)
    cells[2].focus()
    press(notebook, root, cells[2], "ArrowRight")
    press(notebook, root, root.locator('.kl-body [data-index="0,10,6"][data-role="input"]'), "7")
    checked(root)
    assert json.loads(notebook.python("print(widget.input[0, 0, 10, 3:8].tolist())")) == [1, 1, 1, 7, 0]
    assert number(root, "output", "0,9,5") == 7
    press(notebook, root, root.locator('.kl-body [data-index="0,10,6"][data-role="input"]'), "Backspace")
    with notebook.redrawn(root):
        root.get_by_role("button", name="clear").click()
    checked(root)
    assert notebook.python("print(widget.input.abs().sum().item())").strip() == "0.0"


@pytest.mark.parametrize("picture", samples.PICTURES)
def test_each_photograph_is_the_same_in_the_browser_and_in_python(notebook, shown, picture):
    root = shown()
    with notebook.redrawn(root):
        root.get_by_label("Picture", exact=True).select_option(picture)
    root.get_by_text(f"· {picture}").wait_for()
    checked(root)
    shown = np.array(canvas(root, "input")["values"], np.float32)
    true = samples.picture(picture).astype(np.float32) / np.float32(255)
    assert np.array_equal(shown.reshape(true.shape), true)
    assert notebook.python("print(widget.picture, tuple(widget.input.shape))").split()[0] == picture


def image_file(size, colour, mode="RGB"):
    stream = BytesIO()
    Image.new(mode, size, colour).save(stream, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": stream.getvalue()}


def test_an_own_file_is_shown_small_and_what_is_no_image_is_said(notebook, shown):
    root = shown("kernel='identity', picture='painted'")
    own = root.get_by_label("show your own image file")
    with notebook.redrawn(root):
        own.set_input_files(image_file((500, 300), (255, 0, 102)))
    root.get_by_text("· your file").wait_for()
    checked(root)
    assert notebook.python("print(tuple(widget.input.shape), widget.picture)").strip() == "(1, 3, 154, 256) own"
    assert canvas(root, "output")["values"][0] == pytest.approx(1.4)
    own.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"not a picture"})
    expect(root.get_by_role("alert").filter(has_text="notes.txt")).to_contain_text("is not an image")
    with notebook.redrawn(root):
        own.set_input_files(image_file((30, 20), 128, "L"))
    root.get_by_text("input 1 × 20 × 30").wait_for()
    expect(root.get_by_text("is not an image")).to_have_count(0)


def clipped(root):
    return [number(root, f"clipped-{side}", "0") for side in ("below", "above")]


def test_each_range_clips_what_lies_beyond_it_and_says_how_much(notebook, shown):
    root = shown("kernel='outline', picture='camera'")
    checked(root)
    output = np.array(canvas(root, "output")["values"])
    assert clipped(root) == [0, 0]
    assert number(root, "minimum", "0") == output.min() and number(root, "maximum", "0") == output.max()
    choose(notebook, root, "−1 to 1")
    expect(root.locator('[data-role="clipped-below"]')).not_to_have_attribute("data-value", "0")
    assert clipped(root) == [(output < -1).sum(), (output > 1).sum()] != [0, 0]
    choose(notebook, root, "all possible")
    ends = root.locator('[data-role="range"]')
    assert [float(ends.nth(at).get_attribute("data-value")) for at in range(3)] == [-8, 0, 8]
    assert clipped(root) == [0, 0] and notebook.python("print(widget.colour_range)").strip() == "global"


def test_the_canvas_tells_the_sign_by_lightness_and_hue(notebook, shown):
    root = shown("kernel='vertical edges', picture='camera'")
    checked(root)
    pixels = root.locator(".kl-output canvas").evaluate(
        "node => Array.from(node.getContext('2d').getImageData(0, 0, node.width, node.height).data)"
    )
    rgb = np.array(pixels).reshape(-1, 4)[:, :3].astype(float)
    values = np.array(canvas(root, "output")["values"])
    grey = rgb[np.argmin(np.abs(values))]
    assert np.ptp(grey) <= 4
    below, above = rgb[values < -0.2], rgb[values > 0.2]
    assert (below[:, 2] > below[:, 0]).all() and (above[:, 0] > above[:, 2]).all()
    assert below.mean(1).max() < grey.mean() < above.mean(1).min()


def test_the_loupe_follows_mouse_and_arrows_and_a_click_pins_it(notebook, shown):
    root = shown("kernel='outline', picture='camera', place=(100, 120)")
    output = root.get_by_role("application", name="output picture")
    press(notebook, root, output, "ArrowDown", "ArrowRight", "Shift+ArrowLeft")
    expect(root.get_by_text("at place (101, 111)")).to_be_visible()
    box = output.bounding_box()
    with notebook.redrawn(root):
        notebook.page.mouse.move(box["x"] + 40, box["y"] + 60)
    expect(root.get_by_text("at place (101, 111)")).to_have_count(0)
    with notebook.redrawn(root):
        notebook.page.mouse.move(2, 2)
    expect(root.get_by_text("at place (101, 111)")).to_be_visible()
    with notebook.redrawn(root):
        root.get_by_role("application", name="input picture").click(position={"x": 1, "y": 1})
    notebook.page.mouse.move(2, 2)
    expect(root.get_by_text("at place (0, 0)")).to_be_visible()
    assert notebook.python("print(widget.place)").strip() == "[0, 0]"


def test_what_python_sets_is_drawn(notebook, shown):
    root = shown("kernel='outline', picture='painted'")
    steps = [
        ("widget.kernel = 'Gaussian blur'", "Gaussian blur", "output 8 × 12"),
        ("widget.picture = 'coffee'", "Gaussian blur", "output 252 × 252"),
        ("widget.operation = 'convolution'", "convolution", "rotated by 180"),
        ("widget.place = [9, 8]", None, "at place (9, 8)"),
        ("widget.set_layer(2, 3, (2, 4), input=(1, 2, 6, 9)); widget.filter = 2", None, "feature map 2 of 3"),
        ("widget.colour_range = 'unit'", "−1 to 1", "Clipped"),
    ]  # fmt: skip
    for code, radio, text in steps:
        with notebook.redrawn(root):
            notebook.python(code)
        expect(root.get_by_text(text).or_(root.get_by_role("group", name=text)).first).to_be_visible()
        if radio:
            expect(root.get_by_role("radio", name=radio, exact=True)).to_be_checked()
    assert notebook.complaints() == []


def test_a_bias_can_be_moved_and_undone(notebook, shown):
    root = shown("1, 1, kernel_size=3, bias=[2.0], kernel='outline', picture='painted'")
    cell = root.locator('[data-role="bias"]')
    press(notebook, root, cell, "+")
    checked(root)
    assert notebook.python("print(widget.layer.bias.item())").strip() == "3.0"
    with notebook.redrawn(root):
        root.get_by_role("button", name="undo").click()
    checked(root)
    assert number(root, "bias", "0") == 2


def test_a_finger_moves_a_number_and_paints(scratch):
    code = "from convlab import KernelLab\nwidget = KernelLab(kernel='identity', picture='painted')\nwidget"
    notebook = scratch(("lab", code), height=1500)
    root = notebook.run_widget("lab", KIND)
    checked(root)
    with notebook.redrawn(root):
        root.locator('.kl-body [data-role="input"][data-index="0,11,15"]').tap()
    assert number(root, "input", "0,11,15") == 1
    with notebook.redrawn(root):
        root.locator('.kl-body [data-role="output"][data-index="0,4,7"]').tap()
    expect(root.get_by_text("at place (4, 7)")).to_be_visible()
