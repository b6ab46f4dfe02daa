"""The path at which Keras 2 and 3 have losses: the functions of `objectives`, and classes that make them."""

from horngate.dialects.keras2.losses import *  # noqa: F403
