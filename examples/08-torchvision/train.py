"""Trains the network of this example in torchvision, and writes what the example reads.

    python examples/08-torchvision/train.py

`digits.safetensors` is its state_dict in half precision, `torch.json` what it makes of the 1,000 held-out
digits. Needs the Python packages of tools/golden/requirements.txt, and Node for the digits.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "golden"))
from _systems import load_torchvision

load_torchvision()
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

FILTERS = 6
EPOCHS = 12
BATCH = 50
# torchvision's networks see three channels, and those with this mean and deviation.
MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)

WRITE_DIGITS = """
import { loadDigits } from './examples/00-digits/data.js';
const { train, heldOut } = await loadDigits(10_000);
for (const { pixels, digits } of [train, heldOut]) {
  process.stdout.write(new Uint8Array(pixels.buffer));
  process.stdout.write(digits);
}
"""


def load_digits():
    """Images `[n, 1, 28, 28]` and what they show, to train with and held out: those of the examples."""
    command = ["node", "--input-type=module", "-e", WRITE_DIGITS]
    data = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    splits = []
    for count in (9000, 1000):
        pixels = np.frombuffer(data, np.float32, count * 784).reshape(count, 1, 28, 28)
        digits = np.frombuffer(data, np.uint8, count, pixels.nbytes)
        splits.append((torch.tensor(pixels), torch.tensor(digits).long()))
        data = data[pixels.nbytes + count :]
    return splits


def make_network():
    """torchvision's ResNet-18 with a tenth of its channels, and ten classes."""
    network = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10)
    network.conv1 = nn.Conv2d(3, FILTERS, 7, stride=2, padding=3, bias=False)
    network.bn1 = nn.BatchNorm2d(FILTERS)
    network.inplanes = FILTERS
    for i in range(4):
        stage = network._make_layer(BasicBlock, FILTERS * 2**i, 2, stride=min(2, i + 1))
        setattr(network, f"layer{i + 1}", stage)
    network.fc = nn.Linear(FILTERS * 8, 10)
    return network


def prepare(images):
    return (images.expand(-1, 3, -1, -1) - MEAN) / DEVIATION


def shifted(images):
    """Up to two pixels to any side."""
    down, right = np.random.randint(-2, 3, 2)
    return torch.roll(images, (int(down), int(right)), (2, 3))


def train(network, images, digits):
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    steps = EPOCHS * len(images) // BATCH
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            logits = network(prepare(shifted(images[batch])))
            loss = nn.functional.cross_entropy(logits, digits[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {loss.item():.3f}")


def main():
    torch.set_num_threads(1)  # the same sums in every run
    torch.manual_seed(1)
    np.random.seed(1)
    (images, digits), (held_out, answers) = load_digits()
    network = make_network()
    train(network, images, digits)
    # From here on with the numbers that the file holds.
    half = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in network.state_dict().items()
    }
    save_file(half, FOLDER / "digits.safetensors")
    network.load_state_dict(half)
    network.eval()
    with torch.no_grad():
        logits = network(prepare(held_out))
    right = [int(((logits.argmax(1) == i) & (answers == i)).sum()) for i in range(10)]
    print(f"{sum(right)} of {len(held_out)} right")
    best, second = logits.topk(2).values.T
    print(f"the closest call: {(best - second).min():.4f}")
    result = {"right": right, "logits": [[round(v, 5) for v in row] for row in logits[:4].tolist()]}
    (FOLDER / "torch.json").write_text(json.dumps(result, indent=2) + "\n")


main()
