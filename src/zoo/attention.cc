#include "zoo/attention.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace foretime::zoo {

Value split_heads(const Value& x, std::int64_t heads) {
  const std::int64_t length = x.sizes[1];
  return transpose(reshape(x, {x.batch(), length, heads, x.sizes[2] / heads}), {0, 2, 1, 3});
}

Value merge_heads(const Value& x) {
  return reshape(transpose(x, {0, 2, 1, 3}), {x.batch(), x.sizes[2], x.sizes[1] * x.sizes[3]});
}

Value attention_scores(const Value& q, const Value& k) {
  const auto depth = static_cast<float>(q.sizes.back());
  const Value scaled = mul(q, q.net->scalar(1 / std::sqrt(depth)));
  return matmul(scaled, transpose(k, {0, 1, 3, 2}));
}

Value attention(const Value& q, const Value& k, const Value& v, std::int64_t heads,
                const std::optional<Value>& mask) {
  Value scores = attention_scores(split_heads(q, heads), split_heads(k, heads));
  if (mask) scores = where(*mask, scores, q.net->scalar(-std::numeric_limits<float>::infinity()));
  return merge_heads(matmul(softmax(scores, -1), split_heads(v, heads)));
}

Value causal_mask(Network& net, std::int64_t length) {
  std::vector<bool> visible;
  for (std::int64_t query = 0; query < length; ++query) {
    for (std::int64_t key = 0; key < length; ++key) visible.push_back(key <= query);
  }
  return net.mask(fmt::format("causal_mask_{}", length), {1, 1, length, length}, visible);
}

Value positions(Network& net, Sizes sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return net.index_table(fmt::format("positions_{}", fmt::join(sizes, "x")), sizes, values);
}

}  // namespace foretime::zoo
