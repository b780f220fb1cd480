"""Whole residual networks of tf-slim, Keras, torchvision and timm, as resNetV1 and resNetV2.

No weights are stored: both sides make them by one formula from the weight's name in tfjs-blocks,
and the images from their size. Of every tensor inside, its shape, the mean of its absolute values
and a few elements are kept.
"""

import re

import numpy as np
from _systems import cifar_resnet20, load_slim, load_torchvision

CLASSES = 10
# Height and width of the images in inference: even, and odd.
SIZES = [(64, 64), (65, 49)]
SAMPLES = 5

# Sums over whole networks in another order differ by more than those of one layer.
TOLERANCE = 1e-4


# ---- The formula, also in tests/blocks/formula.ts.


def noise(count, seed):
    """`count` steps of a linear congruential generator in [−1, 1)."""
    with np.errstate(over="ignore"):
        factors = np.cumprod(np.full(count, 1664525, np.uint32), dtype=np.uint32)
        ones = np.concatenate([[np.uint32(1)], factors[:-1]])
        offsets = np.cumsum(ones, dtype=np.uint32) * np.uint32(1013904223)
        states = factors * np.uint32(seed) + offsets
    return (states / 2**31 - 1).astype(np.float32)


def seed_of(name):
    """FNV-1a."""
    state = 2166136261
    for char in name.encode():
        state = ((state ^ char) * 16777619) % 2**32
    return state


def weight(name, shape):
    """The value of a weight, by its name and shape in tfjs-blocks."""
    values = noise(int(np.prod(shape)), seed_of(name)).reshape(shape)
    kind = name.split("/")[-1]
    if kind == "kernel":
        return values * np.float32(np.sqrt(6 / np.prod(shape[:-1])))
    return values / 4 + np.float32(1 if kind in ("gamma", "moving_variance") else 0)


def image(batch, size):
    shape = (batch, *size, 3)
    return noise(int(np.prod(shape)), seed_of("image")).reshape(shape)


# ---- What is kept of a tensor.


def samples(tensor):
    """Elements evenly spread over the whole tensor."""
    flat = np.asarray(tensor, np.float32).ravel()
    # Logits and other short ones whole.
    count = flat.size if flat.size <= 16 else SAMPLES
    at = [i * flat.size // count for i in range(count)]
    return {
        "shape": list(np.shape(tensor)),
        "magnitude": float(np.float32(np.abs(flat.astype(np.float64)).mean())),
        "samples": [float(str(flat[i])) for i in at],
    }


def points_of(tensors):
    return {name: samples(tensor) for name, tensor in tensors.items()}


def case(name, network, parameters, results):
    """`network` are the arguments of resNetV1 or resNetV2; `parameters` are with 1000 classes."""
    return {"name": name, **network, "parameters": parameters, "results": results}


# ---- tf-slim


def slim_path(name):
    """A scope of tf-slim as the block and the path inside it: `stage1_block2/`, `conv1`."""
    _, *path = name.split(":")[0].split("/")
    if not path[0].startswith("block"):
        return "", path
    if len(path) == 1:
        return f"stage{path[0][5:]}", []
    return f"stage{path[0][5:]}_block{path[1][5:]}", path[3:]


def slim_norm(layer, inside, version):
    """The normalisation after a convolution: before normalisation, it is the next one's."""
    if not inside:
        return "stem_bn"
    return "shortcut_bn" if layer == "shortcut" else f"bn{int(layer[-1]) + version - 1}"


def slim_weight(name, version):
    block, [layer, *path] = slim_path(name)
    leaf = {"weights": "kernel", "biases": "bias"}.get(path[-1], path[-1])
    names = {"shortcut": "shortcut_conv", "preact": "bn1", "postnorm": "final_bn"}
    if path[0] == "BatchNorm":
        layer = slim_norm(layer, block, version)
    elif not block and layer == "conv1":
        layer = "stem_conv"
    return "/".join(filter(None, [block, names.get(layer, layer), leaf]))


def slim_point(name, version):
    block, path = slim_path(name)
    if not path or path == ["logits"]:
        return "/".join([block] * bool(block) + path)
    [layer] = path
    if version == 1 or (block and layer in ("conv1", "conv2")):
        layer = slim_norm(layer, block, version)
    else:
        layer = {"shortcut": "shortcut_conv"}.get(layer, layer) if block else "stem_conv"
    return "/".join(filter(None, [block, layer]))


def slim_case(version):
    import tensorflow as tf

    slim, nets = load_slim()
    tf1 = tf.compat.v1
    net = getattr(nets[version], f"resnet_v{version}_50")

    def build(x, classes):
        with slim.arg_scope(nets[version].resnet_arg_scope()):
            return net(x, classes, is_training=False)

    with tf.Graph().as_default():
        build(tf1.placeholder(tf.float32, (1, 64, 64, 3)), 1000)
        total = sum(v.shape.num_elements() for v in tf1.global_variables())
        trainable = sum(v.shape.num_elements() for v in tf1.trainable_variables())
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, (1, None, None, 3))
        logits, end_points = build(x, CLASSES)
        for variable in tf1.global_variables():
            name = slim_weight(variable.name, version)
            shape = [n for n in variable.shape if n != 1 or not name.startswith("logits")]
            variable.load(weight(name, shape).reshape(variable.shape), session)
        tensors = {slim_point(k, version): v for k, v in end_points.items() if "predictions" not in k}
        tensors["logits"] = logits[:, 0, 0]
        # These are no end points there.
        inner = {"stem": "pool1/MaxPool:0"} | ({"features": "postnorm/Relu:0"} if version == 2 else {})
        for name, tensor in inner.items():
            tensors[name] = session.graph.get_tensor_by_name(f"resnet_v{version}_50/{tensor}")
        results = []
        for size in SIZES:
            values = session.run(tensors, {x: image(1, size)})
            results.append({"size": size, "points": points_of(values)})
    network = {"version": version, "options": {"preset": "slim"}}
    return case(f"tf-slim resnet_v{version}_50", network, [trainable, total], results)


