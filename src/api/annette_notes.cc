#include "api/annette_notes.h"

#include <array>
#include <cstdio>
#include <vector>

#include "base/mapped_file.h"
#include "formats/annette/raw_graph.h"
#include "formats/annette/walk.h"
#include "kernels/quantities.h"
#include "predictors/pricing.h"

namespace foretime::api {
namespace {

/// One sort of mistake over all its kernels.
struct Difference {
  const char* code;
  const char* message;
  int kernels = 0;
  double effect_ms = 0;
  std::string first = {};
};

/// Elements of a tensor; 0: not known.
double elements(const Graph& graph, TensorId tensor) {
  if (tensor == kNoTensor || !graph[tensor].type.shape) return 0;
  double product = 1;
  for (const Dim& size : *graph[tensor].type.shape)
    product *= size.is_number() ? static_cast<double>(size.number()) : 0;
  return product;
}

/// Elements of all inputs but the first.
double further_inputs(const analysis::LayerNode& layer) {
  double sum = 0;
  for (std::size_t i = 1; i < layer.node->inputs.size(); ++i)
    sum += elements(*layer.graph, layer.node->inputs[i]);
  return sum;
}

}  // namespace

std::map<std::string, int> annette_oddities(const Model& model) {
  std::map<std::string, int> times;
  if (model.info.format != "annette") return times;
  const auto file = MappedFile::open(model.info.path);
  const annette::RawGraph raw = annette::parse_raw_graph(file->text(), model.info.path);
  for (const annette::RawLayer& layer : raw.layers) times[layer.name] = 0;
  for (const std::size_t layer : annette::evaluation_order(raw)) ++times[raw.layers[layer].name];
  std::erase_if(times, [](const auto& each) { return each.second == 1; });
  return times;
}

void note_annette_differences(const std::map<std::string, int>& oddities, const KernelGraph& kernels,
                              const Prediction& prediction, const DeviceProfile& device,
                              Diagnostics& diagnostics) {
  std::array<Difference, 5> differences = {{
      {"annette-dropped", "does not reach layers that no other lists as its child"},
      {"annette-counted-twice",
       "counts layers more than once that are listed as a child, but list no parent"},
      {"annette-unmodelled",
       "prices a convolution with a pooling, of which a model knows nothing, by its traffic alone"},
      {"annette-concat", "reads the first input of a concatenation only"},
      {"annette-transposed", "counts operations of a transposed convolution by its output"},
  }};
  const auto note = [&](std::size_t which, const std::string& name, double effect) {
    Difference& difference = differences[which];
    if (effect == 0) return;
    if (difference.kernels++ == 0) difference.first = name;
    difference.effect_ms += effect;
  };
  for (const KernelPrediction& priced : prediction.kernels) {
    const Kernel& kernel = *priced.kernel;
    if (kernel.kind() == Kind::none || !kernel.sized) continue;
    const KernelConfig& config = kernel.config;
    const double right = priced.latency.value;
    const std::string name = kernels.network->name(kernel.anchor);
    const auto odd = oddities.find(name);
    if (odd != oddities.end())
      note(odd->second == 0 ? 0 : 1, name, odd->second == 0 ? right : -right * (odd->second - 1));
    const bool pooled = config.kind == Kind::conv && config.fused_pool;
    const bool concat = config.kind == Kind::concat && kernels.layers_of(kernel).size() == 1;
    const bool transposed = config.kind == Kind::conv_transpose && config.stride > 1;
    if (!pooled && !concat && !transposed) continue;
    const KernelRates rates = rates_of(device.predictor.roofline, info(config.kind).kernel_class);
    const RooflineAmounts amounts = amounts_of(kernels, kernel, device.precision);
    RooflineAmounts counted = amounts;
    if (pooled) counted.operations = 0;
    if (concat)
      counted.bytes -=
          further_inputs(kernels.network->list[kernel.anchor]) * device.precision.activation_bits / 8;
    if (transposed) counted.operations *= positions(config) / in_positions(config);
    if (counted.bytes <= 0) continue;
    note(pooled   ? 2
         : concat ? 3
                  : 4,
         name, right * (1 - roofline_ms(counted, rates) / roofline_ms(amounts, rates)));
  }
  for (const Difference& each : differences) {
    if (each.kernels == 0) continue;
    std::array<char, 64> effect{};
    std::snprintf(effect.data(), effect.size(), " (%+.3g ms)", each.effect_ms);
    diagnostics.push_back({Severity::info, each.code,
                           "ANNETTE " + std::string(each.message) + "; here " + std::to_string(each.kernels) +
                               (each.kernels == 1 ? " kernel counts" : " kernels count") + " in full" +
                               effect.data(),
                           each.first});
  }
}

}  // namespace foretime::api
