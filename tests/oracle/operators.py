#!/usr/bin/env python3
"""Lists what a reader meets in the corpus and the real files: operators, domains, functions, types, odd encodings."""
import os
from collections import Counter, defaultdict
from pathlib import Path

import onnx

ROOT = Path(os.environ.get("FORETIME_ORACLE", Path.home() / ".cache/foretime/oracle"))


def walk(nodes, depth=0):
    for node in nodes:
        yield node, depth
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from walk(graph.node, depth + 1)


def main():
    operators, features, examples = Counter(), Counter(), defaultdict(list)

    def note(feature, path):
        features[feature] += 1
        if len(examples[feature]) < 3:
            examples[feature].append(path.stem if path.parent.name == "corpus" else str(path.relative_to(ROOT)))

    for path in sorted([*ROOT.glob("corpus/*.onnx"), *ROOT.glob("real/*/*.onnx")]):
        model = onnx.load(str(path), load_external_data=False)
        found, graph = set(), model.graph
        known = {v.name for v in (*graph.value_info, *graph.output)}
        produced = {name for node in graph.node for name in node.output if name}
        found.add("value_info: " + ("none" if not graph.value_info else "all" if produced <= known else "some"))
        found.add(f"ir_version {model.ir_version}")
        if {t.name for t in graph.initializer} & {i.name for i in graph.input}:
            found.add("initialisers listed as inputs")
        if graph.sparse_initializer:
            found.add("sparse initialisers")
        functions = {(f.domain, f.name) for f in model.functions}
        if functions:
            found.add("model-local functions")
        if any(not n.name for n in graph.node):
            found.add("unnamed nodes")
        if len({n.name for n in graph.node}) < len(graph.node) and all(n.name for n in graph.node):
            found.add("doubled node names")
        domains = {o.domain for o in model.opset_import}
        for values, where in ((graph.input, "input"), (graph.output, "output"), (graph.value_info, "value_info")):
            for value in values:
                kind = value.type.WhichOneof("value")
                if kind not in ("tensor_type", None):
                    found.add(f"{where} of {kind}")
                elif kind is None:
                    found.add(f"{where} without type")
                elif not value.type.tensor_type.HasField("shape"):
                    found.add(f"{where} without shape")
                elif any(d.HasField("dim_value") and d.dim_value < 0 for d in value.type.tensor_type.shape.dim):
                    found.add(f"{where} with negative dim_value")
                elif any(" " in d.dim_param or "+" in d.dim_param or "*" in d.dim_param or "//" in d.dim_param for d in value.type.tensor_type.shape.dim):
                    found.add(f"{where} with an expression as dim_param")
        for tensor in graph.initializer:
            found.add("initialiser of " + onnx.TensorProto.DataType.Name(tensor.data_type))
            if 0 in tensor.dims:
                found.add("initialiser with a dimension of 0")
        nodes = list(walk(graph.node)) + [(n, 0) for f in model.functions for n, _ in walk(f.node)]
        for node, depth in nodes:
            operators[("" if node.domain == "ai.onnx" else node.domain, node.op_type)] += 1
            if (node.domain, node.op_type) in functions:
                found.add("calls of model-local functions")
            if node.domain not in domains:
                found.add(f"domain without opset_import: {node.domain!r}")
            if not node.domain and not onnx.defs.has(node.op_type):
                found.add(f"default domain has no such operator: {node.op_type}")
            if depth:
                found.add(f"subgraph depth {depth}")
            if "" in node.input:
                found.add("empty input names")
            if "" in node.output:
                found.add("empty output names")
            if node.op_type == "Constant" and node.attribute and node.attribute[0].name != "value":
                found.add(f"Constant by {node.attribute[0].name}")
            if node.overload:
                found.add("overloads")
        for feature in found:
            note(feature, path)

    print("# features (files)")
    for feature, count in sorted(features.items()):
        print(f"{count:5}  {feature}  e.g. {', '.join(examples[feature])}")
    print("# operators (nodes)")
    by_domain = defaultdict(list)
    for (domain, name), count in sorted(operators.items()):
        by_domain[domain].append(f"{name} {count}")
    for domain, names in by_domain.items():
        print(f"{domain or 'ai.onnx'} ({len(names)}): {', '.join(names)}")


if __name__ == "__main__":
    main()