# ---- Keras


def keras_weight(layer, leaf, version):
    found = re.fullmatch(r"conv(\d)_block(\d+)_(\w+?)_(conv|bn)", layer)
    names = {"conv1_conv": "stem_conv", "conv1_bn": "stem_bn", "post_bn": "final_bn", "predictions": "logits"}
    if not found:
        return f"{names[layer]}/{leaf}"
    stage, block, position, kind = found.groups()
    if position == "0":
        position = f"shortcut_{kind}"
    elif position == "preact":
        position = "bn1"
    else:
        position = f"{kind}{int(position) + (kind == 'bn') * (version - 1)}"
    return f"stage{int(stage) - 1}_block{block}/{position}/{leaf}"


def keras_case(version):
    import keras

    net = getattr(keras.applications, "ResNet50" + ("" if version == 1 else "V2"))
    full = net(weights=None)
    counts = [sum(int(np.prod(w.shape)) for w in ws) for ws in (full.trainable_weights, full.weights)]
    results = []
    for size in SIZES:
        model = net(weights=None, classes=CLASSES, classifier_activation=None, input_shape=(*size, 3))
        for layer in model.layers:
            names = [keras_weight(layer.name, w.name, version) for w in layer.weights]
            layer.set_weights([weight(name, w.shape) for name, w in zip(names, layer.weights)])
        tensors = {"stem": model.get_layer("pool1_pool").output, "logits": model.output}
        for layer in model.layers:
            if found := re.fullmatch(r"conv(\d)_block(\d+)_out", layer.name):
                tensors[f"stage{int(found[1]) - 1}_block{found[2]}"] = layer.output
        if version == 2:
            tensors["features"] = model.get_layer("post_relu").output
        values = keras.Model(model.inputs, tensors)(image(1, size))
        results.append({"size": size, "points": points_of(values)})
    network = {"version": version, "options": {"preset": "keras", "classifierActivation": "linear"}}
    return case(f"Keras ResNet50{'' if version == 1 else 'V2'}", network, counts, results)


# ---- torch


# What modules of torchvision and timm are called in tfjs-blocks, in order.
TORCH_NAMES = [
    (r"^layer(\d)\.(\d+)", lambda m: f"stage{m[1]}_block{int(m[2]) + 1}"),
    (r"^stages\.(\d)\.blocks\.(\d+)", lambda m: f"stage{int(m[1]) + 1}_block{int(m[2]) + 1}"),
    (r"downsample\.(\d)$", lambda m: "shortcut_conv" if m[1] == "0" else "shortcut_bn"),
    (r"downsample\.conv$", "shortcut_conv"),
    (r"^conv1$|^stem\.conv$", "stem_conv"),
    (r"^bn1$", "stem_bn"),
    (r"^norm$", "final_bn"),
    (r"\.norm(\d)$", r".bn\1"),
    (r"^fc$|^head\.fc$|^linear$", "logits"),
]

# ResNet-D: three convolutions, and a pooling before the projection.
DEEP_NAMES = [
    (r"^conv1\.(\d)$", lambda m: f"stem_{'conv' if int(m[1]) % 3 == 0 else 'bn'}{int(m[1]) // 3 + 1}"),
    (r"^bn1$", "stem_bn3"),
    (r"downsample\.1$", "shortcut_conv"),
    (r"downsample\.2$", "shortcut_bn"),
]


def torch_layer(module, deep):
    for pattern, name in (DEEP_NAMES if deep else []) + TORCH_NAMES:
        module = re.sub(pattern, name, module)
    return module.replace(".", "/")


