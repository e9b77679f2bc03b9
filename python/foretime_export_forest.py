#!/usr/bin/env python3
"""Writes the trees of a pickled scikit-learn forest as JSON, without executing the pickle.

    python3 foretime_export_forest.py conv-bn-relu.pkl conv-bn-relu.json

Read are plain pickles of a RandomForestRegressor, an ExtraTreesRegressor or a DecisionTreeRegressor with one
output, of any scikit-learn since 0.22, nn-Meter's released predictors among them. Neither scikit-learn nor NumPy is
needed: the names that such a pickle may use are a short list (ALLOWED), each stands for a class of this file that keeps
what it is given and does nothing, and any other name ends the reading. So a file from the net cannot run code.

The JSON (docs/forests.md) keeps every threshold and value as the double that it is.
"""

import json
import pickle
import struct
import sys


class PickleError(Exception):
    """The file is no forest that this program reads; the text says why."""


class Record:
    """An object of a pickle: its arguments and its state, never called."""

    arguments = ()
    state = {}

    def __init__(self, *arguments):
        self.arguments = arguments

    def __setstate__(self, state):
        self.state = state


class Forest(Record):
    pass


class ForestTree(Record):
    pass


class Tree(Record):
    pass


class Array(Record):
    """numpy.ndarray: its state is (version, shape, dtype, column_major, bytes)."""


class Dtype(Record):
    """numpy.dtype: its state is (version, byte order, subdtype, names, fields, size, …)."""


def reconstruct(kind, shape, code):
    """numpy's _reconstruct: an empty array, whose state follows."""
    return Array()


def from_buffer(data, dtype, shape, order):
    """numpy's _frombuffer, of protocol 5."""
    array = Array()
    array.state = (1, shape, dtype, order == "F", bytes(data))
    return array


def scalar(dtype, data=b""):
    array = Array()
    array.state = (1, (), dtype, False, data)
    return array


MULTIARRAY = {"_reconstruct": reconstruct, "scalar": scalar}
ALLOWED = {
    "sklearn.ensemble._forest": {"RandomForestRegressor": Forest, "ExtraTreesRegressor": Forest},
    "sklearn.tree._classes": {"DecisionTreeRegressor": ForestTree, "ExtraTreeRegressor": ForestTree},
    "sklearn.tree._tree": {"Tree": Tree},
    "numpy.core.multiarray": MULTIARRAY,
    "numpy._core.multiarray": MULTIARRAY,
    "numpy.core.numeric": {"_frombuffer": from_buffer},
    "numpy._core.numeric": {"_frombuffer": from_buffer},
    "numpy": {"ndarray": Array, "dtype": Dtype},
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return ALLOWED[module][name]
        except KeyError:
            raise PickleError(f"the pickle asks for {module}.{name}, which no forest needs") from None

    def persistent_load(self, pid):
        raise PickleError("the pickle refers to something outside of it")


def need(holds, what):
    if not holds:
        raise PickleError(what)


CODES = {"i8": "q", "i4": "i", "u4": "I", "u8": "Q", "f8": "d", "f4": "f", "u1": "B", "b1": "?"}


def code_of(dtype):
    """struct's format of a number."""
    need(isinstance(dtype, Dtype) and dtype.arguments, "an array without a type")
    name = dtype.arguments[0]
    need(name in CODES, f"an array of type {name!r}")
    order = dtype.state[1] if dtype.state else "<"
    return (">" if order == ">" else "<") + CODES[name]


def doubles(array):
    """All numbers of an array, flat."""
    need(isinstance(array, Array) and len(array.state) == 5, "an array without contents")
    _, shape, dtype, _, data = array.state
    code = code_of(dtype)
    need(isinstance(data, bytes), "an array whose contents are no bytes")
    need(len(data) % struct.calcsize(code) == 0, "an array that is cut off")
    return [value for (value,) in struct.iter_unpack(code, data)], shape


def columns(array, names):
    """Fields of an array of structs, by name."""
    need(isinstance(array, Array) and len(array.state) == 5, "an array without contents")
    _, shape, dtype, _, data = array.state
    need(isinstance(dtype, Dtype) and len(dtype.state) > 5 and dtype.state[4], "nodes that are no structs")
    fields, size = dtype.state[4], dtype.state[5]
    need(isinstance(data, bytes) and size > 0 and len(data) == shape[0] * size, "nodes that are cut off")
    result = []
    for name in names:
        need(name in fields, f"nodes without {name}")
        code, offset = code_of(fields[name][0]), fields[name][1]
        need(0 <= offset <= size - struct.calcsize(code), f"nodes whose {name} lies outside of them")
        result.append([struct.unpack_from(code, data, row * size + offset)[0] for row in range(shape[0])])
    return result


def tree_of(estimator):
    need(isinstance(estimator, ForestTree), "an estimator that is no tree")
    tree = estimator.state.get("tree_")
    need(isinstance(tree, Tree) and len(tree.arguments) == 3, "an estimator that was not fitted")
    features, _, outputs = tree.arguments
    need(outputs == 1, f"{outputs} outputs instead of 1")
    left, right, feature, threshold = columns(
        tree.state["nodes"], ["left_child", "right_child", "feature", "threshold"])
    values, _ = doubles(tree.state["values"])
    need(len(values) == len(left), "as many values as nodes")
    return features, {"left": left, "right": right, "feature": feature, "threshold": threshold, "value": values}


def forest_of(model):
    need(isinstance(model, (Forest, ForestTree)), "holds no forest")
    estimators = [model] if isinstance(model, ForestTree) else model.state.get("estimators_")
    need(isinstance(estimators, list) and estimators, "holds a forest that was not fitted")
    trees = [tree_of(estimator) for estimator in estimators]
    features = trees[0][0]
    need(all(count == features for count, _ in trees), "trees of different numbers of features")
    return {
        "foretime.forest": 1,
        "features": features,
        "aggregate": "average",
        "goes_left": "less_or_equal",
        "source": "scikit-learn " + str(model.state.get("_sklearn_version", "")),
        "trees": [tree for _, tree in trees],
    }


def export(stream):
    """The forest in an open binary file, as a dictionary. PickleError: it is none."""
    try:
        return forest_of(Unpickler(stream).load())
    except PickleError:
        raise
    except Exception as error:  # whatever a broken pickle makes of the records above
        raise PickleError(f"is no pickle that can be read: {error}") from error


def main(arguments):
    if len(arguments) != 2:
        print("usage: foretime_export_forest.py IN.pkl OUT.json", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], "rb") as stream:
            forest = export(stream)
        with open(arguments[1], "w", encoding="utf-8") as out:
            json.dump(forest, out, separators=(",", ":"))
    except (PickleError, OSError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
