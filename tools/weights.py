"""Writes files of weights with the systems whose files are read, and what their networks compute.

    python tools/weights.py tests/fixtures/weights           the small files that are committed
    python tools/weights.py FOLDER small                     the same, fresh
    python tools/weights.py FOLDER networks                  whole residual networks

Beside the files stands `expected.json`: for each file the input and the output of the network whose
weights it holds, and for the files of mixed types the values. The weights are random and the same in
every run.
"""

import functools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "golden"))
from _systems import cifar_resnet20, load_slim, load_torchvision  # sets the environment of TensorFlow
from write import plain  # sets that of Keras

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras
import torch
from safetensors.torch import save_file

slim, slim_nets = load_slim()
torchvision = load_torchvision()

import timm
from tf_slim.nets import resnet_utils

SIZE = 7
IMAGE = (1, SIZE, SIZE, 2)


def values(shape, seed, low=-1.0, high=1.0):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def fill(name, shape, seed, outputs=-1):
    """A variance is positive; a kernel keeps the size of what it sees, after ReLU too."""
    if "var" in name:
        return values(shape, seed, 0.5, 1.5)
    if len(shape) == 1:
        is_scale = "gamma" in name or name.endswith(".weight")
        return values(shape, seed, 0.5, 1.0) if is_scale else values(shape, seed, -0.2, 0.2)
    fan_in = np.prod(shape) / shape[outputs] if shape else 1
    return values(shape, seed) * np.float32(np.sqrt(6 / fan_in))


# --- torch -------------------------------------------------------------------------------------


