"""The gradients of average pooling in TensorFlow and torch, which AverageUnpool2D computes."""

import numpy as np
import tensorflow as tf
import torch


def values(shape, seed):
    """Sixteenths in [−2, 2]: exact in float32 and short in JSON."""
    return (np.random.default_rng(seed).integers(-32, 33, shape) / 16).astype(np.float32)


def in_tensorflow(size, ksize, strides, padding):
    x = tf.Variable(tf.zeros((2, *size, 2)))
    with tf.GradientTape() as tape:
        pooled = tf.nn.avg_pool2d(x, ksize, strides, padding)
    y = values(pooled.shape, 1)
    return {"x": y, "y": tape.gradient(pooled, x, output_gradients=tf.constant(y))}


def in_torch(size, ksize):
    x = torch.zeros((2, 2, *size), requires_grad=True)
    pooled = torch.nn.functional.avg_pool2d(x, ksize, ceil_mode=True, count_include_pad=False)
    y = values(pooled.permute(0, 2, 3, 1).shape, 2)
    (dx,) = torch.autograd.grad(pooled, x, torch.tensor(y).permute(0, 3, 1, 2))
    return {"x": y, "y": dx.permute(0, 2, 3, 1)}


def cases():
    for size, ksize, strides, padding in [
        ((4, 6), (2, 2), (2, 2), "VALID"),
        ((5, 5), (3, 3), (2, 2), "SAME"),
        ((6, 5), (3, 2), (1, 2), "SAME"),
        ((8, 7), (3, 2), (2, 3), "VALID"),
    ]:
        options = {"poolSize": ksize, "strides": strides, "padding": padding.lower(), "outputSize": size}
        name = f"tf.nn.avg_pool2d {ksize}, {strides}, {padding} of {size}"
        yield {"name": name, "options": options, **in_tensorflow(size, ksize, strides, padding)}
    for size, ksize in [((5, 7), (2, 2)), ((7, 4), (3, 3))]:
        options = {"poolSize": ksize, "padding": "end", "outputSize": size}
        yield {"name": f"torch avg_pool2d {ksize} of {size}, ceil_mode", "options": options, **in_torch(size, ksize)}
