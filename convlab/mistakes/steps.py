"""Mistakes about what is done with gradients: where they are kept, what a step makes of them, how they are checked."""

from convlab.mistakes.mistake import Mistake

STEPS = (
    Mistake(
        "M188",
        "backward() begins from zero each time.",
        "It adds to what stands in .grad. Once a step the old gradient has to go: after the weights were changed, "
        "before the next backward().",
        "08",
        facts=("S001-34", "S001-35"),
        statement="A second backward() replaces what the first one left in .grad.",
        truth="A second backward() adds to what the first one left in .grad.",
    ),
    Mistake(
        "M189",
        "Every tensor of the computation has its gradient in .grad.",
        "Only leaves that require a gradient keep one there, and not before backward(): parameters, and an input that "
        "asked for it.",
        "08",
        facts=("S001-33", "S001-34"),
        statement="After backward() the output of each layer has its gradient in .grad.",
        truth="After backward() the leaves that require a gradient have it in .grad.",
    ),
    Mistake(
        "M190",
        "A gradient finds its way through detach(), no_grad() and item().",
        "What they hand on is a number or a tensor without a past: for backward() it is a constant.",
        "08",
        facts=("S001-33", "S001-34"),
        statement="A layer that ran under torch.no_grad() gets its gradient as any other.",
        truth="A layer that ran under torch.no_grad() gets no gradient.",
    ),
    Mistake(
        "M191",
        "A step goes along the gradient.",
        "The gradient points to where the loss grows, so lr times the gradient is taken away from the weight.",
        "08",
        facts=("S001-35",),
        statement="A step of SGD adds lr times its gradient to each weight.",
        truth="A step of SGD takes lr times its gradient away from each weight.",
    ),
    Mistake(
        "M192",
        "The gradient of the mean squared error is the difference.",
        "It is twice the difference, divided by how many numbers the mean is taken over.",
        "08",
        facts=("S001-34",),
        statement="The gradient of F.mse_loss for one of 10 outputs is that output less its target.",
        truth="The gradient of F.mse_loss for one of 10 outputs is a fifth of that output less its target.",
    ),
    Mistake(
        "M193",
        "The larger the learning rate, the faster it learns.",
        "A step may go beyond the best weight, and with too large a rate each step ends farther away than it began.",
        "08",
        facts=("S001-35",),
        statement="Twice the learning rate brings a weight to its best value in half the steps.",
        truth="Too large a learning rate takes a weight farther away from its best value with each step.",
    ),
    Mistake(
        "M194",
        "A finite difference is right when h is small enough.",
        "It is (f(w + h) - f(w - h)) / (2 h). Too small an h leaves rounding alone, and on a straight line every h "
        "is right.",
        "08",
        facts=("S001-34",),
        statement="The smaller h is, the closer a finite difference comes to the gradient.",
        truth="With too small an h, rounding spoils a finite difference.",
    ),
)
