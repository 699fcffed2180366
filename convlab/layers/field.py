"""Which input pixels the units of a tensor see, kept like a tensor's strides: arithmetic on whole tensors of windows.

Along each axis of the input (height and width of a picture) a unit sees one window. Going one step along a dimension
of the tensor moves that window by a fixed number of pixels, the *jump*: 1 along the rows of the input, 2 after a
stride of 2, 0 along the channels. So a view, a permutation or a slice keeps what is known, as it keeps strides.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, prod
from typing import NamedTuple


class Undefined(Exception):
    """The windows of this tensor do not move by fixed jumps, or it is not known how."""


class Factor(NamedTuple):
    """A dimension, or one of the dimensions that were merged into one: its length, and its jump on each axis."""

    length: int
    jumps: tuple


@dataclass(frozen=True)
class Field:
    """The windows of a tensor's units.

    Args:
        dims: for each dimension the factors that were merged into it, mostly one.
        first: for each input axis where the window of the first unit begins, in pixels.
        size: for each input axis how long a window is.
        grain: 0, or the jump before an upsampling: since then windows grow by whole grains, at some units sooner.
        extra: what a window has grown by since then, on average over the units.
    """

    dims: tuple
    first: tuple
    size: tuple
    grain: tuple
    extra: tuple

    @classmethod
    def of_input(cls, shape, axes):
        """Every unit sees itself. ``axes``: which dimensions of the input are followed."""
        dims = [(Factor(length, tuple(int(dim == axis) for axis in axes)),) for dim, length in enumerate(shape)]
        nothing = (0,) * len(axes)
        return cls(tuple(dims), nothing, (1,) * len(axes), nothing, nothing)

    @property
    def shape(self):
        return tuple(prod(factor.length for factor in dim) for dim in self.dims)

    @property
    def still(self):
        """A factor's jumps when nothing moves."""
        return (0,) * len(self.size)

    @property
    def largest(self):
        """For each input axis how long the longest window is."""
        return tuple(_rounded(*axis) for axis in zip(self.size, self.grain, self.extra, strict=True))

    def jumps(self, axis):
        """The jumps that are not 0, from dimension to dimension."""
        return [factor.jumps[axis] for dim in self.dims for factor in dim if factor.jumps[axis]]

    def evened(self, dim):
        """The same with this dimension as one factor.

        Raises:
            Undefined: its windows do not move evenly.
        """
        length, jumps, coarse = 1, self.still, list(self.still)
        for outer in reversed([factor for factor in self.dims[dim] if factor.length > 1] or self.dims[dim][:1]):
            for axis, (jump, inner) in enumerate(zip(outer.jumps, jumps, strict=True)):
                if length > 1 and inner == 0:
                    coarse[axis] = jump  # each window is met `length` times, as after upsampling
            jumps = tuple(_merged(jump, length, inner) for jump, inner in zip(outer.jumps, jumps, strict=True))
            length *= outer.length
        return replace(self._grained(coarse, self.still), dims=self._with(dim, (Factor(length, jumps),)))

    def line(self, dim):
        """The dimension as one factor."""
        return self.evened(dim).dims[dim][0]

    def mixed(self, dims, axes=None):
        """Each unit sees what all along these dimensions saw together; the dimensions stay."""
        first, size, new = list(self.first), list(self.size), list(self.dims)
        chosen = range(len(size)) if axes is None else axes
        for dim in {dim % len(self.dims) for dim in dims}:
            for factor in self.dims[dim]:
                for axis in chosen:
                    reach = (factor.length - 1) * factor.jumps[axis]
                    first[axis] += min(0, reach)
                    size[axis] += abs(reach)
            new[dim] = tuple(
                Factor(factor.length, tuple(0 if axis in chosen else jump for axis, jump in enumerate(factor.jumps)))
                for factor in self.dims[dim]
            )
        return replace(self, dims=tuple(new), first=tuple(first), size=tuple(size))

    def collapsed(self):
        """One unit that sees what all units saw together, without dimensions."""
        return replace(self.mixed(range(len(self.dims))), dims=())

    def windowed(self, dim, taps, places, step, before):
        """Units that each read ``taps`` units (their distance in the dimension, from the first), ``places`` of them.

        Args:
            step: units between two places.
            before: units of padding before the first.
        """
        field = self.evened(dim)
        (line,) = field.dims[dim]
        first, size, extra = list(field.first), list(field.size), list(field.extra)
        for axis, jump in enumerate(line.jumps):
            first[axis] += min(0, taps * jump) - before * jump
            grown = extra if field.grain[axis] else size
            grown[axis] += abs(taps * jump)
        dims = self._with(dim, (Factor(places, tuple(jump * step for jump in line.jumps)),))
        return replace(field, dims=dims, first=tuple(first), size=tuple(size), extra=tuple(extra))

    def upsampled(self, dim, places, step, taps, before, extra=0):
        """Units closer together than those they read: ``step`` of a unit, ``taps`` + 1 read by each.

        Args:
            extra: how far, in units, a window reaches beyond those on average.
        """
        field = self.windowed(dim, taps, places, 1, before)
        line = field.line(dim)
        finer = Factor(places, tuple(jump * step for jump in line.jumps))
        field = field._grained(line.jumps, [abs(extra * jump) for jump in line.jumps])
        return replace(field, dims=field._with(dim, (finer,)))

    def selected(self, dim, at):
        """One unit of the dimension, which goes."""
        left = self.windowed(dim, 0, 1, 1, -at).dims
        return replace(self.windowed(dim, 0, 1, 1, -at), dims=left[:dim] + left[dim + 1 :])

    def renewed(self, dim, length):
        """The dimension with another length, its units made of all that were there."""
        dim, mixed = dim % len(self.dims), self.mixed([dim])
        return replace(mixed, dims=mixed._with(dim, (Factor(length, self.still),)))

    def permuted(self, order):
        return replace(self, dims=tuple(self.dims[dim] for dim in order))

    def inserted(self, dim, length=1):
        """With a new dimension along which nothing moves."""
        return replace(self, dims=(*self.dims[:dim], (Factor(length, self.still),), *self.dims[dim:]))

    def removed(self, dims):
        """Without these dimensions, whose units all see the same."""
        return replace(self, dims=tuple(dim for at, dim in enumerate(self.dims) if at not in dims))

    def viewed(self, shape):
        """The same units under another shape.

        Raises:
            Undefined: the shape cuts a merged dimension where it has no seam.
        """
        old, new = self.shape, tuple(shape)
        if prod(old) != prod(new) or 0 in new:
            raise Undefined
        ahead = _agreeing(old, new)
        behind = min(_agreeing(old[::-1], new[::-1]), len(old) - ahead, len(new) - ahead)
        factors = [factor for dim in self.dims[ahead : len(old) - behind] for factor in dim]
        middle = _regrouped(factors, new[ahead : len(new) - behind], self.still)
        return replace(self, dims=(*self.dims[:ahead], *middle, *self.dims[len(old) - behind :]))

    def _grained(self, jumps, more):
        """From here on windows grow by whole steps of these jumps, where they are coarser than the grain so far."""
        size, grain, extra = list(self.size), list(self.grain), list(self.extra)
        for axis, jump in enumerate(map(abs, jumps)):
            if jump > grain[axis]:
                size[axis], extra[axis], grain[axis] = self.largest[axis], 0, jump
            extra[axis] += more[axis]
        return replace(self, size=tuple(size), grain=tuple(grain), extra=tuple(extra))

    def _with(self, dim, factors):
        return (*self.dims[:dim], factors, *self.dims[dim + 1 :])


