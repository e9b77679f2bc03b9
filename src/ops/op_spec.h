#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime::ops {

class InferContext;

/// Arithmetic of one node. MACs are multiply-accumulates of convolutions, matrix products, recurrent layers
/// and attention; FLOPs count these twice, and everything else too.
struct Work {
  Macs macs;
  Flops flops;
};

/// How a node's activations travel, beyond "reads every input and writes every output once".
enum class Traffic : std::uint8_t {
  streams,   // reads its inputs, writes its outputs
  view,      // moves nothing: the output is the input's buffer
  gathers,   // reads of its first input only as much as it writes (Gather, Slice)
  metadata,  // reads no elements (Shape, Size)
};

/// What one operator means. The table of them all is registry.cc.
struct OpSpec {
  std::string_view name;
  std::string_view domain;  // "" is ONNX's own
  int min_inputs;
  int max_inputs;  // kAny: no limit
  int max_outputs;
  /// A letter per input, the last one repeated: x activation, w weight, b bias, s scale, t table, r running
  /// statistic, i index, shape or quantisation parameter. w, b, s, t are what training learnt.
  std::string_view roles;
  void (*infer)(InferContext&);
  std::optional<Work> (*work)(const Graph&, const Node&);
  std::string_view rule;  // the rule of `work`, for people
  Traffic traffic = Traffic::streams;
  bool random = false;  // never folded

  char role(std::size_t input) const { return roles[input < roles.size() ? input : roles.size() - 1]; }
};

constexpr int kAny = 1 << 20;

/// The spec of an operator, or null. "ai.onnx" and "" are the same domain.
const OpSpec* find_spec(std::string_view domain, std::string_view op);

/// Operators that belong together, by the name of their file.
struct Family {
  std::string_view name;
  std::span<const OpSpec> specs;
};

/// Every operator there is a spec for, in the order of the documentation.
std::span<const Family> families();

/// Name of the family that `spec`, an element of `families()`, belongs to.
std::string_view family_of(const OpSpec& spec);

}  // namespace foretime::ops
