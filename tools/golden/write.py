"""Writes the golden values of other systems into tests/fixtures, or checks those that are there.

    python tools/golden/write.py [topic ...]            writes tests/fixtures/<topic>.json
    python tools/golden/write.py --check [topic ...]    recomputes, names what differs, writes nothing

A topic is a module beside this file (a leading underscore marks a helper) with a function `cases()`
that returns or yields dicts, the same in every run. Each has a `name` of its own; arrays and tensors
of numpy, TensorFlow and torch may stand anywhere in it and are written as {"shape", "data"}, with
the digits that give each float32 back exactly. NaN and infinities have no place in JSON: refused.
"""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np

HERE = Path(__file__).parent
FIXTURES = HERE.parent.parent / "tests" / "fixtures"

# Machines differ in the order of their sums: allowed, relative to the largest element of a tensor,
# where a topic has no TOLERANCE of its own.
TOLERANCE = 1e-5


def plain(value):
    """The value as JSON holds it."""
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "shape"):
        array = np.asarray(value)
        return {"shape": list(array.shape), "data": [number(v) for v in array.ravel()]}
    return value


def number(value):
    """The shortest number that rounds to the same float32; an integer without a point."""
    exact = value.item()
    if isinstance(exact, float):
        exact = float(str(np.float32(exact)))
        return int(exact) if exact.is_integer() and abs(exact) < 1e9 else exact
    return exact


def compute(topic):
    cases = [plain(case) for case in importlib.import_module(topic).cases()]
    names = [case["name"] for case in cases]
    if len(set(names)) < len(names):
        raise ValueError(f"{topic}: two cases have the same name")
    return cases


def text(cases):
    """One case a line, so that a diff shows which ones changed."""
    lines = (json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def differences(expected, actual, path, tolerance=TOLERANCE):
    """Where two plain values differ by more than the tolerance, as lines to print."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        missing = [f"{path} {key}: not in the fixture" for key in actual.keys() - expected.keys()]
        unknown = [f"{path} {key}: no longer computed" for key in expected.keys() - actual.keys()]
        if missing or unknown:
            return sorted(missing + unknown)
        return [d for key in expected for d in differences(expected[key], actual[key], f"{path} {key}", tolerance)]
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{path}: has {len(expected)} elements, computed {len(actual)}"]
        if not all(is_number(v) for v in expected + actual):
            pairs = zip(expected, actual)
            return [d for i, (e, a) in enumerate(pairs) for d in differences(e, a, f"{path}[{i}]", tolerance)]
        errors = [abs(e - a) for e, a in zip(expected, actual)]
        worst = max(range(len(errors)), key=errors.__getitem__, default=None)
        allowed = tolerance * max([1, *map(abs, expected)])
        if worst is None or errors[worst] <= allowed:
            return []
        return [f"{path}[{worst}]: has {expected[worst]}, computed {actual[worst]}"]
    if is_number(expected) and is_number(actual):
        return differences([expected], [actual], path, tolerance)
    return [] if expected == actual else [f"{path}: has {expected}, computed {actual}"]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def by_name(cases):
    return {case["name"]: case for case in cases}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("topics", nargs="*", help="default: all")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="default: tests/fixtures")
    args = parser.parse_args()

    sys.path.insert(0, str(HERE))
    found = sorted(p.stem for p in HERE.glob("*.py") if p.stem != "write" and p.stem[0] != "_")
    failed = False
    for topic in args.topics or found:
        cases = compute(topic)
        file = args.fixtures / f"{topic}.json"
        if args.check:
            # Through JSON and back, as the fixture went.
            computed = by_name(json.loads(text(cases)))
            stored = by_name(json.loads(file.read_text())) if file.exists() else {}
            tolerance = getattr(sys.modules[topic], "TOLERANCE", TOLERANCE)
            lines = differences(stored, computed, topic, tolerance)
            failed = failed or bool(lines)
            print("\n".join(lines) or f"{topic}: {len(cases)} cases agree")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(cases))
            print(f"{topic}: {len(cases)} cases, {file.stat().st_size} bytes")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
