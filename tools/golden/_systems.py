"""Other systems as they can be imported here: tf-slim, torchvision, and networks that neither has."""

import functools
import importlib
import importlib.util
import os
import sys
from pathlib import Path

# tf-slim is written for TensorFlow 1, whose layers are tf-keras's. TensorFlow reads it once.
os.environ["TF_USE_LEGACY_KERAS"] = "1"


@functools.cache
def load_slim():
    """tf_slim, and its modules of residual networks by version."""
    for module in ("", ".base", ".convolutional", ".core", ".normalization", ".pooling"):
        # Where TensorFlow 2.21 looks for them, and where tf-keras 2.21 has them.
        real = importlib.import_module(f"tf_keras.src.legacy_tf_layers{module}")
        sys.modules[f"tf_keras.legacy_tf_layers{module}"] = real
    import tf_slim
    from tf_slim.nets import resnet_v1, resnet_v2

    return tf_slim, {1: resnet_v1, 2: resnet_v2}


@functools.cache
def load_torchvision():
    import torch

    try:
        torch.ops.load_library(Path(importlib.util.find_spec("torchvision").origin).with_name("_C.so"))
    except OSError:
        # The binary is for another build of torch. Networks need nothing of it, the import these
        # names, for as long as the process lives.
        load_torchvision.library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            arguments = "Tensor dets, Tensor scores, float iou_threshold"
            load_torchvision.library.define(f"{name}({arguments}) -> Tensor")
    import torchvision

    return torchvision


def cifar_resnet20(classes):
    """He et al. 2015, section 4.2, with projections: three stages of three basic blocks."""
    load_torchvision()
    import torch
    from torch import nn
    from torchvision.models.resnet import BasicBlock

    def stage(inputs, filters, stride):
        conv = nn.Conv2d(inputs, filters, 1, stride, bias=False)
        shortcut = nn.Sequential(conv, nn.BatchNorm2d(filters)) if stride > 1 else None
        rest = [BasicBlock(filters, filters) for _ in range(2)]
        return nn.Sequential(BasicBlock(inputs, filters, stride, shortcut), *rest)

    class ResNet20(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(16)
            # What comes out of it can be looked at.
            self.stem = nn.Identity()
            self.layer1 = stage(16, 16, 1)
            self.layer2 = stage(16, 32, 2)
            self.layer3 = stage(32, 64, 2)
            self.fc = nn.Linear(64, classes)

        def forward(self, x):
            x = self.stem(torch.relu(self.bn1(self.conv1(x))))
            x = self.layer3(self.layer2(self.layer1(x)))
            return self.fc(x.mean((2, 3)))

    return ResNet20()
