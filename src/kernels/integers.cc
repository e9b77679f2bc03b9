#include "kernels/integers.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace foretime {
namespace {

/// Hands on the numbers it reads, with the scale that they came with.
bool hands_on(const Operator& op) {
  return op.kind == Kind::none || op.kind == Kind::reshape || op.kind == Kind::transpose ||
         op.kind == Kind::split || op.kind == Kind::data_movement || op.kind == Kind::max_pool;
}

class Integers {
 public:
  explicit Integers(Units& units) : units_(units), runs_(units.network().list.size()) {}

  void run() {
    for (std::uint32_t layer = 0; layer < runs_.size(); ++layer) {
      if (units_.op(layer).word->integer) runs_[layer] = is_integer(layer);
    }
    for (std::uint32_t layer = 0; layer < runs_.size(); ++layer) {
      if (runs_[layer]) units_.make_integer(layer, around(layer));
    }
    for (std::uint32_t layer = 0; layer < runs_.size(); ++layer) {
      if (is_shared(layer)) units_.dissolve(layer);
    }
  }

 private:
  const Graph& graph(std::uint32_t layer) const { return *units_.network().list[layer].graph; }
  const Node& node(std::uint32_t layer) const { return *units_.network().list[layer].node; }

  /// Who makes the activation; nothing: a constant, no number, or nobody inside.
  std::optional<std::uint32_t> maker(std::uint32_t layer, TensorId input) const {
    const NodeId producer = graph(layer)[input].producer;
    return producer == kNoNode ? std::nullopt : std::optional(units_.layer_of(graph(layer), producer));
  }

  /// The layers that read it, if all of them only quantise it; empty: somebody else reads it, or nobody.
  std::vector<std::uint32_t> quantizers(std::uint32_t layer, TensorId output) const {
    const Graph& all = graph(layer);
    if (std::find(all.outputs().begin(), all.outputs().end(), output) != all.outputs().end()) return {};
    std::vector<std::uint32_t> readers;
    for (const NodeId reader : all.consumers(output)) readers.push_back(units_.layer_of(all, reader));
    const bool cut = readers.size() == 1 && units_.op(readers[0]).cut && !units_.op(layer).cut;
    if (cut) {
      std::vector<std::uint32_t> behind = quantizers(readers[0], node(readers[0]).outputs[0]);
      if (!behind.empty()) behind.insert(behind.begin(), readers[0]);
      return behind;
    }
    const bool all_quantize = std::all_of(readers.begin(), readers.end(),
                                          [&](std::uint32_t reader) { return units_.op(reader).quantize; });
    return all_quantize ? readers : std::vector<std::uint32_t>();
  }

  bool is_integer(std::uint32_t layer) const {
    const Graph& all = graph(layer);
    bool reads = units_.op(layer).gathers;
    for (const TensorId input : node(layer).inputs) {
      if (input == kNoTensor || all[input].constant != nullptr || !is_float(all[input].type.dtype)) continue;
      const auto producer = maker(layer, input);
      if (!producer || !units_.op(*producer).dequantize) return false;
      reads = true;
    }
    bool writes = false;
    for (const TensorId output : node(layer).outputs) {
      if (output == kNoTensor || all.consumers(output).empty()) continue;
      const std::vector<std::uint32_t> behind = quantizers(layer, output);
      if (behind.empty() || (hands_on(units_.op(layer)) && !keeps_scale(layer, behind.back()))) return false;
      writes = true;
    }
    return reads && writes;
  }

  /// What the layer reads was made real by the scale that makes its result integers again.
  bool keeps_scale(std::uint32_t layer, std::uint32_t quantizer) const {
    const auto producer = maker(layer, node(layer).inputs[0]);
    if (!producer || !units_.op(*producer).dequantize) return true;
    const auto scale = [&](std::uint32_t each) {
      constexpr std::size_t kScale = 1;
      return node(each).inputs.size() > kScale ? node(each).inputs[kScale] : kNoTensor;
    };
    const TensorId before = scale(*producer);
    const TensorId after = scale(quantizer);
    if (before == after || before == kNoTensor || after == kNoTensor) return true;
    const ConstantData* a = graph(layer)[before].constant.get();
    const ConstantData* b = graph(layer)[after].constant.get();
    return a == nullptr || b == nullptr || a->bytes.empty() || b->bytes.empty() ||
           std::equal(a->bytes.begin(), a->bytes.end(), b->bytes.begin(), b->bytes.end());
  }

  /// What belongs to an integer layer alone.
  std::vector<std::uint32_t> around(std::uint32_t layer) const {
    std::vector<std::uint32_t> layers;
    for (const TensorId input : node(layer).inputs) {
      if (input == kNoTensor || graph(layer).consumers(input).size() != 1) continue;
      const auto producer = maker(layer, input);
      if (producer && units_.op(*producer).dequantize && !is_output(*producer) &&
          std::find(layers.begin(), layers.end(), *producer) == layers.end())
        layers.push_back(*producer);
    }
    std::vector<std::uint32_t> behind;
    for (const TensorId output : node(layer).outputs) {
      if (output == kNoTensor) continue;
      const std::vector<std::uint32_t> more = quantizers(layer, output);
      behind.insert(behind.end(), more.begin(), more.end());
    }
    std::sort(behind.begin(), behind.end());
    layers.insert(layers.end(), behind.begin(), behind.end());
    return layers;
  }

  bool is_output(std::uint32_t layer) const {
    const auto outputs = graph(layer).outputs();
    return std::find(outputs.begin(), outputs.end(), node(layer).outputs[0]) != outputs.end();
  }

  /// A DequantizeLinear that several layers read, all of them on integers.
  bool is_shared(std::uint32_t layer) const {
    if (!units_.op(layer).dequantize || units_.in_block(layer) || is_output(layer)) return false;
    const auto readers = graph(layer).consumers(node(layer).outputs[0]);
    return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](NodeId reader) {
      return runs_[units_.layer_of(graph(layer), reader)];
    });
  }

  Units& units_;
  std::vector<bool> runs_;  // on integers, by layer
};

}  // namespace

void match_integers(Units& units) {
  Integers(units).run();
}

}  // namespace foretime
