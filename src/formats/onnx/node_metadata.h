#pragma once

// What ONNX has no field for and keeps in a node's metadata_props or its name.

#include <string>
#include <string_view>

namespace foretime::onnx {

/// Keys of ours: the module as it is, the operator's name in the file that the network came from.
constexpr std::string_view kModulePath = "foretime.module_path";
constexpr std::string_view kSourceOp = "foretime.source_op";
/// torch's key: "['', 'layer1', 'layer1.0', 'conv2d']", modules from outside to inside, then the operator.
constexpr std::string_view kNameScopes = "pkg.torch.onnx.name_scopes";
/// Metadata of a model: what its weights were written as, "random", "zero" or "none".
constexpr std::string_view kWeights = "foretime.weights";

/// "layer1/layer1.0" of "/layer1/layer1.0/Conv", the way torch's older exporter names nodes; else empty.
std::string module_path_in_name(std::string_view node_name);

/// "layer1.0" of kNameScopes' example.
std::string module_path_in_scopes(std::string_view scopes);

}  // namespace foretime::onnx
