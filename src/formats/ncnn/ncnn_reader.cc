#include "formats/ncnn/ncnn_reader.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "formats/ncnn/layers.h"

namespace foretime::ncnn {
namespace {

const std::unordered_map<std::string_view, Reading>& readings() {
  static const auto all = [] {
    std::unordered_map<std::string_view, Reading> map;
    for (const Readings some : {weighted_layers(), elementwise_layers(), movement_layers()})
      map.insert(some.begin(), some.end());
    return map;
  }();
  return all;
}

void read_layer(Network& net) {
  const auto reading = readings().find(net.layer().type);
  if (reading != readings().end()) return reading->second(net);
  const std::vector<TensorId> made = net.add_opaque(net.stated_shapes());
  for (std::size_t i = 0; i < made.size(); ++i) net.set_top(i, made[i]);
}

/// 8: scales of integers are stated.
bool is_quantised(const Layer& layer) {
  const bool has_weights =
      layer.type == "InnerProduct" || layer.type == "Convolution" || layer.type == "ConvolutionDepthWise";
  return has_weights && layer.integer(8, 0) != 0;
}

std::string stem_of(const std::string& path) {
  const std::size_t start = path.find_last_of('/') + 1;
  return path.substr(start, path.find_last_of('.') - start);
}

}  // namespace

Graph read_param(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  const std::vector<Layer> layers = parse_param_file(file->text(), file->path());
  Network net(stem_of(file->path()), file->path());
  bool quantised = false;
  for (const Layer& layer : layers) {
    net.begin(layer);
    read_layer(net);
    quantised = quantised || is_quantised(layer);
  }
  if (quantised) {
    diagnostics.push_back({Severity::warning, "quantised-as-float",
                           "its weights are integers; all layers are read as if they were floats", ""});
  }
  return net.finish();
}
}  // namespace foretime::ncnn
