"""FeatureMaps in JupyterLab: what is drawn is torch's at every step; it answers while it trains; no thread is left."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.drawn import read
from tests.browser.maps_slider import answers
from tests.browser.maps_truth import COUNT, SETTINGS, TESTED, MapsTruth, Twin, faults
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, generator

KIND = "feature-maps"
MADE = f"""from convlab import samples
train, test = samples.digits(), samples.digits("test")
widget = convlab.FeatureMaps(images=train[0][:{COUNT}], labels=train[1][:{COUNT}], test_images=test[0][:{TESTED}],
                             test_labels=test[1][:{TESTED}], {SETTINGS})"""
START = f"{PRELUDE}{MADE}\nwidget"
THREADS = "import threading; print([t.name for t in threading.enumerate() if t.name == 'convlab training'])"
STATES = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1500)


@pytest.fixture(scope="module")
def twin():
    return Twin()


def press(root, name):
    root.get_by_role("button", name=name).click()


def is_at(root, **wanted):
    """Waits until the page is drawn so: step, picture, layer, phase."""
    for name, value in wanted.items():
        expect(root).to_have_attribute(f"data-{name}", str(value))
    expect(root).to_have_attribute("data-pending", "false")


def random_choice(rng, root, kept):
    """Chooses a layer, picture, step, filter and place by mouse and keys; what the truth needs."""
    layer, picture = str(rng.choice(["conv1", "conv2"])), int(rng.integers(TESTED))
    step, change = int(rng.choice(kept)), bool(rng.random() < 0.3)
    root.get_by_role("radio", name=layer, exact=True).check(force=True)
    root.get_by_label("Picture", exact=True).fill(str(picture))
    root.get_by_label("Step shown").fill(str(kept.index(step)))
    root.get_by_role("radio", name="change" if change else "weights", exact=True).check(force=True)
    is_at(root, layer=layer, picture=picture, step=step)
    size, count = {"conv1": (28, 8), "conv2": (14, 16)}[layer]
    o, i, j = (int(rng.integers(length)) for length in (count, size, size))
    stage = root.locator(f'.fb-map[data-filter="{o}"]')
    if rng.random() < 0.5:
        box = stage.bounding_box()
        stage.click(position={"x": (j + 0.5) * box["width"] / size, "y": (i + 0.5) * box["height"] / size})
    else:
        stage.press("Home")
        for key, steps in (("ArrowDown", i), ("ArrowRight", j)):
            for _ in range(steps // 10):
                stage.press(f"Shift+{key}")
            for _ in range(steps % 10):
                stage.press(key)
    root.page.mouse.move(2, 2)
    expect(root).to_have_attribute("data-place", f"{i},{j}")
    return {"layer": layer, "picture": picture, "o": o, "place": (i, j), "change": change}, step


def test_every_number_and_every_map_is_torchs_at_random_steps_of_a_training(notebook, root, twin):
    rng = generator(SEED)
    assert faults(read(root), MapsTruth(twin, 0, 0)) == []
    kept = [0]
    for number in range(STATES):
        if kept[-1] < 20 and number % 2 == 0:
            press(root, "Step")
            kept.append(kept[-1] + 1)
            is_at(root, step=kept[-1])
        chosen, step = random_choice(rng, root, kept)
        truth = MapsTruth(twin, step, step, steps=kept[-1], **chosen)
        assert faults(read(root), truth) == [], (number, step, chosen)
    losses = root.evaluate("root => [...root.querySelector('.fm-path').convlabValues.values]")
    assert losses == twin.training.losses[: kept[-1]]
    assert notebook.problems == [] and notebook.python(THREADS).strip() == "[]"


def test_the_reader_finds_a_wrong_number_a_hidden_one_and_a_wrong_map(notebook, root, twin):
    press(root, "Step")
    is_at(root, step=1)
    before, truth = read(root), MapsTruth(twin, 1, 1)
    assert faults(before, truth) == []
    free = {"axis", "seconds-left"}  # the round number above the curve and the clock are not torch's
    for at, number in enumerate(before["numbers"]):
        if not number["shown"]:
            continue
        spoiled = [dict(one) for one in before["numbers"]]
        spoiled[at]["text"] = "77.7"
        assert faults({**before, "numbers": spoiled}, truth), number["role"]
        if number["role"] not in free:
            spoiled[at].update(value=1234.5, text="1234.5")
            assert faults({**before, "numbers": spoiled}, truth), number["role"]
    for role in ("moved", "result", "logit", "confusion", "accuracy", "loss", "weight"):
        hidden = [{**one, "shown": one["shown"] and one["role"] != role} for one in before["numbers"]]
        assert faults({**before, "numbers": hidden}, truth), role
    for at in range(len(before["canvases"])):
        spoiled = [dict(one) for one in before["canvases"]]
        spoiled[at]["values"] = [value + (place == 7) for place, value in enumerate(spoiled[at]["values"])]
        assert faults({**before, "canvases": spoiled}, truth), before["canvases"][at]["role"]


def test_a_thread_draws_what_it_learns_and_ends_at_the_goal(notebook, root, twin):
    seen = set()
    notebook.page.expose_function("stepDrawn", lambda step: seen.add(int(step)))
    root.evaluate("root => root.addEventListener('convlab:drawn', () => window.stepDrawn(root.dataset.step))")
    press(root, "Train")
    expect(root.get_by_role("button", name="Pause")).to_be_visible()
    is_at(root, phase="done", step=20)
    assert len(seen) >= 3 and max(seen) == 20  # filters and maps changed while it trained
    assert faults(read(root), MapsTruth(twin, 20, 20)) == []
    assert notebook.python(THREADS).strip() == "[]"
    expect(root.get_by_role("progressbar")).to_have_attribute("aria-valuetext", "step 20 of 20")


# A slow training of many steps, each as long as it takes: the hand comes in between.
LONG = START.replace("epochs=1", "epochs=1000, pace=0")


def test_a_slider_is_answered_while_it_trains_and_however_it_ends_no_thread_is_left(scratch):
    notebook = scratch(("one", LONG), ("two", "1 + 1"), height=1500)
    root = notebook.run_widget("one", KIND)
    press(root, "Train")
    expect(root.get_by_text("s left")).to_be_visible()
    assert {answer["phase"] for answer in answers(root, range(3, 33))} == {"training"}  # each comes before it ends
    key = root.locator('.fb-map[data-filter="3"]')
    key.press("End")  # and a key by the page itself
    expect(root).to_have_attribute("data-place", "27,27")
    assert "convlab training" in notebook.python(THREADS)
    press(root, "Pause")
    is_at(root, phase="paused")
    assert notebook.python(THREADS).strip() == "[]"
    press(root, "Go on")
    is_at(root, phase="training")
    press(root, "Stop")
    is_at(root, phase="stopped")
    assert notebook.python(THREADS).strip() == "[]"
    press(root, "Train")
    is_at(root, phase="training")
    root = notebook.run_widget("one", KIND)  # the cell is run again
    is_at(root, phase="ready")
    assert notebook.python(THREADS).strip() == "[]"
    press(root, "Train")
    is_at(root, phase="training")
    notebook.set_source("one", "print('something else')")  # and now without the widget: its last view has gone
    notebook.run_cell("one")
    expect(root).to_have_count(0)
    gone = "import threading\nwidget._trainer._thread and widget._trainer._thread.join(30)\n" + THREADS
    assert notebook.python(gone).strip() == "[]" and notebook.python("print(widget._phase)").strip() == "paused"
    notebook.python("widget.train()\nwidget.close()")
    assert notebook.python(THREADS).strip() == "[]" and notebook.complaints() == []
