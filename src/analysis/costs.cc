#include "analysis/costs.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "analysis/walk.h"
#include "graph/each_once.h"
#include "ops/views.h"

namespace foretime::analysis {
namespace {

bool is_constant(const Scope* scope, TensorId id) {
  return resolved(scope, id).tensor().constant != nullptr;
}

/// Learnt values are stored as floats, or quantised to narrow integers; a bias as 32 bits.
bool can_be_learnt(const TensorType& type, char role) {
  if (is_float(type.dtype)) return true;
  if (!is_integer(type.dtype) || type.dtype == DataType::boolean) return false;
  return bits_of(type.dtype) <= 16 || (role != 't' && type.dtype == DataType::int32);
}

std::int64_t elements(const TensorType& type) {
  return type.shape ? elements_of(*type.shape) : 0;
}

/// Adds what is known of a layer to the totals.
void add_to(Totals& totals, const Layer& layer) {
  ++totals.layers;
  if (layer.work) {
    totals.macs += layer.work->macs;
    totals.flops += layer.work->flops;
  }
  if (!layer.work || !layer.read_bytes || !layer.write_bytes) ++totals.layers_without_cost;
  totals.parameters = saturating_add(totals.parameters, layer.parameters);
  totals.weight_bytes += layer.weight_bytes;
  totals.activation_read_bytes += layer.read_bytes.value_or(Bytes{});
  totals.activation_write_bytes += layer.write_bytes.value_or(Bytes{});
  for (const TensorId output : layer.node->outputs) {
    if (output == kNoTensor) continue;
    totals.activation_sum_bytes +=
        Bytes{bytes_of((*layer.graph)[output].type).value_or(0)} * layer.repetitions;
  }
}

class Counter {
 public:
  Costs run(const Graph& graph, Diagnostics& diagnostics) {
    Costs costs;
    costs.layers.reserve(graph.nodes().size());
    walk(graph, diagnostics, [&](const Scope& scope, const LayerNode& at) {
      Layer layer = layer_of(scope, at);
      layer.name = at.within == LayerNode::kNoLayer ? at.node->name
                                                    : costs.layers[at.within].name + "/" + at.node->name;
      add_to(costs.totals, layer);
      costs.layers.push_back(std::move(layer));
    });
    costs.totals.folded_macs = folded_;
    return costs;
  }

 private:
  Layer layer_of(const Scope& scope, const LayerNode& at);
  void count_constants(const Scope& scope, const Node& node, Layer& layer);
  void count_constant(Place place, char role, bool meets_activation, Layer& layer);

  std::unordered_set<const ConstantData*>
      stored_;  // constants whose bytes, or learnt elements, have been counted
  std::unordered_set<const ConstantData*> learnt_;
  Macs folded_;
};

/// Activations read and written, by the operator's traffic.
void count_traffic(const Scope& scope, const Node& node, ops::Traffic traffic, Layer& layer) {
  const Graph& graph = *scope.graph;
  if (traffic == ops::Traffic::view || traffic == ops::Traffic::metadata || !node.subgraphs.empty()) {
    layer.read_bytes = layer.write_bytes = Bytes{};
    return;
  }
  Bytes written;
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    const auto bytes = bytes_of(graph[output].type);
    if (!bytes) return;
    written += {*bytes};
  }
  Bytes read;
  EachOnce inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const TensorId input = node.inputs[i];
    if (input == kNoTensor || is_constant(&scope, input) || !inputs.first_time(input)) continue;
    const auto bytes = bytes_of(graph[input].type);
    if (!bytes) return;
    const bool gathers = traffic == ops::Traffic::gathers && i == 0;
    read += {gathers ? std::min(*bytes, written.value) : *bytes};
  }
  layer.read_bytes = read * layer.repetitions;
  layer.write_bytes = written * layer.repetitions;
}

Layer Counter::layer_of(const Scope& scope, const LayerNode& at) {
  const Node& node = *at.node;
  Layer layer;
  layer.graph = at.graph;
  layer.node = at.node;
  layer.repetitions = at.repetitions;
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  if (spec != nullptr) layer.work = spec->work(*scope.graph, node);
  if (layer.work) {
    layer.work->macs = layer.work->macs * at.repetitions;
    layer.work->flops = layer.work->flops * at.repetitions;
  }
  count_traffic(scope, node, spec ? spec->traffic : ops::Traffic::streams, layer);
  count_constants(scope, node, layer);
  return layer;
}

void Counter::count_constants(const Scope& scope, const Node& node, Layer& layer) {
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  const bool mixes = node.domain.empty() && (node.op == "Add" || node.op == "Mul" || node.op == "Concat");
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoTensor) continue;
    const Place place = resolved(&scope, node.inputs[i]);
    if (place.tensor().constant == nullptr) continue;
    count_constant(place, spec ? spec->role(i) : 'x', mixes, layer);
  }
}

/// A constant and, if it was computed from others, these: walked without recursion, as chains may be long.
void Counter::count_constant(Place place, char role, bool meets_activation, Layer& layer) {
  struct Visit {
    Place place;
    bool learnt;
  };
  const bool marked = role == 'w' || role == 'b' || role == 's' || role == 't';
  const bool mixed = meets_activation && is_float(place.tensor().type.dtype);  // integers there are indices
  std::vector<Visit> left = {{place, marked || mixed}};
  while (!left.empty()) {
    const Visit visit = left.back();
    left.pop_back();
    const Place found = resolved(visit.place.scope, visit.place.id);
    const Tensor& tensor = found.tensor();
    if (tensor.constant == nullptr) continue;
    const ConstantData* data = tensor.constant.get();
    const bool fresh = stored_.insert(data).second;
    if (fresh) folded_ += data->macs;
    const bool fresh_learnt = visit.learnt && learnt_.insert(data).second;
    if (!fresh && !fresh_learnt) continue;
    // Floats made out of sizes alone (ConstantOfShape) stand for weights that the file does not hold.
    const bool made = data->value_sources == 0 && is_float(tensor.type.dtype);
    if (data->sources.empty() || made) {
      const bool many = elements(tensor.type) > 1 || (marked && role != 's');
      if (fresh_learnt && many && can_be_learnt(tensor.type, role)) {
        layer.parameters = saturating_add(layer.parameters, elements(tensor.type));
      }
      const bool computed = data->encoding == Encoding::derived && !made;
      if (fresh && !computed) layer.weight_bytes += {bytes_of(tensor.type).value_or(0)};
      continue;
    }
    for (std::size_t i = 0; i < data->sources.size(); ++i) {
      left.push_back({{found.scope, data->sources[i]}, visit.learnt && i < data->value_sources});
    }
  }
}

}  // namespace

std::optional<double> Layer::intensity() const {
  if (!work || !read_bytes || !write_bytes) return std::nullopt;
  const Bytes moved = *read_bytes + *write_bytes + weight_bytes;
  if (moved.value == 0) return std::nullopt;
  return static_cast<double>(work->flops.value) / static_cast<double>(moved.value);
}

Costs costs(const Graph& graph, Diagnostics& diagnostics) {
  return Counter().run(graph, diagnostics);
}

}  // namespace foretime::analysis
