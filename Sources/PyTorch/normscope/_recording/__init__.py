"""What is recorded of a training, when, and the thread that writes it."""
