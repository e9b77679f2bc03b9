#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "analysis/layers.h"
#include "kernels/kind.h"
#include "ops/op_spec.h"

namespace foretime {

/// Everything that a learnt model may know of a kernel: what it computes and who its neighbours are, without
/// names. Equal configurations have equal prices. Sizes that do not apply are 1, counts 0.
struct KernelConfig {
  Kind kind = Kind::none;
  std::uint8_t activations = 0;  // bits of Activation
  bool same = false;             // a window padded such that out = ⌈in / stride⌉
  bool fused_pool = false;       // a pooling behind a convolution
  bool network_input = false;    // reads an input of the network
  bool slices_whole = false;     // of a concatenation: channels of all inputs are multiples of 4
  // Neighbours, by kind of their kernels.
  bool producer_relu = false;
  Kind producer = Kind::none;  // of the first input
  Kind second_producer = Kind::none;
  Kind grand_producer = Kind::none;  // of the producer's first input
  Kind consumer = Kind::none;        // first one
  Kind last_consumer = Kind::none;
  Kind grand_consumer = Kind::none;
  Kind last_producer = Kind::none;
  // Of a processor that runs a software kernel beside an independent kernel of its convolution engine.
  bool hosted = false;            // runs beside another one
  Kind hosted_kind = Kind::none;  // of the kernel that runs beside it
  // What tells apart kernels of one kind whose sizes are the same.
  std::uint8_t operation = 0;      // number of its first layer's operator (operators.h); 0: not told apart
  std::uint8_t element_bytes = 4;  // of what it makes; below one byte: 1
  std::uint8_t rank = 0;           // axes of its first input
  bool keeps_inner = false;        // the last axis stays the last, and as long; a softmax works along it
  std::int32_t inner = 1;          // length of the first input's last axis; of a copy: numbers side by side
  // Of a processor with caches, and several cores.
  std::int32_t run_microseconds = 0;  // about what the whole network takes
  std::int16_t idle_octaves = 0;      // log2 of the microseconds since a kernel of its sort ran last
  std::int16_t threads = 1;           // that compute it
  std::int16_t block = 0;             // channels in a block (blocks.h); 0: none, 1: all of a pixel together
  std::uint8_t fused_cuts = 0;        // activations as simple as Relu, but others
  bool scattered = false;            // a transposition of several axes, the last among them: number by number
  std::int32_t reordered = 0;        // numbers that it finds in the other form
  std::int64_t hosted_elements = 0;  // that this one makes
  std::int64_t host_macs = 0;        // of the kernel that it runs beside
  std::int64_t second_elements = 0;  // of the second input
  std::int64_t spans = 0;            // of operands of two shapes: where both go on alike
  std::int32_t batch = 1;
  std::int32_t in_height = 1;  // of the first input
  std::int32_t in_width = 1;
  std::int32_t in_channels = 1;  // of a concatenation: of all inputs together
  std::int32_t height = 1;       // of the kernel's main output, before fused pooling
  std::int32_t width = 1;
  std::int32_t channels = 1;
  std::int32_t kernel_height = 1;
  std::int32_t kernel_width = 1;
  std::int32_t stride = 1;
  std::int32_t dilation = 1;
  std::int32_t groups = 1;
  std::int32_t inputs = 1;              // activations read, each once
  std::int32_t second_channels = 0;     // of the second input
  std::int32_t widest_input = 0;        // channels, of a concatenation
  std::int32_t channel_slices = 0;      // Σ ⌈channels / 4⌉ over a concatenation's inputs
  std::int32_t fused = 0;               // layers behind the first, but for folded normalisations
  std::int32_t fused_adds = 0;          // of two activations
  std::int32_t fused_muls = 0;          // of two activations
  std::int32_t fused_norms = 0;         // normalisations
  std::int32_t matrix_rows = 0;         // of a matrix product: batch · m
  std::int32_t producer_consumers = 0;  // the most, over the inputs
  std::int32_t first_readers = 0;       // of the first input
  std::int32_t second_readers = 0;
  std::int32_t moved_inputs = 0;    // of a concatenation: those that data movement makes
  std::int32_t moved_channels = 0;  // of these
  std::int32_t sibling = 0;         // place among its producer's consumers
  std::int32_t concat_place = 0;    // 1, 2, … 65 as input of the concatenation that reads it
  std::int32_t consumers = 0;
  std::int32_t add_consumers = 0;
  std::int32_t concat_consumers = 0;
  std::int32_t conv_consumers = 0;
  std::int32_t depthwise_consumers = 0;
  std::int32_t relu_consumers = 0;  // of a ReLU that stands alone
  std::int32_t pool_consumers = 0;
  std::int32_t other_consumers = 0;

  bool operator==(const KernelConfig& other) const { return std::memcmp(this, &other, sizeof other) == 0; }
};
// Without gaps, so that its bytes can be hashed and compared.
static_assert(std::has_unique_object_representations_v<KernelConfig>);
static_assert(sizeof(KernelConfig) % sizeof(std::uint64_t) == 0);

struct KernelConfigHash {
  std::size_t operator()(const KernelConfig& config) const;
};

/// What a device launches as one piece.
struct Kernel {
  /// A part of one of the lists that all kernels of a graph share.
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  KernelConfig config;
  std::uint32_t anchor = 0;      // the layer that gives the kernel its work
  Part layers;                   // its members (KernelGraph::layers_of)
  Part reads;                    // what enters it (KernelGraph::reads_of)
  std::int64_t repetitions = 1;  // how often it runs
  bool sized = true;             // false: not all sizes are known

  Kind kind() const { return config.kind; }
};

/// A kernel that reads what another one makes, by their numbers.
struct Flow {
  std::uint32_t from;
  std::uint32_t to;

  bool operator==(const Flow&) const = default;
};

/// A network as a device runs it.
struct KernelGraph {
  std::shared_ptr<const analysis::Layers> network;
  std::vector<Kernel> kernels;  // in execution order; their layers partition the network
  std::vector<Flow> flows;      // each once, by reader
  std::vector<std::uint32_t> layers;
  std::vector<TensorId> reads;

  /// The kernel's members, in execution order: indices of network->list.
  std::span<const std::uint32_t> layers_of(const Kernel& kernel) const {
    return std::span(layers).subspan(kernel.layers.begin, kernel.layers.end - kernel.layers.begin);
  }
  /// Tensors of its anchor's graph as large as what enters it from other kernels: a Gather reads no more than
  /// it writes.
  std::span<const TensorId> reads_of(const Kernel& kernel) const {
    return std::span(reads).subspan(kernel.reads.begin, kernel.reads.end - kernel.reads.begin);
  }
};

/// What a kernel asks of any device: counted when somebody needs it, as learnt prices do not.
struct KernelWork {
  std::optional<ops::Work> arithmetic;  // absent: not known
  // Elements moved and kept, as integers and as numbers a device stores at its own width.
  std::int64_t activation_elements = 0;
  std::int64_t weight_elements = 0;
  std::int64_t other_bytes = 0;  // of integers and booleans: the same at every precision
};
KernelWork work_of(const KernelGraph& graph, const Kernel& kernel);

/// Every layer as a kernel of its own: what a device without any fusion runs.
KernelGraph unfused(std::shared_ptr<const analysis::Layers> network);

}  // namespace foretime
