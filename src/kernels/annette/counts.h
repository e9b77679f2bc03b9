#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/annette/network.h"

namespace foretime::annette {

/// How ANNETTE counts a layer.
enum class Formula : std::uint8_t { base, conv, conv_pool, pool, add, input, fully_connected };

/// By the type of a layer, or of the entry of the layer model that prices it.
Formula formula_of(std::string_view type);

/// Elements and operations (a multiply-accumulate is two) as ANNETTE counts them, its mistakes included:
/// without the batch, and negative where sizes are not known.
struct Counts {
  std::int64_t num_ops = 0;
  std::int64_t num_inputs = 0;
  std::int64_t num_outputs = 0;
  std::int64_t num_weights = 0;
};

/// Error, with where = the layer: a size that is needed is missing, or is the name of a column. ANNETTE stops
/// there, too.
Counts counts_of(Formula formula, const Network& network, const MappedLayer& layer);

/// The size at a place of an attribute. Error, with where = the layer: there is none.
std::int64_t size_at(const MappedLayer& layer, const Value* attribute, std::size_t place);

}  // namespace foretime::annette
