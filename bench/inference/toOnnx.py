"""The network that describe.ts wrote (network.json and weights.bin in a folder), as model.onnx there.

    pip install onnx
    python bench/inference/toOnnx.py FOLDER

Tensors of images are [n, c, h, w] in ONNX and [n, h, w, c] in tfjs; kernels are turned accordingly, and
a flattened or reshaped image goes through a Transpose, so that dense layers see tfjs's order.
"""

import json
import sys
from math import ceil, prod
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}


class Graph:
    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.initializers = []

    def constant(self, values):
        name = f"w{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def add(self, op):
        config, output = op["config"], op["output"]
        weights = [
            self.weights[start : start + prod(shape)].reshape(shape)
            for start, shape in zip(op["starts"], op["shapes"])
        ]
        activation = config.get("activation", "linear")
        linear = output if activation == "linear" else f"{output}_linear"
        getattr(self, op["kind"])(op, config, weights, linear)
        if activation != "linear" and op["kind"] != "Activation":
            self.node(ACTIVATIONS[activation], [linear], output)

    def Conv2D(self, op, config, weights, output):
        kernel, *bias = weights
        window = self.window(op, config, kernel.shape[:2])
        inputs = [op["inputs"][0], self.constant(kernel.transpose(3, 2, 0, 1))]
        self.node("Conv", inputs + [self.constant(b) for b in bias], output, **window)

    def Conv2DTranspose(self, op, config, weights, output):
        kernel, *bias = weights
        # The adjoint of a convolution of the output's size: its padding is cut off.
        window = self.window({"from": op["to"], "to": op["from"]}, config, kernel.shape[:2])
        inputs = [op["inputs"][0], self.constant(kernel.transpose(3, 2, 0, 1))]
        self.node("ConvTranspose", inputs + [self.constant(b) for b in bias], output, **window)

    def window(self, op, config, kernel):
        strides = config.get("strides") or kernel
        sizes = zip(op["from"][1:3], op["to"][1:3], kernel, strides)
        same = config["padding"] == "same"
        total = [max(0, (o - 1) * s + k - i) if same else 0 for i, o, k, s in sizes]
        pads = [t // 2 for t in total] + [ceil(t / 2) for t in total]
        return {"kernel_shape": list(kernel), "strides": list(strides), "pads": pads}

    def MaxPooling2D(self, op, config, weights, output):
        window = self.window(op, config, config["poolSize"])
        self.node("MaxPool", op["inputs"], output, **window)

    def BatchNormalization(self, op, config, weights, output):
        gamma, beta, mean, variance = map(self.constant, weights)
        inputs = [*op["inputs"], gamma, beta, mean, variance]
        self.node("BatchNormalization", inputs, output, epsilon=config["epsilon"])

    def Activation(self, op, config, weights, output):
        self.node(ACTIVATIONS[config["activation"]], op["inputs"], op["output"])

    def Add(self, op, config, weights, output):
        self.node("Add", op["inputs"], output)

    def ZeroPadding2D(self, op, config, weights, output):
        (top, bottom), (left, right) = config["padding"]
        pads = self.constant(np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
        self.node("Pad", [*op["inputs"], pads], output)

    def GlobalAveragePooling2D(self, op, config, weights, output):
        pooled = self.node("GlobalAveragePool", op["inputs"], f"{output}_pooled")
        self.node("Flatten", [pooled], output)

    def Dense(self, op, config, weights, output):
        kernel, *bias = weights
        inputs = [op["inputs"][0], self.constant(kernel)]
        self.node("Gemm", inputs + [self.constant(b) for b in bias], output)

    def Flatten(self, op, config, weights, output):
        turned = self.node("Transpose", op["inputs"], f"{output}_turned", perm=[0, 2, 3, 1])
        self.node("Flatten", [turned], output)

    def Reshape(self, op, config, weights, output):
        shape = self.constant(np.array([-1, *config["targetShape"]], np.int64))
        image = self.node("Reshape", [op["inputs"][0], shape], f"{output}_image")
        self.node("Transpose", [image], output, perm=[0, 3, 1, 2])


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def turned(shape):
    return [shape[0], shape[3], shape[1], shape[2]] if len(shape) == 4 else shape


def main(folder):
    network = json.loads((folder / "network.json").read_text())
    graph = Graph(np.fromfile(folder / "weights.bin", "<f4"))
    for op in network["ops"]:
        graph.add(op)
    inputs = [value(network["input"], turned(network["inputShape"]))]
    outputs = [value(network["output"], turned(network["outputShape"]))]
    made = helper.make_graph(graph.nodes, "network", inputs, outputs, graph.initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "model.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
