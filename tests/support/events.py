"""Reads event files with TensorBoard's own reader and prints what it finds as JSON.

    events.py values DIRECTORY   every value of a run, through the accumulator that plugins use
    events.py cuts FILE          for each length n, how many events the first n bytes hold
"""

import dataclasses
import io
import json
import logging
import math
import os
import sys
import tempfile

import numpy as np
from PIL import Image
from google.protobuf import json_format
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.util import tensor_util

logging.disable(logging.WARNING)


def plain(value):
    """JSON has no NaN and no infinities: they become strings that JavaScript's Number() reads."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def picture(png):
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    return {"shape": pixels.shape, "data": pixels.flatten().tolist()}


def values(directory):
    accumulator = event_accumulator.EventAccumulator(
        directory, size_guidance={kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE}
    )
    accumulator.Reload()
    tags = accumulator.Tags()
    result = {"scalars": {}, "histograms": {}, "images": {}, "text": {}, "graph": None}
    for tag in tags["scalars"]:
        result["scalars"][tag] = list(map(dataclasses.asdict, accumulator.Scalars(tag)))
    for tag in tags["histograms"]:
        result["histograms"][tag] = list(map(dataclasses.asdict, accumulator.Histograms(tag)))
    for tag in tags["tensors"]:
        plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
        for event in accumulator.Tensors(tag):
            found = {"step": event.step, "wall_time": event.wall_time}
            strings = tensor_util.make_ndarray(event.tensor_proto).flatten().tolist()
            if plugin == "images":
                found["size"] = [int(strings[0]), int(strings[1])]
                found["pictures"] = [picture(png) for png in strings[2:]]
            else:
                found["text"] = strings[0].decode()
            result[plugin].setdefault(tag, []).append(found)
    if tags["graph"]:
        result["graph"] = json_format.MessageToDict(accumulator.Graph())
    return result


def cuts(path):
    with open(path, "rb") as file:
        whole = file.read()
    counts = []
    with tempfile.TemporaryDirectory() as directory:
        cut = os.path.join(directory, "events.out.tfevents.1.cut")
        for length in range(len(whole) + 1):
            with open(cut, "wb") as file:
                file.write(whole[:length])
            counts.append(len(list(event_file_loader.RawEventFileLoader(cut).Load())))
    return counts


if __name__ == "__main__":
    command, path = sys.argv[1:]
    found = {"values": values, "cuts": cuts}[command](path)
    json.dump(plain(found), sys.stdout)
