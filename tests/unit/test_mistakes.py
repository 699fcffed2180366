"""The mistakes are words and executable models; what they predict is what torch gives on the changed case."""

import os
import random
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.mistakes import MISTAKES, Mistake, diagnose
from convlab.mistakes.values import value_at
from convlab.questions import ids, make
from convlab.shapes import Conv2dSpec

FACTS = {"S000": 28, "S001": 72, "S002": 28, "S003": 62, "S004": 25}  # how many statements each source has
CASES = 200 if os.environ.get("CONVLAB_FULL") else 20


def whole_number_case(seed, kernel_size=None):
    """Input, weight, bias and a place with nothing square, all whole numbers."""
    rng = random.Random(seed)
    C, (kH, kW), (H, W) = rng.randint(1, 3), kernel_size or rng.choice([(2, 3), (3, 2)]), (9, 11)

    def numbers(low, *shape):
        return torch.tensor([rng.randint(low, 9) for _ in range(torch.Size(shape).numel())]).reshape(shape).double()

    return numbers(0, C, H, W), numbers(-9, C, kH, kW), rng.randint(1, 5), (rng.randint(1, 2), rng.randint(1, 2))


def predicted(id, input, weight, bias, place):
    return MISTAKES[id].models["value"](input.tolist(), weight.tolist(), bias, place)


def correlate(input, weight, bias=0):
    return F.conv2d(input[None], weight[None], torch.tensor([bias]).double())[0, 0]


def _each_channel(input, weight, bias, place):
    """What torch gives where a filter reads one channel alone, each number once."""
    alone = (correlate(input[c : c + 1], weight[c : c + 1], bias)[place].item() for c in range(len(weight)))
    return list(dict.fromkeys(alone))


