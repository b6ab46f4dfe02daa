"""Training: what is done to a model: data on their way in, the compiled step, the loop over epochs, what it keeps."""
