#pragma once

// What constants hold in a file that is written with weights other than its own.
//
// A network whose weights nobody has (from the zoo, or from a file that states only shapes), or that must not
// be passed on, can still be timed: speed depends on values only where they are NaN, infinite or subnormal,
// or where they decide what is computed. So made-up values keep activations finite and of ordinary size, and
// what decides (shapes, indices, scalars, quantisation parameters) keeps the values it has.

#include <cstdint>
#include <functional>
#include <string_view>

#include "graph/graph.h"

namespace foretime {

enum class Weights : std::uint8_t {
  original,  // the values the graph's constants hold
  random,    // values of the size that training leaves, from a seed
  zero,      // zeros; what is divided by (variances, divisors, quantisation scales) is 1
  none,      // types and shapes without values
};

/// What a constant is used for, as far as its values matter.
enum class Use : std::uint8_t {
  parameter,  // a shape, an index, a limit, a quantisation scale: decides what is computed
  summand,    // meets an activation, not learnt as far as the operators say
  factor,     // is multiplied with one
  divisor,    // divides one
  bias,
  mean,
  variance,
  scale,  // of a normalisation
  table,  // of embeddings
  weight,
};

struct Purpose {
  Use use = Use::summand;
  std::int64_t fan_in = 1;  // of a weight: how many products are summed up
};

/// By the operators that read the constant, also in bodies and behind Reshape, Transpose, DequantizeLinear
/// and the like; the use that matters most where there are several.
Purpose purpose_of(const Graph& graph, TensorId constant);

/// Where the values come from that a written file holds.
enum class Content : std::uint8_t { kept, made, absent };

/// With other weights than the original ones, a constant keeps the values it has if they decide what is
/// computed: parameters, and what is not learnt and has integers, strings, or at most 64 elements. Error: its
/// type is not known, or original values are asked for and are not there.
Content content_of(std::string_view name, const TensorType& type, const ConstantData& data,
                   const Purpose& purpose, Weights weights);

using Sink = std::function<void(std::string_view)>;

/// The values of one constant as raw bytes, piece by piece; those of Weights::random depend on nothing but
/// the type, the purpose, the seed and the name. REQUIRES: `weights` is random or zero, and the type has a
/// number of bytes.
void make_values(std::string_view name, const TensorType& type, const Purpose& purpose, Weights weights,
                 std::uint64_t seed, const Sink& sink);

}  // namespace foretime
