#include "kernels/blocks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
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
/// Convolutions of integers keep all channels of a pixel together.
bool is_integer_image(Config c) {
  return c.rank == kImageAxes && c.element_bytes == 1;
}
bool convolves_integers(Config c) {
  return is_integer_image(c) && (c.kind == Kind::conv || c.kind == Kind::depthwise_conv);
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

std::string_view anchor_of(const KernelGraph& graph, const Kernel& kernel) {
  return graph.network->list[kernel.anchor].node->op;
}

/// The same whichever axis comes last.
bool is_indifferent_to_order(const KernelGraph& graph, const Kernel& kernel) {
  if (kernel.config.rank != kImageAxes) return kernel.kind() == Kind::none;
  switch (kernel.kind()) {
    case Kind::none:
    case Kind::elementwise:
    case Kind::broadcast:
    case Kind::transcendental:
    case Kind::concat:
    case Kind::split:
      return true;
    case Kind::max_pool:
    case Kind::average_pool:
      return is_integer_image(kernel.config);
    case Kind::data_movement: {
      const std::string_view op = anchor_of(graph, kernel);
      return op == "Pad" || op == "Resize";
    }
    default:
      return false;
  }
}

/// Takes the image as it is, and is done with it.
bool ends_order(Config c) {
  return c.rank == kImageAxes && (c.kind == Kind::reduce || (c.kind == Kind::global_pool && c.element_bytes == 1));
}

/// Takes channels apart into groups, which change places behind it.
bool parts_channels(const Kernel& kernel) {
  return is_integer_image(kernel.config) && kernel.kind() == Kind::reshape &&
         kernel.config.consumer == Kind::transpose && kernel.config.grand_consumer == Kind::reshape;
}

bool moves_groups(Config c) {
  return c.rank > kImageAxes && c.kind == Kind::transpose && c.element_bytes == 1;
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

/// Enlarges an image a whole number of times, so that each pixel of blocks is made of whole blocks.
bool resizes(const KernelGraph& graph, const Kernel& kernel) {
  static const std::uint8_t resize = operation_of("Resize");
  static const std::uint8_t upsample = operation_of("Upsample");
  const KernelConfig& c = kernel.config;
  if ((c.operation != resize && c.operation != upsample) || !resizes_evenly(c)) return false;
  if (c.operation == upsample) return true;
  const Attributes& attributes = graph.network->list[kernel.anchor].node->attributes;
  const std::string mode = attributes.text("mode", "nearest");
  const std::string points = attributes.text("coordinate_transformation_mode", "half_pixel");
  if (mode == "nearest")
    return points == "asymmetric" && attributes.text("nearest_mode", "round_prefer_floor") == "floor";
  return mode == "linear" && (points == "half_pixel" || points == "asymmetric" || points == "align_corners");
}

/// How an image lies in memory: channel after channel, in blocks of channels, or pixel after pixel.
enum class Form : std::uint8_t { plain, blocks, together };

class Layouts {
 public:
  Layouts(KernelGraph& graph, int block)
      : graph_(graph), block_(block), images_(graph.kernels.size()), asked_(graph.kernels.size()) {}

  void arrange() {
    ask();
    std::size_t flow = 0;
    for (std::uint32_t i = 0; i < graph_.kernels.size(); ++i) {
      const std::size_t begin = flow;
      while (flow < graph_.flows.size() && graph_.flows[flow].to == i) ++flow;
      arrange(i, std::span(graph_.flows).subspan(begin, flow - begin));
    }
  }

 private:
  /// What of a kernel's result exists so far, by form.
  using Image = std::array<bool, 3>;
  using Inputs = std::span<const Flow>;

  /// Who has a convolution of integers behind it, or what takes the image as it is: so far an image goes on
  /// that such a convolution made, as it need not be turned over and back.
  void ask() {
    for (auto flow = graph_.flows.rbegin(); flow != graph_.flows.rend(); ++flow) {
      const Kernel& reader = graph_.kernels[flow->to];
      const bool ends = convolves_integers(reader.config) || parts_channels(reader) || ends_order(reader.config);
      const bool hands_on = is_indifferent_to_order(graph_, reader) && asked_[flow->to];
      if (ends || hands_on) asked_[flow->from] = true;
    }
  }

  void arrange(std::uint32_t number, Inputs inputs) {
    KernelConfig& config = graph_.kernels[number].config;
    config.block = 0;
    reordered_ = 0;
    const Form form = form_of(number, inputs);
    images_[number][static_cast<std::size_t>(form)] = true;
    if (config.kind == Kind::none) return;  // nothing runs: its input by another name
    const bool turned = moves_groups(config) && all_are(inputs, Form::together);
    const bool few = form == Form::blocks && reads_few_channels(config, block_);
    const Form wanted = turned ? Form::together : few ? Form::plain : form;
    for (const Flow& flow : inputs) want(flow.from, wanted);
    if (inputs.empty() && wanted != Form::plain) reordered_ += in_elements(config);
    if (form != Form::plain) config.block = static_cast<std::int16_t>(form == Form::blocks ? block_ : 1);
    if (turned) {  // its axes are no longer those that the network tells
      config.scattered = true;
      config.keeps_inner = false;
    }
    config.reordered = static_cast<std::int32_t>(
        std::min(reordered_, static_cast<double>(std::numeric_limits<std::int32_t>::max())));
  }

  bool all_are(Inputs inputs, Form form) const {
    return !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), [&](const Flow& flow) {
      return images_[flow.from][static_cast<std::size_t>(form)];
    });
  }

  Form form_of(std::uint32_t number, Inputs inputs) const {
    const Kernel& kernel = graph_.kernels[number];
    const bool all_together = all_are(inputs, Form::together);
    if (kernel.kind() == Kind::none) {
      return all_are(inputs, Form::blocks) ? Form::blocks : all_together ? Form::together : Form::plain;
    }
    if (convolves_integers(kernel.config)) return Form::together;
    if (all_together) {
      const bool goes_on = parts_channels(kernel) || ends_order(kernel.config) ||
                           (is_indifferent_to_order(graph_, kernel) &&
                            (asked_[number] || pools_integers_of_convolutions(kernel.config, inputs)));
      return goes_on ? Form::together : Form::plain;
    }
    return makes_blocks_of(kernel, inputs) ? Form::blocks : Form::plain;
  }

  /// Turned over together with the convolution in front, whoever reads it.
  bool pools_integers_of_convolutions(Config c, Inputs inputs) const {
    return c.kind == Kind::max_pool && std::all_of(inputs.begin(), inputs.end(), [&](const Flow& flow) {
             return convolves_integers(graph_.kernels[flow.from].config);
           });
  }

  bool makes_blocks_of(const Kernel& kernel, Inputs inputs) const {
    const KernelConfig& config = kernel.config;
    if (convolves_blocks(config, block_)) return true;
    if (!is_image(config)) return false;
    if (pools(graph_, kernel)) return config.channels % block_ == 0;
    if (!all_are(inputs, Form::blocks)) return false;
    if (config.kind == Kind::concat) {
      return config.channels == config.in_channels && static_cast<int>(inputs.size()) == config.inputs &&
             std::all_of(inputs.begin(), inputs.end(), [&](const Flow& flow) {
               return graph_.kernels[flow.from].config.channels % block_ == 0;
             });
    }
    return is_indifferent(graph_, kernel) || scales_channels(config) || resizes(graph_, kernel);
  }

  /// A result that is there in another form only is converted: blocks once for all who read it, integers for
  /// each.
  void want(std::uint32_t number, Form form) {
    Image& image = images_[number];
    if (image[static_cast<std::size_t>(form)]) return;
    reordered_ += out_elements(graph_.kernels[number].config);
    if (!image[static_cast<std::size_t>(Form::together)] && form != Form::together)
      image[static_cast<std::size_t>(form)] = true;
  }

  KernelGraph& graph_;
  int block_;
  std::vector<Image> images_;  // of each kernel's result
  std::vector<bool> asked_;    // for an image whose channels lie together
  double reordered_ = 0;       // by the kernel at hand
};

}  // namespace

void arrange_blocks(KernelGraph& graph, int block) {
  Layouts(graph, block).arrange();
}

}  // namespace foretime
