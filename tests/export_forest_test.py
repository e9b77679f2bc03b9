"""The pickles are made of stand-ins under scikit-learn's and NumPy's names: neither is needed."""

import io
import os
import pickle
import struct
import sys
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python"))
import foretime_export_forest as exporter  # noqa: E402


def stand_in(module, name, **members):
    """A class that pickles as module.name."""
    made = type(name, (), {"__module__": module, "__qualname__": name, **members})
    parent = ""
    for part in module.split("."):
        parent = f"{parent}.{part}" if parent else part
        sys.modules.setdefault(parent, types.ModuleType(parent))
    setattr(sys.modules[module], name, made)
    return made


class Reduced:
    """Pickles as a call of `function` with `arguments`, and a state."""

    def __init__(self, function, arguments, state=None):
        self.parts = (function, arguments, state)

    def __reduce__(self):
        return self.parts


Forest = stand_in("sklearn.ensemble._forest", "RandomForestRegressor")
Estimator = stand_in("sklearn.tree._classes", "DecisionTreeRegressor")
Tree = stand_in("sklearn.tree._tree", "Tree")
Dtype = stand_in("numpy", "dtype")
Array = stand_in("numpy", "ndarray")


def _reconstruct():
    pass


_reconstruct.__module__ = "numpy.core.multiarray"
for name in ("numpy.core", "numpy.core.multiarray"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules["numpy.core.multiarray"]._reconstruct = _reconstruct


def dtype(code, state=None):
    return Reduced(Dtype, (code, False, True), state or (3, "<", None, None, None, -1, -1, 0))


def array(shape, kind, data):
    return Reduced(_reconstruct, (Array, (0,), b"b"), (1, shape, kind, False, data))


NODE = "<qqqddqd"
FIELDS = ["left_child", "right_child", "feature", "threshold", "impurity", "n_node_samples", "weighted_n_node_samples"]


def estimator(nodes, values, outputs=1, cut=0, offset=0):
    rows = b"".join(struct.pack(NODE, left, right, feature, threshold, 0, 1, 1) for left, right, feature, threshold in nodes)
    fields = {name: (dtype("i8" if code == "q" else "f8"), 8 * i + offset) for i, (name, code) in enumerate(zip(FIELDS, NODE[1:]))}
    kind = dtype("V56", (3, "|", None, tuple(FIELDS), fields, 56, 1, 16))
    tree = Reduced(Tree, (3, array((1,), dtype("i8"), struct.pack("<q", 1)), outputs), {
        "max_depth": 1, "node_count": len(nodes),
        "nodes": array((len(nodes),), kind, rows[:len(rows) - cut]),
        "values": array((len(values), 1, 1), dtype("f8"), struct.pack(f"<{len(values)}d", *values))})
    made = Estimator()
    made.tree_ = tree
    return made


def forest(*estimators):
    made = Forest()
    made.estimators_ = list(estimators)
    made._sklearn_version = "0.23.1"
    return made


def export(model):
    return exporter.export(io.BytesIO(pickle.dumps(model, protocol=3)))


STUMP = ([(1, 2, 1, 0.1), (-1, -1, -2, -2), (-1, -1, -2, -2)], [4.0, 3.0, 5.0])


class ExportForest(unittest.TestCase):
    def error(self, model):
        with self.assertRaises(exporter.PickleError) as caught:
            export(model)
        return str(caught.exception)

    def test_writes_what_is_in_it(self):
        leaf = ([(-1, -1, -2, -2)], [7.0])
        result = export(forest(estimator(*STUMP), estimator(*leaf)))
        self.assertEqual(result["features"], 3)
        self.assertEqual(result["source"], "scikit-learn 0.23.1")
        self.assertEqual(result["trees"][0], {"left": [1, -1, -1], "right": [2, -1, -1], "feature": [1, -2, -2],
                                              "threshold": [0.1, -2, -2], "value": [4.0, 3.0, 5.0]})
        self.assertEqual(result["trees"][1]["value"], [7.0])

    def test_runs_nothing(self):
        marker = f"/tmp/foretime_export_forest_{os.getpid()}"
        text = self.error(Reduced(os.mkdir, (marker,)))
        self.assertRegex(text, r"asks for \w+\.mkdir, which no forest needs")
        self.assertFalse(os.path.exists(marker))
        self.assertRegex(self.error(Reduced(eval, ("1",))), r"asks for builtins\.eval")
        self.assertRegex(self.error(Reduced(getattr, (1, "real"))), r"asks for builtins\.getattr")

    def test_says_what_is_wrong(self):
        self.assertEqual(self.error([1]), "holds no forest")
        self.assertEqual(self.error(forest()), "holds a forest that was not fitted")
        self.assertEqual(self.error(forest(Estimator())), "an estimator that was not fitted")
        self.assertEqual(self.error(forest(3)), "an estimator that is no tree")
        self.assertEqual(self.error(forest(estimator(*STUMP, outputs=2))), "2 outputs instead of 1")
        self.assertEqual(self.error(forest(estimator(*STUMP, cut=8))), "nodes that are cut off")
        self.assertEqual(self.error(forest(estimator(*STUMP, offset=40))), "nodes whose feature lies outside of them")
        self.assertEqual(self.error(forest(estimator(STUMP[0], [1.0]))), "as many values as nodes")

    def test_any_cut_is_an_error(self):
        whole = pickle.dumps(forest(estimator(*STUMP)), protocol=3)
        for size in range(len(whole)):
            with self.assertRaises(exporter.PickleError):
                exporter.export(io.BytesIO(whole[:size]))


if __name__ == "__main__":
    unittest.main()
