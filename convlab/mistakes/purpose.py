"""Mistakes about what a convolution is for: what it looks at, what it learns, what it costs."""

PURPOSE = ()
