"""Upsampling in Keras, TensorFlow and torch, forward and gradient, as Upsample2D's options."""

import keras
import numpy as np
import tensorflow as tf
import torch

rng = np.random.default_rng


def values(shape, seed):
    """Sixteenths in [−2, 2]: exact in float32 and short in JSON."""
    return (rng(seed).integers(-32, 33, shape) / 16).astype(np.float32)


def case(name, options, forward, shape):
    """`forward` maps an NHWC array to (output, function from the output's gradient to the input's)."""
    x = values(shape, 1)
    y, pullback = forward(x)
    dy = values(y.shape, 2)
    return {"name": name, "options": options, "x": x, "y": y, "dy": dy, "dx": pullback(dy)}


def in_tensorflow(fn):
    def forward(x):
        v = tf.Variable(x)
        with tf.GradientTape(persistent=True) as tape:
            y = fn(v)
        return y.numpy(), lambda dy: tape.gradient(y, v, output_gradients=tf.constant(dy)).numpy()

    return forward


def in_torch(**args):
    def forward(x):
        v = torch.tensor(x, requires_grad=True)
        y = torch.nn.functional.interpolate(v.permute(0, 3, 1, 2), **args).permute(0, 2, 3, 1)

        def pullback(dy):
            (dx,) = torch.autograd.grad(y, v, torch.tensor(dy))
            return dx.numpy()

        return y.detach().numpy(), pullback

    return forward


def keras_cases():
    shape = (2, 3, 4, 2)
    for mode in ("nearest", "bilinear", "bicubic"):
        # TensorFlow looks cubic weights up in a table of 1024 steps, which are exact for 2 and 4.
        layer = keras.layers.UpSampling2D(size=(2, 4), interpolation=mode)
        options = {"size": [2, 4], "interpolation": mode}
        yield case(f"keras UpSampling2D {mode}", options, in_tensorflow(layer), shape)
        # With antialiasing it computes them, and else changes nothing where the image grows.
        resize = lambda x: keras.ops.image.resize(
            x, (7, 5), interpolation=mode, antialias=mode == "bicubic", data_format="channels_last"
        )
        options = {"outputSize": [7, 5], "interpolation": mode}
        yield case(f"keras.ops.image.resize {mode}", options, in_tensorflow(resize), shape)
    resize = lambda x: keras.ops.image.resize(x, (3, 4), interpolation="bilinear", data_format="channels_last")
    options = {"outputSize": [3, 4], "interpolation": "bilinear"}
    yield case("keras.ops.image.resize bilinear, smaller", options, in_tensorflow(resize), (1, 7, 5, 2))


def tensorflow_cases():
    aligned = lambda x: tf.compat.v1.image.resize_nearest_neighbor(x, (7, 6), align_corners=True)
    options = {"outputSize": [7, 6], "interpolation": "nearest", "alignCorners": True}
    yield case("tf.compat.v1 nearest, aligned", options, in_tensorflow(aligned), (1, 5, 4, 2))

    for stride, shape, size in [(2, (2, 3, 2, 2), (6, 4)), (2, (1, 5, 3, 2), (9, 5)), (3, (1, 3, 2, 2), (7, 5)), (4, (1, 3, 3, 1), (9, 10))]:
        def transposed(x):
            ones = tf.ones((stride, stride, 1, 1)) * tf.eye(shape[-1])
            return tf.nn.conv2d_transpose(x, ones, (shape[0], *size, shape[-1]), stride, "SAME")

        options = {"size": stride, "outputSize": size, "interpolation": "transpose"}
        yield case(f"tf.nn.conv2d_transpose of ones, stride {stride}, to {size}", options, in_tensorflow(transposed), shape)


def torch_cases():
    shape = (1, 4, 3, 2)
    nearest = in_torch(mode="nearest", scale_factor=3)
    yield case("torch nearest", {"size": 3, "interpolation": "nearest"}, nearest, shape)
    exact = in_torch(mode="nearest-exact", size=(7, 7))
    yield case("torch nearest-exact", {"outputSize": [7, 7], "interpolation": "nearest"}, exact, shape)
    for mode in ("bilinear", "bicubic"):
        for aligned in (False, True):
            options = {"interpolation": mode, "alignCorners": aligned}
            if mode == "bicubic":
                options["cubic"] = "torch"
            what = f"torch {mode}, {'aligned' if aligned else 'half-pixel'}"
            whole = in_torch(mode=mode, align_corners=aligned, scale_factor=2)
            yield case(f"{what}, size 2", {"size": 2, **options}, whole, shape)
            # 1.6 times 4 and 3 is 6.4 and 4.8: the lengths 6 and 4 alone give the scale.
            part = in_torch(mode=mode, align_corners=aligned, scale_factor=1.6, recompute_scale_factor=True)
            yield case(f"{what}, size 1.6", {"size": 1.6, **options}, part, shape)
            to = in_torch(mode=mode, align_corners=aligned, size=(9, 2))
            yield case(f"{what}, to 9×2", {"outputSize": [9, 2], **options}, to, shape)


def cases():
    return [*keras_cases(), *tensorflow_cases(), *torch_cases()]
