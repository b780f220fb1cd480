"""Max pooling with indices and its reversal in TensorFlow and torch, forward and gradient, as the
options of MaxPoolWithArgmax2D and MaxUnpool2D. Indices are TensorFlow's, without the batch.
"""

import numpy as np
import tensorflow as tf
import torch


def values(shape, seed):
    """Eighths in [−2, 0]: with ties, and exact in float32."""
    return (np.random.default_rng(seed).integers(-16, 1, shape) / 8).astype(np.float32)


def pool_in_tensorflow(shape, ksize, strides, padding):
    x = tf.Variable(values(shape, 1))
    with tf.GradientTape() as tape:
        pooled, indices = tf.nn.max_pool_with_argmax(x, ksize, strides, padding)
    dy = values(pooled.shape, 2)
    dx = tape.gradient(pooled, x, output_gradients=tf.constant(dy))
    return {"x": x, "pooled": pooled, "indices": indices, "dy": dy, "dx": dx}


def pool_padded_in_torch(shape, ksize, strides, padding):
    x = torch.tensor(values(shape, 7), requires_grad=True)
    pooled, planes = torch.nn.functional.max_pool2d(nchw(x), ksize, strides, padding, return_indices=True)
    dy = values(nhwc(pooled).shape, 8)
    (dx,) = torch.autograd.grad(pooled, x, nchw(torch.tensor(dy)))
    indices = nhwc(planes) * shape[3] + torch.arange(shape[3])
    return {"x": x, "pooled": nhwc(pooled), "indices": indices, "dy": dy, "dx": dx}


def pool_in_torch(shape, ksize, strides):
    """And back again; torch counts within a channel, so its indices are counted anew."""
    x = torch.tensor(values(shape, 3), requires_grad=True)
    size, strides = tuple(shape[1:3]), strides or ksize
    pooled, planes = torch.nn.functional.max_pool2d(nchw(x), ksize, strides, return_indices=True)
    dy = values(pooled.permute(0, 2, 3, 1).shape, 4)
    (dx,) = torch.autograd.grad(pooled, x, nchw(torch.tensor(dy)))
    indices = nhwc(planes) * shape[3] + torch.arange(shape[3])
    # Other values than the pooled ones, and a gradient.
    v = torch.tensor(values(dy.shape, 5), requires_grad=True)
    unpooled = nhwc(torch.nn.functional.max_unpool2d(nchw(v), planes, ksize, strides, output_size=size))
    dunpooled = values(unpooled.shape, 6)
    (dv,) = torch.autograd.grad(unpooled, v, torch.tensor(dunpooled))
    back = {"v": v, "unpooled": unpooled, "dUnpooled": dunpooled, "dv": dv}
    return {"x": x, "pooled": nhwc(pooled), "indices": indices, "dy": dy, "dx": dx, **back}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def cases():
    for shape, ksize, strides, padding in [
        ((2, 4, 6, 3), (2, 2), (2, 2), "VALID"),
        ((1, 5, 5, 2), (3, 3), (2, 2), "SAME"),
        ((1, 5, 4, 2), (2, 3), (1, 2), "SAME"),
        ((1, 7, 5, 1), (3, 2), (2, 3), "VALID"),
    ]:
        options = {"poolSize": ksize, "strides": strides, "padding": padding.lower()}
        name = f"tf.nn.max_pool_with_argmax {ksize}, {strides}, {padding}"
        yield {"name": name, "options": options, **pool_in_tensorflow(shape, ksize, strides, padding)}
    for shape, ksize, strides, padding in [((1, 6, 5, 2), (3, 3), (2, 2), (1, 1)), ((1, 4, 7, 1), (3, 5), (1, 3), (1, 2))]:
        options = {"poolSize": ksize, "strides": strides, "padding": "explicit"}
        name = f"torch max_pool2d {ksize}, {strides}, padding {padding}"
        yield {"name": name, "options": options, **pool_padded_in_torch(shape, ksize, strides, padding)}
    # Where windows overlap, torch puts one of the values back; without overlaps all agree.
    for shape, ksize, strides in [((2, 5, 7, 3), (2, 2), None), ((1, 7, 6, 2), (2, 1), (3, 2))]:
        options = {"poolSize": ksize, "strides": strides, "padding": "valid"}
        name = f"torch max_pool2d and max_unpool2d {ksize}, {strides}"
        yield {"name": name, "options": options, **pool_in_torch(shape, ksize, strides)}
