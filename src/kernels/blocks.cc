#include "kernels/blocks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/operators.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr int kAligned = 4;  // channels that are a multiple of it are filled up to whole blocks
constexpr int kImageAxes = 4;

bool is_image(Config c) {
  return c.rank == kImageAxes && c.element_bytes == sizeof(float);
}

/// Works on images in blocks, or on an image of few channels that it makes blocks of.
bool convolves_blocks(Config c, int block) {
  if (!is_image(c)) return false;
  if (c.kind == Kind::depthwise_conv) return c.channels % kAligned == 0 && c.channels == c.in_channels;
  if (c.kind != Kind::conv) return false;
  if (c.groups == 1) return c.in_channels < block || c.in_channels % kAligned == 0;
  return c.in_channels / c.groups % block == 0 && c.channels / c.groups % block == 0;
}

bool reads_few_channels(Config c, int block) {
  return c.kind == Kind::conv && c.groups == 1 && c.in_channels < block;
}

std::string_view op_of(const KernelGraph& graph, std::uint32_t member) {
  return graph.network->list[graph.layers[member]].node->op;
}

bool pools(const KernelGraph& graph, const Kernel& kernel) {
  const Kind kind = kernel.kind();
  return kind == Kind::max_pool || kind == Kind::average_pool ||
         (kind == Kind::global_pool && op_of(graph, kernel.layers.begin) != "ReduceMean");
}

/// One number after the other, the same in any order.
bool is_indifferent(const KernelGraph& graph, const Kernel& kernel) {
  static constexpr std::array<std::string_view, 10> kOps = {
      "Add", "Mul", "Sum", "Relu", "Sigmoid", "Tanh", "HardSigmoid", "Clip", "LeakyRelu", "HardSwish"};
  if (kernel.kind() != Kind::elementwise && kernel.kind() != Kind::transcendental) return false;
  const std::string_view first = op_of(graph, kernel.layers.begin);
  if ((first == "Add" || first == "Mul") && kernel.config.inputs < 2) return false;
  for (std::uint32_t i = kernel.layers.begin; i < kernel.layers.end; ++i) {
    if (std::find(kOps.begin(), kOps.end(), op_of(graph, i)) == kOps.end()) return false;
  }
  return true;
}

/// By channel, with constants: a depthwise convolution of one tap.
bool scales_channels(Config c) {
  static const std::uint8_t mul = operation_of("Mul");
  static const std::uint8_t batch_norm = operation_of("BatchNormalization");
  if (c.inputs != 1) return false;
  return (c.kind == Kind::broadcast && c.operation == mul) ||
         (c.kind == Kind::normalization && c.operation == batch_norm);
}

bool resizes(Config c) {
  static const std::uint8_t resize = operation_of("Resize");
  static const std::uint8_t upsample = operation_of("Upsample");
  return c.kind == Kind::data_movement && (c.operation == resize || c.operation == upsample);
}

class Layouts {
 public:
  Layouts(KernelGraph& graph, int block) : graph_(graph), block_(block), images_(graph.kernels.size()) {}

  void arrange() {
    std::size_t flow = 0;
    for (std::uint32_t i = 0; i < graph_.kernels.size(); ++i) {
      const std::size_t begin = flow;
      while (flow < graph_.flows.size() && graph_.flows[flow].to == i) ++flow;
      arrange(i, std::span(graph_.flows).subspan(begin, flow - begin));
    }
  }

 private:
  /// What of a kernel's result exists so far.
  struct Image {
    bool in_blocks = false;
    bool plain = false;
  };

  void arrange(std::uint32_t number, std::span<const Flow> inputs) {
    const Kernel& kernel = graph_.kernels[number];
    KernelConfig& config = graph_.kernels[number].config;
    config.block = 0;
    reordered_ = 0;
    const bool all_in_blocks =
        !inputs.empty() && std::all_of(inputs.begin(), inputs.end(),
                                       [&](const Flow& flow) { return images_[flow.from].in_blocks; });
    if (config.kind == Kind::none) {  // nothing runs: its input by another name
      images_[number] = {all_in_blocks, !all_in_blocks};
      return;
    }
    const bool makes_blocks = makes_blocks_of(kernel, inputs, all_in_blocks);
    const bool wants_blocks = makes_blocks && !reads_few_channels(config, block_);
    for (const Flow& flow : inputs) want(flow.from, wants_blocks);
    if (inputs.empty() && wants_blocks) reordered_ += in_elements(config);
    images_[number] = {makes_blocks, !makes_blocks};
    if (makes_blocks) config.block = static_cast<std::int16_t>(block_);
    config.reordered = static_cast<std::int32_t>(
        std::min(reordered_, static_cast<double>(std::numeric_limits<std::int32_t>::max())));
  }

  bool makes_blocks_of(const Kernel& kernel, std::span<const Flow> inputs, bool all_in_blocks) const {
    const KernelConfig& config = kernel.config;
    if (convolves_blocks(config, block_)) return true;
    if (!is_image(config)) return false;
    if (pools(graph_, kernel)) return config.channels % block_ == 0;
    if (!all_in_blocks) return false;
    if (config.kind == Kind::concat) {
      return config.channels == config.in_channels && static_cast<int>(inputs.size()) == config.inputs &&
             std::all_of(inputs.begin(), inputs.end(), [&](const Flow& flow) {
               return graph_.kernels[flow.from].config.channels % block_ == 0;
             });
    }
    return is_indifferent(graph_, kernel) || scales_channels(config) || resizes(config);
  }

  /// A result that is there in the other form only is converted, once for all who read it.
  void want(std::uint32_t number, bool in_blocks) {
    Image& image = images_[number];
    bool& there = in_blocks ? image.in_blocks : image.plain;
    if (!there) reordered_ += out_elements(graph_.kernels[number].config);
    there = true;
  }

  KernelGraph& graph_;
  int block_;
  std::vector<Image> images_;  // of each kernel's result
  double reordered_ = 0;       // by the kernel at hand
};

}  // namespace

void arrange_blocks(KernelGraph& graph, int block) {
  Layouts(graph, block).arrange();
}

}  // namespace foretime
