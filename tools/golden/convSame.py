"""tf-slim's conv2d_same (tf.pad, then VALID) and torch's dilated conv2d, as Conv2DSame's options."""

import numpy as np
import tensorflow as tf
import torch

BATCH, CHANNELS, FILTERS = 2, 2, 3


def values(shape, seed):
    """Sixteenths in [−2, 2]: exact in float32 and short in JSON."""
    return (np.random.default_rng(seed).integers(-32, 33, shape) / 16).astype(np.float32)


def inputs(size, kernel):
    return values((BATCH, *size, CHANNELS), 1), values((*kernel, CHANNELS, FILTERS), 2), values((FILTERS,), 3)


def pads(k, rate):
    total = (k - 1) * rate
    return total // 2, total - total // 2


def in_slim(size, kernel, strides):
    x, k, b = (tf.Variable(v) for v in inputs(size, kernel))
    with tf.GradientTape() as tape:
        padded = tf.pad(x, [(0, 0), pads(kernel[0], 1), pads(kernel[1], 1), (0, 0)])
        y = tf.nn.conv2d(padded, k, strides, "VALID") + b
    dy = values(y.shape, 4)
    dx, dk, db = tape.gradient(y, [x, k, b], output_gradients=tf.constant(dy))
    return {"x": x, "kernel": k, "bias": b, "y": y, "dy": dy, "dx": dx, "dKernel": dk, "dBias": db}


def in_torch(size, kernel, strides, rates):
    x, k, b = (torch.tensor(v, requires_grad=True) for v in inputs(size, kernel))
    # torch: NCHW, kernels of [out, in, kh, kw], and the last axis is padded first.
    padded = torch.nn.functional.pad(x.permute(0, 3, 1, 2), (*pads(kernel[1], rates[1]), *pads(kernel[0], rates[0])))
    y = torch.nn.functional.conv2d(padded, k.permute(3, 2, 0, 1), b, stride=strides, dilation=rates)
    y = y.permute(0, 2, 3, 1)
    dy = values(y.shape, 4)
    dx, dk, db = torch.autograd.grad(y, [x, k, b], torch.tensor(dy))
    return {"x": x, "kernel": k, "bias": b, "y": y, "dy": dy, "dx": dx, "dKernel": dk, "dBias": db}


def cases():
    for size, kernel, strides in [((4, 5), (3, 3), (1, 1)), ((4, 5), (3, 3), (2, 2)), ((6, 5), (4, 2), (2, 3))]:
        options = {"kernelSize": kernel, "strides": strides}
        yield {"name": f"tf-slim {kernel} with strides {strides}", "options": options, **in_slim(size, kernel, strides)}
    for size, kernel, strides, rates in [
        ((5, 6), (3, 3), (1, 1), (2, 2)),
        ((5, 4), (3, 2), (1, 1), (1, 3)),
        ((3, 3), (3, 3), (1, 1), (4, 4)),
        ((5, 6), (3, 3), (2, 1), (2, 3)),
    ]:
        options = {"kernelSize": kernel, "strides": strides, "dilationRate": rates}
        yield {"name": f"torch {kernel} with strides {strides}, dilations {rates}", "options": options, **in_torch(size, kernel, strides, rates)}
