"""The path by which Keras 1.0 had Graph."""

from horngate.dialects.graph_model import Graph  # noqa: F401
