"""Batch normalisation in Keras, tf-keras, torch and TensorFlow, as BatchNorm's options.

Five training steps: each output, the moving statistics after each, the gradients of the last one,
and the inference that follows.
"""

import keras
import numpy as np
import tensorflow as tf
import tf_keras
import torch
from tensorflow.python.training import moving_averages

SHAPE = (4, 3, 2, 3)
GAMMA = np.array([1.5, -0.5, 0.75], np.float32)
BETA = np.array([0.25, -1, 0.5], np.float32)


def values(shape, seed):
    """Sixteenths in [−2, 2]: exact in float32 and short in JSON."""
    return (np.random.default_rng(seed).integers(-32, 33, shape) / 16).astype(np.float32)


BATCHES = [values(SHAPE, seed) + np.float32(seed / 4) for seed in range(5)]
DY = values(SHAPE, 9)
MASK = np.array([[1, 1, 0, 1, 0, 1], [1, 0, 0, 0, 0, 0], [1] * 6, [0, 1, 1, 1, 1, 0]], bool)


def keras_case(name, options, mask=None, make=keras.layers.BatchNormalization, **args):
    # A mask of Keras is [batch, steps].
    shape = SHAPE if mask is None else (*mask.shape, SHAPE[-1])
    layer = make(**args)
    layer.build(shape)
    layer.gamma.assign(GAMMA)
    layer.beta.assign(BETA)
    steps = []
    for batch in BATCHES:
        x = tf.Variable(batch.reshape(shape))
        with tf.GradientTape() as tape:
            y = layer(x, training=True, mask=mask)
        statistics = moving(layer.moving_mean, layer.moving_variance)
        extra = {name: layer_weight(layer, name) for name in RENORM if args.get("renorm")}
        steps.append({"x": x.numpy(), "y": y.numpy(), **statistics, **extra})
    # A variable of Keras 3 holds TensorFlow's, one of tf-keras is it.
    gamma, beta = (v if isinstance(v, tf.Variable) else v.value for v in (layer.gamma, layer.beta))
    sources = [x, gamma, beta]
    dx, dgamma, dbeta = tape.gradient(y, sources, output_gradients=tf.reshape(DY, shape))
    gradients = {"dy": DY.reshape(shape), "dx": dx.numpy(), "dgamma": dgamma.numpy(), "dbeta": dbeta.numpy()}
    inference = layer(tf.reshape(BATCHES[0], shape), training=False).numpy()
    case = {"name": name, "options": options, "steps": steps, **gradients, "inference": inference}
    return case if mask is None else {**case, "mask": mask.astype(np.int32)}


# What a layer has beside the moving mean and variance with batch renormalisation.
RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")


def layer_weight(layer, name):
    return getattr(layer, name).numpy()


def renorm_case(name, options, mask=None, **args):
    """tf-keras, whose layer is that of TensorFlow 1 and of tf-slim; no other system has it."""
    clipping = options.get("renormClipping")
    momentum = options.get("renormMomentum", 0.99)
    args = {**args, "renorm": True, "renorm_clipping": clipping, "renorm_momentum": momentum}
    layer = tf_keras.layers.BatchNormalization
    return keras_case(name, {"variance": "biased", "renorm": True, **options}, mask, layer, **args)


def moving(mean, variance):
    return {"mean": np.array(mean), "variance": np.array(variance)}


def torch_case(name, options, **args):
    layer = torch.nn.BatchNorm2d(SHAPE[-1], **args)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(GAMMA))
        layer.bias.copy_(torch.tensor(BETA))
    steps = []
    for batch in BATCHES:
        x = torch.tensor(batch, requires_grad=True)
        y = layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        statistics = moving(layer.running_mean.clone(), layer.running_var.clone())
        steps.append({"x": batch, "y": y, **statistics})
    sources = [x, layer.weight, layer.bias]
    dx, dgamma, dbeta = torch.autograd.grad(y, sources, torch.tensor(DY))
    layer.eval()
    inference = layer(torch.tensor(BATCHES[0]).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    gradients = {"dy": DY, "dx": dx, "dgamma": dgamma, "dbeta": dbeta}
    return {"name": name, "options": options, "steps": steps, **gradients, "inference": inference}


def averages_case(name, options, decay, weights=None, zero_debias=False):
    """TF1's update ops: batch moments, weighted or not, into assign_moving_average."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, SHAPE)
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        if weights is not None:
            mean, variance = tf.nn.weighted_moments(x, [0, 1, 2], weights.reshape(-1, 1, 1, 1))
        moving_mean = tf.compat.v1.get_variable("mean", SHAPE[-1:], initializer=tf.zeros_initializer())
        moving_variance = tf.compat.v1.get_variable("var", SHAPE[-1:], initializer=tf.ones_initializer())
        assign = moving_averages.assign_moving_average
        updates = [
            assign(moving_mean, mean, decay, zero_debias=zero_debias),
            assign(moving_variance, variance, decay, zero_debias=False),
        ]
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            steps = []
            for batch in BATCHES:
                session.run(updates, {x: batch})
                steps.append({"x": batch, **moving(*session.run([moving_mean, moving_variance]))})
    case = {"name": name, "options": options, "steps": steps}
    return case if weights is None else {**case, "weights": weights}


def cases():
    biased = {"variance": "biased"}
    weights = np.array([0.5, 2, 0, 1.25], np.float32)
    return [
        keras_case("Keras defaults", biased),
        keras_case(
            "Keras momentum and epsilon",
            {**biased, "momentum": 0.8, "epsilon": 0.01},
            momentum=0.8,
            epsilon=0.01,
        ),
        keras_case(
            "Keras with a mask",
            {**biased, "momentum": 0.8},
            momentum=0.8,
            mask=MASK,
        ),
        renorm_case("tf-keras renorm", {}),
        renorm_case(
            "tf-keras renorm with clipping and momenta",
            {
                "momentum": 0.8,
                "epsilon": 0.01,
                "renormMomentum": 0.6,
                "renormClipping": {"rmin": 0.75, "rmax": 1.5, "dmax": 0.25},
            },
            momentum=0.8,
            epsilon=0.01,
        ),
        renorm_case(
            "tf-keras renorm with rmax alone and a mask",
            {"momentum": 0.8, "renormMomentum": 0.9, "renormClipping": {"rmax": 1.125}},
            MASK,
            momentum=0.8,
        ),
        torch_case("torch defaults", {"momentum": 0.9, "epsilon": 1e-5}),
        torch_case("torch momentum=None", {"momentum": None, "epsilon": 1e-5}, momentum=None),
        averages_case("slim batch_weights", {**biased, "momentum": 0.8}, 0.8, weights=weights),
        averages_case(
            "slim zero_debias_moving_mean",
            {**biased, "momentum": 0.8, "zeroDebias": True},
            0.8,
            zero_debias=True,
        ),
    ]
