"""convlab: an interactive course on PyTorch's nn.Conv2d.

Every public name is loaded when it is first used, so that ``import convlab`` brings in neither
torch nor matplotlib and the first widget of a lesson is alive in about a second.
"""

from importlib import import_module

_HOME = {
    "Conv2dSpec": "shapes",
    "ConvStepper": "widgets.conv_stepper",
    "FeatureMaps": "widgets.feature_maps",
    "FilterBank": "widgets.filter_bank",
    "GradientRouter": "widgets.gradient_router",
    "GroupsWiring": "widgets.groups_wiring",
    "Im2colLoom": "widgets.im2col_loom",
    "KernelLab": "widgets.kernel_lab",
    "KernelLearner": "widgets.kernel_learner",
    "LayerAnatomy": "widgets.layer_anatomy",
    "QuizCard": "widgets.quiz_card",
    "ReceptiveField": "widgets.receptive_field",
    "ShapeError": "shapes",
    "ShapeTracer": "widgets.shape_tracer",
    "SizeRuler": "widgets.size_ruler",
    "TensorInspector": "widgets.tensor_inspector",
    "Verdict": "verdict",
    "exercise": "lesson",
    "gallery": "showcase",
    "predict": "lesson",
    "progress": "lesson",
    "quiz": "lesson",
    "show": "lesson",
    "start": "lesson",
    "trace": "lesson",
}

__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"convlab has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(f"convlab.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
