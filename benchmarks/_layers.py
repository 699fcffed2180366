"""The layers that the engines are timed on, and parts of them for an engine that would take minutes."""

from dataclasses import dataclass, replace

from convlab.shapes import Conv2dSpec


@dataclass(frozen=True)
class Layer:
    """A layer and its input's shape."""

    input_shape: tuple
    out_channels: int
    kernel_size: int = 3
    padding: int = 1

    def __str__(self):
        size, k = "x".join(map(str, self.input_shape)), self.kernel_size
        return f"{size} to {self.out_channels}, {k} x {k}"

    @property
    def spec(self):
        return Conv2dSpec(self.input_shape[1], self.out_channels, self.kernel_size, padding=self.padding, bias=False)

    @property
    def macs(self):
        """Multiply-adds of the whole batch."""
        return self.spec.macs(self.input_shape)

    def part(self, most_cells):
        """This layer with fewer samples, or one sample with fewer rows: about so many output cells.

        Example:
            >>> str(Layer((8, 3, 10, 20), 4).part(1600)), str(Layer((8, 3, 10, 20), 4).part(400))
            ('2x3x10x20 to 4, 3 x 3', '1x3x5x20 to 4, 3 x 3')
        """
        N, C_in, H, W = self.input_shape
        _, C_out, H_out, W_out = self.spec.output_shape(self.input_shape)
        samples = min(N, max(1, most_cells // (C_out * H_out * W_out)))
        rows = min(H, max(self.kernel_size, most_cells // (C_out * W_out)))
        return replace(self, input_shape=(samples, C_in, rows, W))


LAYERS = (
    Layer((8, 32, 32, 32), 64),
    Layer((1, 3, 224, 224), 64),
    Layer((8, 64, 56, 56), 64),
    Layer((32, 1, 28, 28), 8),
)
LARGE_KERNEL = Layer((1, 8, 96, 96), 8, kernel_size=21, padding=10)
