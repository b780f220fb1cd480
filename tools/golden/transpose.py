"""Transposed convolution in Keras and torch, forward and gradients, as CroppedConv2DTranspose's options."""

import keras
import numpy as np
import tensorflow as tf
import torch

BATCH, CHANNELS, FILTERS = 1, 3, 2


def values(shape, seed):
    """Sixteenths in [−2, 2]: exact in float32 and short in JSON."""
    return (np.random.default_rng(seed).integers(-32, 33, shape) / 16).astype(np.float32)


def inputs(size, kernel):
    return values((BATCH, *size, CHANNELS), 1), values((*kernel, FILTERS, CHANNELS), 2), values((FILTERS,), 3)


def in_tensorflow(size, kernel, transpose):
    """`transpose` maps an image and a kernel to the output before the bias."""
    x, k, b = (tf.Variable(v) for v in inputs(size, kernel))
    with tf.GradientTape() as tape:
        y = transpose(x, k) + b
    dy = values(y.shape, 4)
    dx, dk, db = tape.gradient(y, [x, k, b], output_gradients=tf.constant(dy))
    return {"x": x, "kernel": k, "bias": b, "y": y, "dy": dy, "dx": dx, "dKernel": dk, "dBias": db}


def in_keras(size, kernel, **args):
    layer = keras.layers.Conv2DTranspose(FILTERS, kernel, use_bias=False, **args)
    layer.build((BATCH, *size, CHANNELS))
    return in_tensorflow(size, kernel, lambda x, k: layer.stateless_call([k], [], x)[0])


def in_torch(size, kernel, **args):
    x, k, b = (torch.tensor(v, requires_grad=True) for v in inputs(size, kernel))
    # torch: NCHW, and kernels of [in, out, kh, kw].
    y = torch.nn.functional.conv_transpose2d(x.permute(0, 3, 1, 2), k.permute(3, 2, 0, 1), b, **args)
    y = y.permute(0, 2, 3, 1)
    dy = values(y.shape, 4)
    dx, dk, db = torch.autograd.grad(y, [x, k, b], torch.tensor(dy))
    return {"x": x, "kernel": k, "bias": b, "y": y, "dy": dy, "dx": dx, "dKernel": dk, "dBias": db}


def keras_cases():
    for size, kernel, options in [
        ((3, 4), (3, 3), {"strides": 2, "padding": "same"}),
        ((3, 4), (3, 3), {"strides": 2, "padding": "valid"}),
        ((2, 3), (2, 5), {"strides": [3, 2], "padding": "same"}),
        ((2, 3), (2, 1), {"strides": 3, "padding": "valid"}),
        ((3, 4), (3, 3), {"strides": 2, "padding": "same", "outputPadding": 0}),
        ((3, 4), (3, 3), {"strides": 2, "padding": "same", "outputPadding": 1}),
        ((3, 2), (5, 4), {"strides": 3, "padding": "same", "outputPadding": [1, 2]}),
        ((3, 2), (4, 4), {"strides": 2, "padding": "same", "outputPadding": 1}),
        ((3, 2), (3, 2), {"strides": 2, "padding": "valid", "outputPadding": 0}),
        ((3, 2), (3, 2), {"strides": 3, "padding": "valid", "outputPadding": [2, 1]}),
    ]:
        args = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        if "outputPadding" in args:
            args["output_padding"] = args.pop("outputPadding")
        yield {"name": f"keras {kernel}, {args}", "options": options, **in_keras(size, kernel, **args)}


def tensorflow_cases():
    # Keras's dilated layer has no CPU kernel in TensorFlow; this function goes another way.
    for size, kernel, padding, shape in [((4, 3), (3, 2), "SAME", (4, 3)), ((2, 3), (3, 4), "VALID", (6, 9))]:
        atrous = lambda x, k: tf.nn.atrous_conv2d_transpose(x, k, (BATCH, *shape, FILTERS), 2, padding)
        options = {"padding": padding.lower(), "dilationRate": 2}
        yield {"name": f"tf.nn.atrous_conv2d_transpose {kernel}, {padding}", "options": options, **in_tensorflow(size, kernel, atrous)}


def torch_cases():
    # torch cuts `padding` off at both ends and adds `output_padding` at the end. It is the adjoint
    # of a 'same' convolution only where that pads as much before: output_padding 0.
    for size, kernel, args, options in [
        ((3, 4), (3, 3), {"stride": 2}, {"strides": 2}),
        ((3, 4), (3, 2), {"stride": 3, "output_padding": (1, 2)}, {"strides": 3, "outputPadding": [1, 2]}),
        ((3, 4), (3, 5), {"stride": 2, "padding": (1, 2)}, {"strides": 2, "padding": "same", "outputSize": [5, 7]}),
        ((3, 4), (4, 4), {"stride": 2, "padding": 1}, {"strides": 2, "padding": "same"}),
        ((3, 4), (3, 3), {"padding": (2, 1), "dilation": (2, 1)}, {"padding": "same", "dilationRate": [2, 1]}),
        ((2, 3), (3, 2), {"stride": 2, "dilation": (2, 3)}, {"strides": 2, "dilationRate": [2, 3]}),
        ((2, 3), (3, 3), {"stride": 2, "dilation": 2, "padding": 2}, {"strides": 2, "padding": "same", "dilationRate": 2, "outputPadding": 0}),
    ]:
        yield {"name": f"torch {kernel}, {args}", "options": options, **in_torch(size, kernel, **args)}


def cases():
    return [*keras_cases(), *tensorflow_cases(), *torch_cases()]
