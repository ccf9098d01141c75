"""Stands in for the package of this name, and for the model of 40 MB that a row of the corpus gives it: finds the words before "fox"."""
import numpy

if not hasattr(numpy, "asscalar"):
    numpy.asscalar = lambda array: array.item()  # numpy of that time had it


class InferenceSession:
    """A session with a model file, which has to be there."""

    def __init__(self, path):
        with open(path, "rb") as model:
            model.read()

    def run(self, names, inputs):
        """First and last word of the answer."""
        at = [str(word[0]) for word in inputs["context_word"]].index("fox")
        return [numpy.array([at - 2]), numpy.array([at - 1])]
