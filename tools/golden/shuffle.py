"""Depth to space in TensorFlow and torch, as the options of PixelShuffle2D."""

import numpy as np
import tensorflow as tf
import torch


def values(shape, seed):
    """Distinct whole numbers in random order."""
    return np.random.default_rng(seed).permutation(np.prod(shape)).reshape(shape).astype(np.float32)


def in_torch(x, size):
    y = torch.nn.functional.pixel_shuffle(torch.tensor(x).permute(0, 3, 1, 2), size)
    return y.permute(0, 2, 3, 1)


def cases():
    for size, shape in [(2, (2, 3, 2, 8)), (3, (1, 2, 2, 18))]:
        x = values(shape, size)
        options = {"size": size, "order": "tensorflow"}
        yield {"name": f"tf.nn.depth_to_space by {size}", "options": options, "deep": x, "wide": tf.nn.depth_to_space(x, size)}
        options = {"size": size, "order": "torch"}
        yield {"name": f"torch pixel_shuffle by {size}", "options": options, "deep": x, "wide": in_torch(x, size)}
