"""horngate: Keras 1 on JAX."""
