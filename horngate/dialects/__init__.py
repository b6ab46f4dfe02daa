"""Programs of other times and other Keras versions: run as they are, with horngate in the place of Keras."""