class TorchNet(torch.nn.Module):
    """One of each kind of layer whose layout differs from tf.layers'."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(
            torch.nn.Conv2d(2, 3, (3, 2), stride=2),
            torch.nn.BatchNorm2d(3),
            torch.nn.ReLU(),
        )
        self.depthwise = torch.nn.Conv2d(3, 3, 2, groups=3)
        self.up = torch.nn.ConvTranspose2d(3, 4, (2, 3), bias=False)
        self.fc = torch.nn.Linear(4, 5)

    def forward(self, x):
        return self.fc(self.up(self.depthwise(self.features(x))).mean((2, 3)))


def fill_torch(model):
    model.eval()
    with torch.no_grad():
        for seed, (name, tensor) in enumerate(model.state_dict().items()):
            if tensor.dtype.is_floating_point:
                tensor.copy_(torch.tensor(fill(name, tuple(tensor.shape), seed, 0)))
    return model


def run_torch(model, x):
    with torch.no_grad():
        return model(torch.tensor(x).permute(0, 3, 1, 2).contiguous()).numpy()


def write_torch(file, model, x):
    fill_torch(model)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, file)
    return {"x": x, "y": run_torch(model, x)}


def write_types(file):
    numbers = torch.tensor([[0.0, -1.5, 2.25], [1e-7, -65504.0, 3.0]])
    floats = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
    whole = torch.tensor([0, 1, 100])
    integers = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
    tensors = {str(t)[6:]: numbers.to(t) for t in floats} | {str(t)[6:]: whole.to(t) for t in integers}
    save_file(tensors, file, metadata={"format": "pt"})
    return {name: tensor.to(torch.float32) for name, tensor in tensors.items()}


# --- Keras 3, and Keras 2 as tf-keras -------------------------------------------------------------


def keras_net(keras):
    layers = keras.layers
    inner = [keras.Input((SIZE - 4, SIZE - 4, 3)), layers.Conv2D(2, 2, name="narrow"), layers.BatchNormalization(name="bn")]
    x = keras.Input(IMAGE[1:])
    y = layers.Conv2D(3, 3, use_bias=False, name="conv")(x)
    y = layers.DepthwiseConv2D(3, name="depthwise")(y)
    y = keras.Sequential(inner, name="inner")(y)
    y = layers.Conv2DTranspose(2, 3, strides=2, name="up")(y)
    y = layers.GlobalAveragePooling2D(name="mean")(y)
    model = keras.Model(x, layers.Dense(4, name="top")(layers.Dropout(0.5, name="drop")(y)))
    # Files also hold the optimizer's variables.
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def renorm_net():
    """Batch renormalisation, which Keras 3 no longer has."""
    return tf_keras.Sequential(
        [tf_keras.Input(IMAGE[1:]), tf_keras.layers.BatchNormalization(renorm=True, name="bn")]
    )


def fill_keras(model):
    for seed, weight in enumerate(model.weights):
        weight.assign(fill(weight.name, tuple(weight.shape), seed))
    return model


def write_keras(folder, stem, model, x, kinds):
    for kind in kinds:
        save = model.save_weights if "weights" in kind else model.save
        save(folder / f"{stem}{kind}")
    expected = {"x": x, "y": model(x, training=False).numpy()}
    return {f"{stem}{kind}": expected for kind in kinds}


# --- tf-slim -----------------------------------------------------------------------------------


def slim_net(x):
    with slim.arg_scope([slim.batch_norm], is_training=False, scale=True, renorm=True):
        y = slim.conv2d(x, 3, 3, padding="VALID", normalizer_fn=slim.batch_norm, scope="net/conv1")
        y = slim.conv2d_transpose(y, 4, 3, stride=2, padding="VALID", activation_fn=None, scope="net/up")
        y = tf.reduce_mean(y, [1, 2], keepdims=True)
        return tf.squeeze(slim.conv2d(y, 5, 1, activation_fn=None, scope="net/logits"), [1, 2])


def write_slim(file, net, image, suffix=":0"):
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, image.shape)
        y = net(x)
        tf.compat.v1.train.get_or_create_global_step()
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            variables = tf.compat.v1.global_variables()
            for seed, variable in enumerate(variables):
                if variable.dtype.base_dtype == tf.float32:
                    variable.load(fill(variable.op.name, tuple(variable.shape), seed), session)
            np.savez(file, **{v.op.name + suffix: session.run(v) for v in variables})
            return {"x": image, "y": session.run(y, {x: image})}


MATRIX = np.array([[0.0, -1.5, 2.25], [1e-7, -65504.0, 3.0]])


def arrays_of_types(*whole):
    arrays = {f"f{n}": MATRIX.astype(f"f{n}") for n in (2, 4, 8)}
    return arrays | {kind: np.array([0, 1, 100]).astype(kind) for kind in whole}


def write_hdf5(file):
    """Types and layouts that h5py writes."""
    arrays = arrays_of_types("i4", "i8", "u1") | {"big": MATRIX.astype(">f4")}
    with h5py.File(file, "w") as root:
        for name, array in arrays.items():
            root[name] = array
        root.create_dataset("zipped", data=MATRIX, chunks=(1, 2), compression="gzip", shuffle=True)
    return {name: array.astype(np.float32) for name, array in (arrays | {"zipped": MATRIX}).items()}


def write_records(file):
    """Weights of a type that no number is."""
    with h5py.File(file, "w") as root:
        root["layers/dense/vars/0"] = np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")])
    return {}


def write_arrays(file):
    """Types, orders and ranks that NumPy writes."""
    arrays = arrays_of_types("i1", "i2", "i4", "i8", "u1", "b1")
    arrays["columns"] = np.asfortranarray(MATRIX.astype(np.float32))
    arrays["cube"] = values((2, 3, 4), 1).transpose(2, 0, 1)
    arrays["scalar"] = np.array(2.5, np.float32)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    np.savez_compressed(file, **arrays)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def write_small(folder):
    x = values(IMAGE, 99)
    model = fill_keras(keras_net(keras))
    old = fill_keras(keras_net(tf_keras))
    return {
        "torch.safetensors": write_torch(folder / "torch.safetensors", TorchNet(), x),
        "types.safetensors": write_types(folder / "types.safetensors"),
        "arrays.npz": write_arrays(folder / "arrays.npz"),
        "arrays.h5": write_hdf5(folder / "arrays.h5"),
        "records.weights.h5": write_records(folder / "records.weights.h5"),
        **write_keras(folder, "keras3", model, x, [".weights.h5", ".h5", ".keras"]),
        **write_keras(folder, "keras2", old, x, [".weights.h5", ".h5", ".keras"]),
        **write_keras(folder, "renorm", fill_keras(renorm_net()), x, [".h5"]),
        # Last, since a graph of TensorFlow 1 makes tf-keras's models invalid.
        "slim.npz": write_slim(folder / "slim.npz", slim_net, x),
    }


# --- whole networks ------------------------------------------------------------------------------

PHOTO = values((2, 64, 48, 3), 98)


def torchvision_network(name):
    return lambda file: write_torch(file, getattr(torchvision.models, name)(num_classes=10), PHOTO)


def timm_network(name, **options):
    return lambda file: write_torch(file, timm.create_model(name, num_classes=10, **options), PHOTO)


def keras_network(name):
    def write(file):
        options = {"weights": None, "classes": 10, "classifier_activation": None}
        model = getattr(keras.applications, name)(input_shape=PHOTO.shape[1:], **options)
        fill_keras(model).save(file)
        return {"x": PHOTO, "y": model(PHOTO, training=False).numpy()}

    return write


def slim_network(version):
    def net(x):
        with slim.arg_scope(resnet_utils.resnet_arg_scope()):
            y, _ = getattr(slim_nets[version], f"resnet_v{version}_50")(x, 10, is_training=False)
            return tf.squeeze(y, [1, 2])

    return lambda file: write_slim(file, net, PHOTO, suffix="")


narrow = {"channels": (16, 32, 64, 128), "stem_width": 8}
squeeze = {"attn_layer": functools.partial(timm.layers.SEModule, rd_ratio=1 / 4)}
narrow_v2 = {"channels": (64, 128, 256, 512), "stem_chs": 16}

NETWORKS = {
    "resnet18.safetensors": torchvision_network("resnet18"),
    "resnet50.safetensors": torchvision_network("resnet50"),
    "resnet20.safetensors": lambda file: write_torch(file, cifar_resnet20(10), PHOTO),
    "resnet18d.safetensors": timm_network("resnet18d", **narrow),
    "seresnet18.safetensors": timm_network("resnet18", block_args=squeeze),
    "resnetv2_50.safetensors": timm_network("resnetv2_50", **narrow_v2),
    "resnetv2_50d.safetensors": timm_network("resnetv2_50d", **narrow_v2),
    "ResNet50.h5": keras_network("ResNet50"),
    "ResNet50V2.keras": keras_network("ResNet50V2"),
    "resnet_v1_50.npz": slim_network(1),
    "resnet_v2_50.npz": slim_network(2),
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[2:] == ["networks"]:
        expected = {name: write(folder / name) for name, write in NETWORKS.items()}
    else:
        expected = write_small(folder)
    (folder / "expected.json").write_text(json.dumps(plain(expected)) + "\n")


if __name__ == "__main__":
    main()