def torch_weight(parameter, rank, deep):
    module, _, leaf = parameter.rpartition(".")
    layer = torch_layer(module, deep)
    norm = "bn" in layer.split("/")[-1]
    names = {"weight": "gamma", "bias": "beta"} if norm else {"weight": "kernel"}
    running = {"running_mean": "moving_mean", "running_var": "moving_variance"}
    return f"{layer}/{ {**names, **running}.get(leaf, leaf)}"


# The axes of a kernel of ours in torch's order, and back.
TO_TORCH = {4: (3, 2, 0, 1), 2: (1, 0)}
FROM_TORCH = {4: (2, 3, 1, 0), 2: (1, 0)}


def ours(tensor, name):
    """A kernel of torch in our layout; a 1×1 classifier as a dense one."""
    array = tensor.detach().numpy()
    if name == "logits/kernel":
        array = array.reshape(array.shape[:2])
    return array.transpose(FROM_TORCH[array.ndim]) if name.endswith("/kernel") else array


def fill_torch(torch, net, deep):
    """Gives every weight its value; returns our names of the trainable ones."""
    names = {}
    for key, tensor in net.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        name = names[key] = torch_weight(key, tensor.ndim, deep)
        value = weight(name, ours(tensor, name).shape)
        if name.endswith("/kernel"):
            value = value.transpose(TO_TORCH[value.ndim])
        tensor.copy_(torch.tensor(value.reshape(tensor.shape).copy()))
    return {names[key]: parameter for key, parameter in net.named_parameters()}


def torch_points(torch, net, deep, x):
    """The outputs of the stem, of each block, of what is pooled, and the logits."""
    tensors = {}

    def keep(name):
        def hook(_, __, output):
            tensors[name] = output.detach().permute(0, 2, 3, 1)

        return hook

    hooks = []
    for module, child in net.named_modules():
        name = torch_layer(module, deep)
        name = {"maxpool": "stem", "stem/pool": "stem", "final_bn": "features"}.get(name, name)
        if name in ("stem", "features") or re.fullmatch(r"stage\d_block\d+", name):
            hooks.append(child.register_forward_hook(keep(name)))
    tensors["logits"] = net(x).detach()
    for hook in hooks:
        hook.remove()
    return points_of(tensors)


def torch_image(torch, batch, size):
    return torch.tensor(image(batch, size).transpose(0, 3, 1, 2).copy())


def torch_case(name, make, version, options, train=None, counts=True):
    import torch

    deep = options.get("stem") == "deep"
    parameters = None
    if counts:
        full = make(1000)
        trainable = sum(p.numel() for p in full.parameters())
        running = sum(b.numel() for n, b in full.named_buffers() if "num_batches" not in n)
        parameters = [trainable, trainable + running]
    net = make(CLASSES).eval()
    with torch.no_grad():
        fill_torch(torch, net, deep)
        results = [
            {"size": size, "points": torch_points(torch, net, deep, torch_image(torch, 1, size))}
            for size in SIZES
        ]
    whole = case(name, {"version": version, "options": options}, parameters, results)
    return {**whole, "training": training(torch, net, deep, train)} if train else whole


def training(torch, net, deep, size):
    """One training pass: the loss Σ logits·noise, its gradients, and the moving averages after it."""
    batch = 4
    net.train()
    with torch.no_grad():
        trainable = fill_torch(torch, net, deep)
    logits = net(torch_image(torch, batch, size))
    loss = (logits * torch.tensor(noise(batch * CLASSES, seed_of("loss")).reshape(batch, CLASSES))).sum()
    loss.backward()
    gradients = {name: samples(ours(p.grad, name)) for name, p in trainable.items()}
    averages = {
        torch_weight(key, buffer.ndim, deep): samples(buffer)
        for key, buffer in net.named_buffers()
        if "num_batches" not in key
    }
    return {"size": size, "loss": loss.item(), "gradients": gradients, "averages": averages}


def cases():
    torchvision = load_torchvision()
    import timm

    def vision(name):
        return lambda classes: getattr(torchvision.models, name)(num_classes=classes)

    def image_models(name):
        return lambda classes: timm.create_model(name, num_classes=classes)

    # The gradients are of the small ones: those of deep ones amplify what float32 rounds off.
    return [
        torch_case("torchvision resnet18", vision("resnet18"), 1, {"depth": 18}, train=(64, 64)),
        torch_case("torchvision resnet50", vision("resnet50"), 1, {}),
        torch_case(
            "timm resnet18d",
            image_models("resnet18d"),
            1,
            {"depth": 18, "stem": "deep", "shortcut": "avgProjection"},
            train=(64, 64),
        ),
        torch_case("timm resnetv2_50", image_models("resnetv2_50"), 2, {}),
        torch_case("CIFAR ResNet-20", cifar_resnet20, 1, {"depth": 20}, train=(32, 32), counts=False),
        keras_case(1),
        keras_case(2),
        slim_case(1),
        slim_case(2),
    ]
