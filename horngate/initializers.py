"""The path at which Keras 2 and 3 have initializations, as classes."""

from horngate.dialects.keras2.initializers import *  # noqa: F403
