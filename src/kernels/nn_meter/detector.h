#pragma once

// nn-Meter's kernel detector, quirks and all, for those who want its kernel lists: docs/nn-meter.md says what
// it does. Our own detector walks a Graph and knows more networks.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/nnmeter/raw_graph.h"
#include "kernels/rules.h"

namespace foretime::nn_meter {

using nnmeter::RawShape;

/// What nn-Meter says of a kernel, under its names; all sizes are those of the kernel's first member.
struct KernelConfig {
  std::string name;  // kind, "#" and the running index
  std::vector<RawShape> input_tensors;
  std::optional<Attribute> ks;  // kernel size and strides, [height, width]
  std::optional<Attribute> strides;
  std::optional<Attribute> split_dim;
  std::optional<std::int64_t> inputh;  // of a first input of rank 4
  std::optional<std::int64_t> inputw;
  std::optional<std::int64_t> cin;
  std::optional<std::int64_t> cout;                     // of the only output …
  std::optional<std::vector<RawShape>> output_tensors;  // … or, if there are several or none, all of them
  std::vector<std::string> inbounds;                    // kernels, ascending
  std::vector<std::string> outbounds;
};

struct Kernel {
  std::string kind;  // types of the members, joined with "-"
  KernelConfig config;
  std::vector<std::string> members;  // names of nodes in the file, in the order they run
};

/// Error: the rules say something that nn-Meter does not know; the graph has a cycle; matching its blocks
/// would take seconds.
std::vector<Kernel> detect_kernels(const nnmeter::RawGraph& graph, const RuleSet& rules);

}  // namespace foretime::nn_meter
