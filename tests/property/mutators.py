"""Small wrong changes of a source, made in its syntax tree, so that they follow when a line is written otherwise.

Each mutator is a function of one node and the function it stands in; it gives the nodes to put in its place.
"""

import ast
import copy

PAIRS = {"stride": "stride", "dilation": "dilation", "extent": "kernel", "kernel_size": "kernel", "pads": "padding"}
PAIRS |= {"padded_size": "size", "input_size": "size"}
PARTNERS = {"u": "v", "i": "j", "rows": "columns", "top": "left", "bottom": "right", "h": "w"}
NAMED = {"sH": "stride", "dH": "dilation", "eH": "kernel", "kH": "kernel", "u": "kernel", "top": "padding"}
NAMED |= {"bottom": "padding"}
KINDS = (
    *("swap stride", "swap padding", "swap dilation", "swap kernel", "swap size"),
    *("drop stride", "drop dilation", "drop floor", "drop bias", "drop group", "drop flip", "drop sum"),
)


def changed_sources(source):
    """(kind, line, function, "before -> after", changed source) for every change that can be made."""
    tree = ast.parse(source)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        yield from _swapped_names(tree, function)
        for node in _nodes(function):
            for kind, replacement in _replacements(node):
                yield _result(tree, function, node, kind, replacement)


def _nodes(function):
    """The nodes of a function, but for what only an error message is made of, and its docstring."""
    stack = list(function.body)
    while stack:
        node = stack.pop(0)
        if isinstance(node, (ast.Raise, ast.FunctionDef)):
            continue
        yield node
        stack = list(ast.iter_child_nodes(node)) + stack


def _result(tree, function, node, kind, replacement):
    text = ast.unparse(ast.fix_missing_locations(_copied_to(tree, node, replacement)))
    before, after = ast.unparse(node), ast.unparse(replacement)
    assert text != ast.unparse(tree), f"nothing was changed: {before} -> {after}"
    return kind, node.lineno, function.name, f"{before} -> {after}", text


def _copied_to(tree, node, replacement):
    """The tree with one node replaced; the tree itself stays as it is."""
    if tree is node:
        return replacement
    if not isinstance(tree, ast.AST):
        return tree
    fields = {}
    for name, value in ast.iter_fields(tree):
        if isinstance(value, list):
            fields[name] = [_copied_to(one, node, replacement) for one in value]
        else:
            fields[name] = _copied_to(value, node, replacement)
    return type(tree)(**fields)


def _replacements(node):
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _of_attribute(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Subscript):
        yield from _of_subscript(node)
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        if _mentions(node.value, "bias"):
            yield "drop bias", ast.Pass()
        elif isinstance(node.target, ast.Subscript):
            yield "drop sum", ast.Assign([node.target], node.value, lineno=node.lineno)
    elif isinstance(node, ast.BinOp):
        yield from _of_operation(node)


def _of_attribute(node):
    if node.attr in PAIRS:
        yield f"swap {PAIRS[node.attr]}", _expression(f"({ast.unparse(node)})[::-1]")
    if node.attr in ("dilation", "stride"):
        yield f"drop {node.attr}", _expression("(1, 1)")


def _of_call(node):
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called == "einsum":
        yield from _of_einsum(node)
    elif called == "reshape":
        for axis, argument in enumerate(node.args[:2]):
            if isinstance(argument, ast.Name) and argument.id == "groups":
                yield "drop group", _expression(f"{ast.unparse(node)}[{':, ' * axis}::-1]")
    elif called == "slice" and len(node.args) == 3 and _mentions(node.args[1], "H_out", "W_out"):
        yield "drop floor", _call(node, 1, ast.Constant(None))
    elif called == "conj":
        yield "drop flip", node.func.value
    elif called == "sum" and _mentions(node.args[0] if node.args else node, "places"):
        yield "drop bias", _expression(ast.unparse(node).replace(".sum(", ".mean("))
    elif called == "transpose":
        for at in range(len(node.args) - 1):
            swapped = [*node.args[:at], node.args[at + 1], node.args[at], *node.args[at + 2 :]]
            yield "swap size", ast.Call(node.func, swapped, node.keywords)


def _call(node, at, argument):
    arguments = [argument if number == at else one for number, one in enumerate(node.args)]
    return ast.Call(node.func, arguments, node.keywords)


def _of_einsum(node):
    """Two letters of one operand exchanged: the window's taps, or its places."""
    letters = node.args[0].value
    for first, second in ("uv", "ij"):
        if first in letters:
            operand = next(text for text in letters.replace("->", ",").split(",") if first in text)
            swapped = operand.translate(str.maketrans(first + second, second + first))
            yield (
                "swap kernel" if first == "u" else "swap size",
                _call(node, 0, ast.Constant(letters.replace(operand, swapped, 1))),
            )


def _of_subscript(node):
    """Slices: one that runs backwards runs forwards; one that stops at the last place runs to the end."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for at, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            continue
        if part.step is not None and ast.unparse(part.step) == "-1":
            yield "drop flip", _subscript(node, parts, at, ast.Slice())
        elif part.upper is not None and part.step is not None and _mentions(part.upper, "H_out", "W_out"):
            yield "drop floor", _subscript(node, parts, at, ast.Slice(part.lower, None, part.step))


def _subscript(node, parts, at, part):
    elements = [part if number == at else one for number, one in enumerate(parts)]
    return ast.Subscript(node.value, ast.Tuple(elements, ast.Load()), node.ctx)


def _of_operation(node):
    text = ast.unparse(node)
    if isinstance(node.op, ast.FloorDiv) and _mentions(node.right, "stride"):
        yield "drop floor", _expression(f"-(-({ast.unparse(node.left)}) // {ast.unparse(node.right)})")
    elif isinstance(node.op, ast.Mult) and "//" in text and _mentions(node, "groups") and "kH" not in text:
        yield "drop group", ast.Constant(0)
    elif isinstance(node.op, ast.Mult):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            name = ast.unparse(side)
            if name in ("dH", "dW", "dilation"):
                yield "drop dilation", other
            elif name in ("sH", "sW"):
                yield "drop stride", other


def _swapped_names(tree, function):
    """Two names of a function that belong to rows and columns exchange their values."""
    named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for name in sorted(named):
        other = PARTNERS.get(name) or (name.replace("H", "W") if "H" in name else None)
        if other in named and other != name:
            swapped = copy.deepcopy(function)
            for node in _nodes(swapped):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in (name, other):
                    node.id = other if node.id == name else name
            if _meaning(swapped) != _meaning(function):
                text = ast.unparse(ast.fix_missing_locations(_copied_to(tree, function, swapped)))
                kind = f"swap {NAMED.get(name, 'size')}"
                yield kind, function.lineno, function.name, f"{name}, {other} -> {other}, {name}", text


def _meaning(function):
    """The function with the factors of its products in order: kW * kH is kH * kW."""

    class InOrder(ast.NodeTransformer):
        def visit_BinOp(self, node):
            node = self.generic_visit(node)
            if isinstance(node.op, ast.Mult):
                factors = sorted(_factors(node))
                return ast.Name(" * ".join(factors), ast.Load())
            return node

        def visit_Raise(self, node):
            return ast.Pass()

    return ast.unparse(InOrder().visit(copy.deepcopy(function)))


def _factors(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _factors(node.left) + _factors(node.right)
    return ast.unparse(node).split(" * ")


def _mentions(node, *names):
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    found |= {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return bool(found & set(names))


def _expression(text):
    return ast.parse(text, mode="eval").body
