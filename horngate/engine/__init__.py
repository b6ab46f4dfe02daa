"""Layers, the graph of their calls, and training: what every model is made of."""
