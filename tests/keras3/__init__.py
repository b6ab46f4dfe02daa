"""What the real Keras 3 computes: a table of cases, the writer of their numbers, and the tests that compare them."""
