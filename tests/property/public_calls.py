"""Every public function of the course beside arguments that are right: what the fuzz begins from."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

import convlab
from convlab import (
    course_map,
    engines,
    exercises,
    glossary,
    layers,
    lesson,
    mistakes,
    pictures,
    questions,
    samples,
    shapes,
)
from convlab.layers import onednn, timing, training
from convlab.pictures import backward, groups, speed, views
from convlab.widgets.layer_widget import SETTINGS

RNG = np.random.default_rng(0)
INPUT, WEIGHT, BIAS = RNG.random((2, 2, 5, 7)), RNG.random((4, 2, 3, 2)), RNG.random(4)
GRAD = RNG.random((2, 4, 3, 6))
SPEC = shapes.Conv2dSpec(2, 4, (3, 2))
SETTING = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
LAPS = timing.Timing({"a": timing.Laps((3.0, 2.0, 2.5)), "b": timing.Laps((1.0, 2.0, 1.5))})
TASKS = {"do it": lambda now: False}


class Public(NamedTuple):
    """One public function.

    Args:
        function: it.
        right: arguments that it takes, by name; positional ones begin with ``*``.
        words: what a refusal may name besides the parameters.
        share: of the calls in a sample; for slow ones less than 1.
        after: what to do with a result, so that it is really used.
    """

    function: Any
    right: dict
    words: tuple = ()
    share: float = 1.0
    after: Any = None


def _setting(names):
    return {name: SETTING[name] for name in names.split()}


def _functions():
    yield from _shapes()
    yield from _engines()
    yield from _content()
    yield from _figures()
    yield from _widgets()


def _shapes():
    how = {**_setting("stride padding dilation groups"), "bias": True, "padding_mode": "zeros"}
    yield Public(shapes.Conv2dSpec, {"in_channels": 2, "out_channels": 4, "kernel_size": (3, 2), **how})
    for name in ("output_shape", "macs", "bytes", "read_counts", "unread", "same_output"):
        yield Public(getattr(SPEC, name), {"input_shape": (1, 2, 5, 7)}, ("input", "size", "in_channels", "window"))
    yield Public(shapes.receptive_field, {"specs": [SPEC]})
    yield Public(shapes.receptive_window, {"specs": [SPEC], "place": (0, 0)})
    axis = {"kernel_size": 3, "stride": 1, "padding": (0, 0), "dilation": 1}
    yield Public(shapes.extent, {"kernel_size": 3, "dilation": 2})
    yield Public(shapes.output_length, {"length": 7, **axis})
    yield Public(shapes.input_lengths, {"output_length": 7, **axis, "padding_mode": "zeros"})


def _engines():
    arrays = {"input": INPUT, "weight": WEIGHT}
    how = _setting("stride padding dilation groups")
    words = ("padded", "in_channels", "channels", "size", "kernel_size", "batch")
    for name in ("loops", "windows", "im2col", "tiled", "fft"):
        yield Public(getattr(engines, f"conv2d_{name}"), {**arrays, "bias": BIAS, **how}, words)
    yield Public(engines.conv2d_backward, {"grad_output": GRAD, **arrays, **how}, words)
    for name in ("scatter", "gather"):
        right = {"grad_output": GRAD, "input_shape": INPUT.shape, "weight": WEIGHT, **how}
        yield Public(getattr(engines, f"input_gradient_{name}"), right, words)
    yield Public(engines.weight_gradient, {"grad_output": GRAD, "input": INPUT, "kernel_size": (3, 2), **how}, words)
    window = {"kernel_size": (3, 2), **_setting("stride padding dilation")}
    yield Public(engines.im2col, {"input": INPUT, **window}, words)
    columns = engines.im2col(INPUT, (3, 2))
    yield Public(engines.col2im, {"columns": columns, "output_size": (5, 7), **window}, words)
    yield Public(engines.pad_input, {"input": INPUT, "pads": ((1, 0), (2, 1)), "padding_mode": "zeros"})
    ways = {"forward": engines.conv2d_windows, "backward": engines.conv2d_backward}
    small = {"input": INPUT[:1, :, :3, :2], "weight": WEIGHT[:1], "bias": None, "seed": 0, "tolerance": 1e-6}
    yield Public(engines.check_gradients, {**ways, **small, "stride": 1}, (*words, "gradients"), 0.2)


def _content():
    asked = questions.make("window-value", 3)
    answers = {"answers": [(asked, asked.answer)]}
    yield Public(questions.ids, {"lesson": "02"})
    yield Public(questions.make, {"id": "window-value", "seed": 3})
    yield Public(questions.about, {"spec": SPEC, "input_shape": (1, 2, 5, 7), "what": "macs"}, ("input", "in_channels"))
    yield Public(questions.test, {"lesson": "02", "seed": 3}, share=0.1)
    yield Public(questions.follow_up, {**answers, "seed": 3}, share=0.1)
    yield Public(asked.grade, {"response": 3})
    yield Public(mistakes.diagnose, answers)
    yield Public(exercises.ids, {"lesson": "02"})
    yield Public(exercises.get, {"id": "02.kernel"})
    task = exercises.get("02.kernel")
    yield Public(task.check, {"fn": task.reference, "seed": 1}, share=0.1)
    yield Public(layers.spec, {"layer": nn.Conv2d(2, 4, (3, 2))})
    yield Public(layers.walk, {"model": nn.Sequential(nn.Conv2d(2, 4, 3)), "input": (1, 2, 5, 7)}, share=0.3)
    yield Public(layers.measure, {"functions": {"a": int}, "runs": 1, "seconds": 0.001}, share=0.1)
    yield Public(onednn.onednn_steps, {"function": int}, share=0.02)
    yield Public(training.small_cnn, {"input_shape": (1, 28, 28), "classes": 10, "seed": 0}, ("Pictures",))
    yield Public(samples.kernel, {"name": "Sobel x"}, ("kernel",))
    wave = {"wavelength": 4, "sigma": 1, "gamma": 0.5, "psi": 0.0, "zero_mean": False}
    yield Public(samples.gabor, {"kernel_size": (3, 5), "theta": 0, **wave})
    yield Public(samples.gabor_bank, {"kernel_size": (3, 5), "orientations": 3, **wave})
    yield Public(samples.picture, {"name": "cat"}, ("picture",), 0.3)
    yield Public(samples.own_picture, {"source": str(samples.picture_file("cat"))}, ("file", "bytes", "picture"), 0.3)
    yield Public(samples.digits, {"split": "test"}, share=0.2)
    yield Public(samples.coloured_digits, {"split": "test", "seed": 0}, share=0.05)
    yield Public(glossary.glossary, {"word": "stride"})
    yield Public(course_map.cheat_sheet, {})
    yield Public(course_map.course, {}, share=0.1)
    yield Public(course_map.ways, {}, share=0.1)
    yield from _lesson()


def _lesson():
    yield Public(convlab.Verdict, {"outcome": "right", "message": "Yes.", "mistakes": ("M61",)}, share=0.5)
    yield Public(convlab.start, {"lesson": "02"}, share=0.2)
    yield Public(convlab.quiz, {"lesson": "02", "input": None}, share=0.3)
    yield Public(convlab.quiz, {"lesson": SPEC, "input": (1, 2, 5, 7)}, ("layer", "in_channels"), 0.5)
    yield Public(lesson.quiz("02").answer, {"id": "window-value", "response": 3, "seed": 3, "sure": 2}, share=0.5)
    yield Public(lesson.quiz("02").test, {"seed": 3}, share=0.05)
    yield Public(lesson.quiz(SPEC, (1, 2, 5, 7)).answer, {"what": "macs", "response": 3, "sure": 2}, share=0.3)
    yield Public(convlab.predict, {"id": "window-value", "seed": 3}, share=0.3)
    yield Public(convlab.exercise, {"id": "02.kernel"}, share=0.3)
    yield Public(convlab.exercise("02.kernel").solution, {"sure": False}, share=0.1)
    yield Public(convlab.progress, {}, share=0.05)
    yield Public(convlab.progress().export, {"path": "/proc/none.json"}, share=0.2)
    yield Public(convlab.progress().restore, {"path": "/proc/none.json"}, share=0.2)
    yield Public(convlab.show, {"thing": SPEC, "input": (1, 2, 5, 7)}, ("show", "source", "weight"), 0.3)
    yield Public(convlab.trace, {"model": nn.Sequential(nn.Conv2d(2, 4, 3)), "input": (1, 2, 5, 7)}, share=0.3)
    yield Public(convlab.gallery, {}, share=0.1)


def _figures():
    plane, plane2, maps = INPUT[0, 0], WEIGHT[0, 0], INPUT[0]
    drawn = {"after": lambda drawing: drawing._repr_png_(), "share": 0.05}
    yield Public(pictures.numbers, {"array": plane, "role": "input", "title": "x", "mark": [(0, 1)]}, ("numbers",))
    yield Public(pictures.beside, {"*0": pictures.numbers(plane), "*1": pictures.numbers(plane)}, ("pictures",))
    yield Public(pictures.source, {"function": shapes.extent}, ("function",))
    yield Public(pictures.format_number, {"value": 2.5})
    yield Public(pictures.draw_place, {"input": plane, "weight": plane2, "place": (1, 2), "bias": 1}, **drawn)
    yield Public(pictures.draw_maps, {"picture": plane, "left": plane}, ("maps",), **drawn)
    yield Public(pictures.draw_ruler, {"length": 8, "kernel_size": 3, "stride": 2, "padding": 1}, **drawn)
    yield Public(backward.draw_product, {"pixel": 1, "weight": 3, "gradient": 2}, **drawn)
    yield Public(backward.draw_tap, {"input": plane, "grad_output": plane2, "tap": (0, 1), "stride": 1}, **drawn)
    yield Public(backward.draw_pixel, {"weight": plane2, "grad_output": plane2, "pixel": (1, 1), "stride": 1}, **drawn)
    yield Public(backward.draw_losses, {"losses": {0.1: [4, 2, 1]}}, **drawn)
    yield Public(views.draw_taps, {"kernel_size": 3, "dilations": (1, 2)}, **drawn)
    windows = {"unit": (range(1, 3), range(2, 5))}
    yield Public(views.draw_views, {"picture": plane, "windows": windows, "influence": plane}, **drawn)
    yield Public(views.draw_alike, {"picture": plane, "maps": {"one": plane}}, **drawn)
    yield Public(groups.draw_groups, {"in_channels": 4, "out_channels": 6, "groups": 2}, **drawn)
    three = RNG.random((3, 4, 6))
    yield Public(groups.draw_depthwise, {"picture": three, "output": three, "kernels": ()}, **drawn)
    yield Public(groups.draw_shares, {"counts": {"dense": {"parameters": 9}, "few": {"parameters": 3}}}, **drawn)
    flat = {"rows": WEIGHT, "columns": engines.im2col(maps, (3, 2)), "entry": (0, 1), "channels": 2}
    yield Public(speed.draw_matrices, flat, **drawn)
    yield Public(speed.draw_memory, {"shapes": {"input": (1, 2, 3, 5)}, "itemsize": 4}, **drawn)
    yield Public(speed.draw_times, {"timing": LAPS, "scratch": {"a": 3e6}}, **drawn)
    yield Public(speed.draw_growth, {"timings": {15: LAPS, 99: LAPS}, "xlabel": "taps"}, **drawn)


def _widgets():
    names = dict(zip(SETTINGS, (2, 4, (3, 2), 1, 0, 1, 1, True, "zeros"), strict=True))
    words = (*SETTINGS, "nn", "Conv2d", "layer")
    layer = {**names, "input": (1, 2, 5, 7), "tasks": TASKS}
    numbered = {**layer, "weight": WEIGHT.astype("f4")}
    where = {"share": 0.5}
    yield Public(convlab.ConvStepper, {**numbered, "place": (0, 0)}, words, **where)
    yield Public(convlab.ConvStepper, {"*0": nn.Conv2d(2, 4, (3, 2)), "input": torch.rand(1, 2, 5, 7)}, words, **where)
    yield Public(convlab.SizeRuler, {**layer, "place": (0, 0)}, words, **where)
    yield Public(convlab.LayerAnatomy, {**numbered, "index": (0, 0, 0, 0), "dense": False}, words, **where)
    routed = {**numbered, "grad_output": None, "view": "input", "cell": (0, 0, 1, 2)}
    yield Public(convlab.GradientRouter, routed, words, **where)
    yield Public(convlab.Im2colLoom, {**numbered, "entry": (0, 1)}, words, **where)
    grouped = {"in_channels": 6, "out_channels": 8, "kernel_size": (2, 3), "groups": 2, "input": (1, 6, 7, 9)}
    wires = {**grouped, "muted": [0], "pinned": (0, 0), "tasks": TASKS, "shuffle": True}
    yield Public(convlab.GroupsWiring, wires, words, **where)
    yield Public(convlab.KernelLab, {"kernel": "Sobel x", "picture": "painted"}, (*words, "input"), 0.2)
    bank = {"filters": ["Sobel x", "outline"], "input": INPUT.astype("f4")[:1, :1], "shown": None, "gabor": None}
    yield Public(convlab.FilterBank, bank, (*words, "kernel", "picture"), 0.2)
    trained = {"model": None, "images": None, "labels": None, "picture": 0, "seed": 0}
    yield Public(convlab.FeatureMaps, trained, words, 0.02)
    learner = {"target": "Sobel x", "input": INPUT[0, 0].astype("f4"), "lr": 0.1, "start": 0, "seed": 0, "bias": False}
    yield Public(convlab.KernelLearner, learner, (*words, "kernel", "picture"), 0.1)
    stack = [{"kernel_size": (3, 5), "stride": 2}, {"kernel_size": 3}]
    field = {"layers": stack, "input": (15, 21), "unit": None, "direction": "backward", "tasks": TASKS}
    yield Public(convlab.ReceptiveField, field, words, **where)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU())
    yield Public(convlab.ShapeTracer, {"model": model, "input": (1, 2, 5, 7), "at": 0, "budget": None}, words, 0.2)
    inspected = {"input": (4, 6, 3), "layout": "HWC", "moved_by": "permute", "pixel": (0, 0), "channel": 0}
    yield Public(convlab.TensorInspector, {**inspected, "dtype": "uint8", "tasks": TASKS}, ("picture",), **where)
    yield Public(convlab.QuizCard, {"deck": ("window-value", 7)}, ("question", "id", "seed"), 0.3)


FUNCTIONS = {}
for _public in _functions():
    _name = getattr(_public.function, "__qualname__", str(_public.function))
    FUNCTIONS[_name if _name not in FUNCTIONS else f"{_name} again"] = _public
