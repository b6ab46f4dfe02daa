"""Data sets to try networks on, as NumPy arrays: `(X_train, y_train), (X_test, y_test) = name.load_data()`."""
