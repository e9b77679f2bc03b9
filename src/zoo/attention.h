#pragma once

// Scaled dot-product attention in the pieces that exporters leave: functional calls, all of them.

#include <cstdint>
#include <optional>

#include "zoo/functions.h"

namespace foretime::zoo {

/// N, L, heads * D to N, heads, L, D.
Value split_heads(const Value& x, std::int64_t heads);
/// N, heads, L, D to N, L, heads * D.
Value merge_heads(const Value& x);

/// q k^T / sqrt(D) of split heads: N, heads, Lq, Lk.
Value attention_scores(const Value& q, const Value& k);

/// Attention of N, L, E tensors by heads. `mask`: true where a query may look at a key.
Value attention(const Value& q, const Value& k, const Value& v, std::int64_t heads,
                const std::optional<Value>& mask = std::nullopt);

/// 1, 1, length, length: every token looks at itself and at those before it.
Value causal_mask(Network& net, std::int64_t length);

/// 0, 1, 2, … in a tensor of these sizes.
Value positions(Network& net, Sizes sizes);

}  // namespace foretime::zoo