def union(fields, shape):
    """What units see that are made of the units of several tensors, broadcast to this shape.

    Raises:
        Undefined: the windows of two tensors move by different jumps.
    """
    fields = [_broadcast(field, shape) for field in fields]
    for axis in range(len(fields[0].size)):
        if not all(field.jumps(axis) for field in fields):  # one sees the same from everywhere: so do all
            fields = [field.mixed(range(len(shape)), [axis]) for field in fields]
    dims = tuple(_common([field.dims[dim] for field in fields], fields, dim) for dim in range(len(shape)))
    spans = [zip(field.first, field.size, field.grain, field.extra, strict=True) for field in fields]
    return Field(dims, *zip(*map(_hull, zip(*spans, strict=True)), strict=True))


def _hull(spans):
    """One (first, size, grain, extra) around several along one axis."""
    first = min(first for first, *_ in spans)
    end = max(first + size + extra for first, size, _, extra in spans)
    grain, size = max((grain, size) for _, size, grain, _ in spans)
    if not grain:
        return first, end - first, 0, 0
    return first, min(size, end - first), grain, end - first - min(size, end - first)


def _rounded(size, grain, extra):
    """The longest of windows that grew by whole grains."""
    return size + ceil(Fraction(extra) / grain) * grain if grain else size


def _common(dims, fields, at):
    """The factors that these dimensions have in common."""
    if all(dim == dims[0] for dim in dims):
        return dims[0]
    lines = {field.line(at) for field in fields}
    if len(lines) > 1:
        raise Undefined
    return (lines.pop(),)


def _broadcast(field, shape):
    missing = len(shape) - len(field.dims)
    dims = [(Factor(1, field.still),)] * missing + list(field.dims)
    for dim, (length, have) in enumerate(zip(shape, (1,) * missing + field.shape, strict=True)):
        if have != length:
            if have != 1:
                raise Undefined
            dims[dim] = (Factor(length, field.still),)
    return replace(field, dims=tuple(dims))


def _merged(outer, length, inner):
    """The jump of two factors as one: an outer one, and an inner one of this length."""
    if length == 1:
        return outer
    if outer == inner * length:
        return inner
    if inner == 0:
        return Fraction(outer) / length
    raise Undefined


def _agreeing(first, second):
    """How many leading numbers agree."""
    count = 0
    while count < min(len(first), len(second)) and first[count] == second[count]:
        count += 1
    return count


def _regrouped(factors, shape, still):
    """The factors in order, dealt out to dimensions of these lengths, cut where need be."""
    left, dims = _joined(factors), []
    for length in shape:
        dim = []
        while length > 1 or (not dim and left and left[0].length == 1):
            factor = left.pop(0)
            if length % factor.length == 0:
                dim.append(factor)
                length //= factor.length
            elif factor.length % length == 0:
                rest = factor.length // length
                dim.append(Factor(length, tuple(jump * rest for jump in factor.jumps)))
                left.insert(0, Factor(rest, factor.jumps))
                length = 1
            else:
                raise Undefined
        dims.append(tuple(dim) or (Factor(1, still),))
    return dims


def _joined(factors):
    """The factors with neighbours made one where neither moves: their lengths may be dealt out anew."""
    joined = []
    for factor in factors:
        if joined and not any(factor.jumps) and not any(joined[-1].jumps):
            joined[-1] = Factor(joined[-1].length * factor.length, factor.jumps)
        else:
            joined.append(factor)
    return joined