@pytest.mark.parametrize("seed", range(CASES))
def test_models_of_values_predict_what_torch_gives_on_the_changed_case(seed):
    input, weight, bias, (i, j) = case = whole_number_case(seed)
    kH, kW = weight.shape[1:]
    right = correlate(input, weight, bias)
    plain, taps = right - bias, weight.numel()
    assert value_at(input.tolist(), weight.tolist(), bias, (i, j)) == right[i, j]
    turned = correlate(input, weight.flip(1, 2), bias)[i, j].item()
    wanted = {
        "M32": [(plain[i, j] / len(weight) + bias).item()],
        "M61": [turned],
        "M62": [correlate(input, weight.flip(axis), bias)[i, j].item() for axis in (1, 2)],
        "M50": [],
        "M66": [right[i, j].clamp(min=0).item()],
        "M33": [correlate(input, weight[:1].expand_as(weight), bias)[i, j].item()] if len(weight) > 1 else [],
        "M113": [(input[-1, i + kH - 1, j + kW - 1] * weight[-1, -1, -1] + bias).item()],
        "M114": [(plain.flatten()[: i * plain.shape[1] + j + 1].sum() + bias).item()],
        "M115": [correlate(input, torch.ones_like(weight), bias)[i, j].item()],
        "M63": [],
        "M64": [right[i, j].clamp(min=0).item()],
        "M101": [right[i - 1, j - 1].item(), right[i + 1, j + 1].item()],
        "M102": [right[j, i].item()],
        "M103": [plain[i, j].item()],
        "M104": [right[i - (kH - 1) // 2, j - (kW - 1) // 2].item()],
        "M105": [correlate(input, weight.abs(), bias)[i, j].item()],
        "M106": [(plain[i, j] / taps + bias).item()],
        "M107": [right[i * kH, j * kW].item()],
        "M108": [(plain[i, j] + taps * bias).item()],
        "M109": [],
        "M158": _each_channel(input, weight, bias, (i, j)) if len(weight) > 1 else [],
        "M159": [(plain[i, j] + len(weight) * bias).item()] if len(weight) > 1 else [],
    }
    assert set(wanted) == {id for id, mistake in MISTAKES.items() if "value" in mistake.models}
    for id, values in wanted.items():
        assert predicted(id, *case) == pytest.approx(values), id


def test_a_square_kernel_can_be_transposed_and_a_flat_area_is_flat():
    input, weight, bias, place = whole_number_case(1, kernel_size=(3, 3))
    wanted = correlate(input, weight.transpose(1, 2), bias)[place].item()
    assert predicted("M63", input, weight, bias, place) == [wanted]
    assert predicted("M109", torch.full_like(input, 4), weight, bias, place) == [bias]


def settings(seed):
    rng = random.Random(seed)
    kH, kW = rng.choice([(2, 3), (3, 2), (3, 5), (4, 3)])
    sH, sW = rng.choice([(1, 2), (2, 1), (2, 3), (3, 2)])
    pH, pW = rng.choice([(0, 1), (1, 0), (2, 1), (1, 2)])
    dH, dW = rng.choice([(1, 1), (1, 2), (2, 1)])
    H, W = rng.randint(12, 20), rng.randint(21, 30)
    return Conv2dSpec(1, 1, (kH, kW), (sH, sW), (pH, pW), (dH, dW)), (2, 1, H, W)


@pytest.mark.parametrize("seed", range(CASES))
def test_models_of_sizes_predict_what_torch_gives_where_torch_can_play_them(seed):
    spec, shape = settings(seed)
    (kH, kW), (sH, sW), (pH, pW), dilation = spec.kernel_size, spec.stride, spec.padding, spec.dilation
    input = torch.zeros(shape)

    def size(input, kernel=(kH, kW), stride=spec.stride, padding=(0, 0), dilation=dilation):
        return tuple(nn.Conv2d(1, 1, kernel, stride, padding, dilation)(input).shape[2:])

    once = size(F.pad(input, (pW, 0, pH, 0)))
    full = size(input, stride=1, padding=(pH, pW))
    four = size(input, padding=(2 * pH, 2 * pW))
    swapped = [nn.Conv2d(1, 1, (kW, kH), *(pair[::-1] for pair in (spec.stride, spec.padding, dilation)))(input)]
    wanted = {
        "M01": [shape[2:]],
        "M02": [(shape[2] - kH, shape[3] - kW)],
        "M03": [once],
        "M04": [four, once],
        "M05": [tuple(n - 1 for n in size(input, padding=(pH, pW)))],
        "M06": [(-(-(full[0] - 1) // sH) + 1, -(-(full[1] - 1) // sW) + 1)],
        "M09": [(shape[2] // sH, shape[3] // sW)],
        "M10": [(-(-shape[2] // sH), -(-shape[3] // sW))],
        "M11": [size(input, padding=(pH, pW), dilation=1)] if max(dilation) > 1 else [],
        "M12": [size(input, padding=(pH, pW), dilation=tuple(d + 1 for d in dilation))],
        "M19": [full],
        "M20": [shape[2:]],
        "M21": [tuple(swapped[0].shape[2:]), size(input, kernel=(kW, kH), padding=(pH, pW))],
        "M22": [size(F.pad(input, (pH, pW)))],
        "M25": [(kH, kW)],
        "M168": [size(input)],
        "M169": [full],
    }
    for id, sizes in wanted.items():
        assert MISTAKES[id].models["size"](spec, shape) == list(dict.fromkeys(it for it in sizes if min(it) > 0)), id
    uneven = (full[0] - 1) % sH or (full[1] - 1) % sW
    assert MISTAKES["M07"].models["error"](spec, shape) == (["RuntimeError"] if uneven else [])


def test_the_stride_first_model_divides_before_it_takes_the_kernel_off():
    stride_first = MISTAKES["M08"].models["size"]
    assert stride_first(Conv2dSpec(1, 1, (3, 5), 2), (1, 1, 28, 32)) == [(12, 12)]
    assert stride_first(Conv2dSpec(1, 1, (3, 5), 2, padding=(2, 1)), (1, 1, 28, 32)) == [(14, 13), (12, 12)]


def test_the_count_without_bias_is_the_number_of_weights():
    layer = nn.Conv2d(4, 6, (3, 5), groups=2)
    spec = Conv2dSpec(4, 6, (3, 5), groups=2)
    assert MISTAKES["M35"].models["count"](spec) == [layer.weight.numel()]
    assert MISTAKES["M35"].models["count"](Conv2dSpec(4, 6, 3, bias=False)) == []
    assert MISTAKES["M119"].models["count"](spec) == [layer.weight[0].numel() + 1]
    assert MISTAKES["M173"].models["count"](spec) == [layer.weight.numel() + 1]
    assert MISTAKES["M173"].models["count"](Conv2dSpec(4, 1, 3)) == []


def test_models_of_layouts_give_the_arrays_torch_calls_give():
    colour = torch.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    grey = torch.arange(2 * 4 * 5).reshape(2, 4, 5, 1)
    wanted = [
        ("M51", colour, colour),
        ("M52", colour, colour.reshape(2, 3, 4, 5)),
        ("M53", grey, grey.permute(0, 3, 1, 2).expand(2, 3, 4, 5)),
        ("M54", grey, grey.squeeze(3)),
        ("M112", colour, torch.stack([picture.permute(1, 2, 0) for picture in colour])),
    ]
    for id, pictures, result in wanted:
        (given,) = MISTAKES[id].models["layout"](pictures.numpy())
        assert torch.equal(torch.tensor(given), result), id
    assert MISTAKES["M53"].models["layout"](colour.numpy()) == []
    assert MISTAKES["M54"].models["layout"](colour.numpy()) == []


def test_every_mistake_has_words_a_lesson_and_something_to_test_it_by():
    for id, mistake in MISTAKES.items():
        assert mistake.id == id and re.fullmatch(r"M\d{2,3}", id)
        assert re.fullmatch(r"\d\d", mistake.lesson)
        assert mistake.models or mistake.statement, f"{id} predicts nothing and states nothing"
        for text in (mistake.title, mistake.diagnosis):
            assert re.match(r"[A-Z(\[]|permute |reshape |fold |im2col |unfold |\w+[_=(.]", text), (id, text)
            assert text.endswith(".") and "  " not in text and not re.search(r"\b(simply|just|obviously)\b", text)
        assert len(re.findall(r"[.!?](?:\s|$)", mistake.diagnosis)) <= 2, f"{id} says more than two sentences"
        assert mistake.facts, f"{id} touches no fact"
        for source, number in (fact.split("-") for fact in mistake.facts):
            assert 1 <= int(number) <= FACTS[source], (id, source, number)
        assert bool(mistake.truth) <= bool(mistake.statement), id


def test_the_whole_table_is_there_each_with_its_home_in_the_curriculum():
    assert [id for id in MISTAKES if int(id[1:]) <= 100] == [f"M{number:02d}" for number in range(1, 101)]
    homes = {
        "00": "39 118-127 173-174",
        "01": "51-60 112 128-132 175-176",
        "02": "1-2 61-64 101-111 113-115",
        "03": "23-24 28-31 42-43 90-91 100 138-143",
        "04": "3-10 16-22 25-26 168-172",
        "05": "11-15 70-73 116 148-157",
        "06": "27 32-38 40-41 50 67 92-95 158-164",
        "07": "65-66 68-69 74 96-99 177-186",
        "08": "75-82 187-195",
        "09": "83-88 117 200-209",
        "10": "44-49 89 210-219",
    }
    for lesson, spans in homes.items():
        ends = [[*map(int, span.split("-"))] for span in spans.split()]
        numbers = [number for span in ends for number in range(span[0], span[-1] + 1)]
        assert sorted(int(id[1:]) for id, mistake in MISTAKES.items() if mistake.lesson == lesson) == numbers, lesson


def test_a_mistake_says_what_is_so_and_what_is_not():
    """From M118 on, but for five that are numbers and nothing else."""
    for id, mistake in MISTAKES.items():
        if id == "M39" or (int(id[1:]) >= 118 and id not in ("M138", "M139", "M140", "M149", "M159")):
            assert mistake.statement and mistake.truth, id


def test_classes_of_equals_are_mutual():
    for id, mistake in MISTAKES.items():
        for other in mistake.equals:
            assert MISTAKES[other].family == mistake.family, (id, other)


def test_a_model_must_predict_something_known():
    with pytest.raises(ValueError, match="predicts one of size"):
        Mistake("M999", "A thought.", "A correction.", "02", models={"colour": len})


def wrong_by(id, mistake, seed=3):
    """A question of this id and the response of a learner who holds the mistake."""
    question = make(id, seed)
    return question, next(slip.answer for slip in question.slips if slip.mistakes[0] == mistake)


def test_a_learner_who_flips_everywhere_is_diagnosed_as_such():
    answers = [wrong_by(id, "M61") for id in ("window-value", "bias-value", "which-kernel", "impulse")]
    answers += [(question, question.answer) for question in (make(id, 5) for id in ("flat-area", "output-shape"))]
    assert diagnose(answers)[0] == "M61"


def test_who_is_always_right_has_no_mistake():
    assert diagnose([(question, question.answer) for question in (make(id, 7) for id in ids())]) == []


def test_one_slip_against_many_right_answers_is_not_a_mistake():
    questions = [make(id, 8) for id in ("window-value", "impulse", "myth-flip")]
    right = [(question, question.answer) for question in questions]
    assert diagnose([*right, wrong_by("bias-value", "M61")]) == []


def test_one_wrong_answer_alone_names_its_mistake():
    assert diagnose([wrong_by("output-shape", "M02")]) == ["M02"]


def test_unanswered_and_unreadable_answers_are_no_evidence():
    question = make("window-value", 1)
    assert diagnose([(question, None), (question, "no idea")]) == []


def test_diagnose_says_what_it_expects():
    with pytest.raises(ValueError, match=r"pairs \(question, response\).*write \[\(question, response\)"):
        diagnose([make("window-value", 1)])
