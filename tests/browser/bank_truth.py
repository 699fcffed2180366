"""What torch says of a bank: of one picture, its filters, what is left out, a filter and a place."""

import numpy as np
import torch

from tests.browser.drawn import text_fault, whole


class BankTruth:
    """The true numbers by role and index.

    Args:
        layer: a real ``nn.Conv2d``.
        picture: an array (C, H, W), float32.
        muted, solo: names such as "input 0" and "filter 2".
        shown: the filters on the screen.
        shared: whether all maps have one range.
        o, place: what is pinned.
        settings: factors of the channels (``mix``), the Gabor parameters (``gabor``, in the order of the sliders).
    """

    def __init__(self, layer, picture, *, muted=(), solo=(), shown=None, shared=True, o=0, place=(0, 0), **settings):
        self.layer, self.o, self.place, self.settings = layer, o, place, settings
        self.weight = layer.weight.detach().double().numpy()
        self.picture = np.asarray(picture)
        self.heard = self._left("input", len(picture), muted, solo)
        self.shown = list(range(min(16, len(self.weight)))) if shown is None else shown
        left = self._left("filter", len(self.weight), muted, solo)
        self.seen = [number for number in self.shown if number in left]
        silent = torch.from_numpy(self.picture.copy())[None]
        silent[:, [c for c in range(len(picture)) if c not in self.heard]] = 0
        with torch.no_grad():
            self.output = layer(silent)[0].double().numpy()
            self.parts = self._parts(layer)
        seen = self.output[self.seen]
        self.range = abs(seen).max(initial=0) or 1.0
        self.shared = shared

    @staticmethod
    def _left(kind, count, muted, solo):
        ids = [f"{kind} {number}" for number in range(count)]
        alone = [number for number, name in enumerate(ids) if name in solo]
        return alone or [number for number, name in enumerate(ids) if name not in muted]

    def _parts(self, layer):
        """What each channel of the pinned filter's group gives at the place, by channel."""
        share = self.weight.shape[1]
        first = self.o // (layer.out_channels // layer.groups) * share
        found = {}
        for s in range(share):
            alone = torch.zeros(1, *self.picture.shape)
            alone[0, first + s] = torch.from_numpy(self.picture[first + s])
            bias = 0 if layer.bias is None else layer.bias[self.o].item()
            found[first + s] = layer(alone)[0, self.o, self.place[0], self.place[1]].item() - bias
        return found

    def _padded(self, index):
        c, i, j = index
        left, right, top, bottom = self.layer._reversed_padding_repeated_twice
        mode = "constant" if self.layer.padding_mode == "zeros" else self.layer.padding_mode
        pad = torch.nn.functional.pad(torch.from_numpy(self.picture)[None], (left, right, top, bottom), mode=mode)[0]
        return pad[c, i + top, j + left].item()

    def _cosines(self):
        flat = self.weight[self.seen].reshape(len(self.seen), -1)
        norms = np.linalg.norm(flat, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosines = flat @ flat.T / np.outer(norms, norms)
        return np.where(np.triu(np.ones_like(cosines), 1) > 0, np.nan_to_num(cosines, nan=-2), -2)

    def value(self, role, index):
        """The true number and how far a drawn one may be from it."""
        largest = max(1.0, abs(self.output).max())
        near = 1e-4 * largest
        exact = {
            "weight": lambda: self.weight[index],
            "input": lambda: self.picture[index],
            "padding": lambda: self._padded(index),
            "mix": lambda: self.settings["mix"][index[0]],
            "gabor": lambda: self.settings["gabor"][index[0]],
            "bias": lambda: self.layer.bias[index[0]].item(),
        }
        if role in exact:
            return exact[role](), 1e-7
        return {
            "kernel-sum": lambda: (self.weight[index[0]].sum(), 1e-5),
            "minimum": lambda: (self.output[index[0]].min(), near),
            "maximum": lambda: (self.output[index[0]].max(), near),
            "range": lambda: ((-1, 1)[index[0]] * self.range, near),
            "range-weight": lambda: ((-1, 1)[index[0]] * (abs(self.weight).max() or 1), 1e-7),
            "sum": lambda: (self.parts.get(index[0], np.inf) if index[0] in self.heard else np.inf, near),
            "left-out": lambda: (np.inf if index[0] in self.heard else self.parts.get(index[0], np.inf), near),
            "result": lambda: (self.output[index], near),
            "cosine": lambda: (self._cosines().max(), 6e-4),
        }[role]()

    def alike(self, a, b):
        """Whether these two filters are the most alike, but for rounding."""
        if a not in self.seen or b not in self.seen:
            return False
        cosines = self._cosines()
        return cosines[self.seen.index(a), self.seen.index(b)] > cosines.max() - 1e-5


def faults(found, truth):
    """Everything drawn that torch says otherwise, every number or map that is missing; a sentence each."""
    wrong, roles = [], {}
    pair = {}
    for number in found["numbers"]:
        if not number["shown"]:
            continue
        role, index, value = number["role"], number["index"], number["value"]
        roles.setdefault(role, set()).add(index)
        if fault := text_fault(number["text"], value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if role == "alike":
            pair[index[0]] = int(value)
            continue
        true, off = truth.value(role, index)
        if not abs(true - value) <= off:
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
    if pair and not truth.alike(pair[0], pair[1]):
        wrong.append(f"filters {pair[0]} and {pair[1]} are not the most alike")
    wrong += _missing(roles, truth)
    maps = {}
    for canvas in found["canvases"]:
        index, values = whole(canvas["index"]), np.array(canvas["values"]).reshape(canvas["shape"])
        maps.setdefault(canvas["role"], set()).add(index)
        whole_map = {"output": truth.output, "input": truth.picture, "weight": truth.weight}[canvas["role"]][index]
        if values.shape != whole_map.shape or abs(values - whole_map).max() > 1e-4 * max(1, abs(whole_map).max()):
            wrong.append(f"canvas of {canvas['role']}{list(index)} holds other numbers than torch's")
    if maps.get("output", set()) != {(o,) for o in truth.seen}:
        wrong.append(f"maps of {sorted(maps.get('output', ()))} are drawn; those of {truth.seen} were to be")
    if maps.get("input") != {(c,) for c in range(len(truth.picture))}:
        wrong.append(f"channels {maps.get('input')} are drawn")
    return wrong


def _missing(roles, truth):
    """What must be written for this bank, and is not."""
    shown = {(o,) for o in truth.shown}
    parts = {(c,) for c in truth.parts}
    heard = {(c,) for c in truth.heard} & parts
    wanted = {"minimum": shown, "maximum": shown, "kernel-sum": shown, "sum": heard, "left-out": parts - heard,
              "result": {(truth.o, *truth.place)}, "range-weight": {(0,), (1,)},
              "range": {(0,), (1,)} if truth.shared else set(),
              "bias": set() if truth.layer.bias is None else {(truth.o,)}}  # fmt: skip
    return [f"{role} of {sorted(roles.get(role, set()))} are written; {sorted(indices)} were to be"
            for role, indices in wanted.items() if roles.get(role, set()) != indices]  # fmt: skip
