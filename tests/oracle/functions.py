"""A network whose layers are functions inside its file, written with onnxscript (torch's exporters inline theirs)."""
import onnx
from onnx import numpy_helper
from onnxscript import FLOAT, script, values
from onnxscript import opset18 as op

local = values.Opset("foretime.test", 1)


@script(local, default_opset=op)
def Leaky(x, alpha: float):
    return op.LeakyRelu(x, alpha=alpha)


@script(local, default_opset=op)
def Gated(x, up, gate, down):
    """Functions call functions, pass attributes on, and keep names of their own."""
    y = Leaky(op.MatMul(x, up), alpha=0.2) * op.Sigmoid(op.MatMul(x, gate))
    return op.MatMul(y, down)


@script(default_opset=op)
def network(x: FLOAT["batch", "seq", 32], up: FLOAT[32, 64], gate: FLOAT[32, 64], down: FLOAT[64, 32]) -> FLOAT["batch", "seq", 32]:
    y = x + Gated(x, up, gate, down)
    return y + Gated(y, up, gate, down)


def export_functions(module, path):
    """module has the linear layers up, gate and down: their weights become the file's initialisers."""
    model = network.to_model_proto()
    for layer in ("up", "gate", "down"):
        weight = getattr(module, layer).weight.detach().numpy().T
        model.graph.initializer.append(numpy_helper.from_array(weight.copy(), layer))
    kept = [i for i in model.graph.input if i.name == "x"]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    onnx.save(model, str(path))
