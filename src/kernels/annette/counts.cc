#include "kernels/annette/counts.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "base/checked.h"
#include "base/error.h"

namespace foretime::annette {
namespace {

constexpr std::array<std::pair<std::string_view, Formula>, 11> kFormulas = {{
    {"Conv", Formula::conv},
    {"ConvTranspose", Formula::conv},
    {"ConvTranspose2d", Formula::conv},
    {"DepthwiseConv", Formula::conv},
    {"DepthwiseSepConv", Formula::conv},
    {"Pool", Formula::pool},
    {"ConvPool", Formula::conv_pool},
    {"Add", Formula::add},
    {"DataInput", Formula::input},
    {"FullyConnected", Formula::fully_connected},
    {"MatMul", Formula::fully_connected},
}};

[[noreturn]] void refuse(const MappedLayer& layer, const std::string& what) {
  throw Error(std::string(layer.name), what, "numbers; --dim NAME=N binds the columns of a template");
}

std::int64_t product(std::span<const std::int64_t> sizes) {
  std::int64_t all = 1;
  for (const std::int64_t size : sizes) all = saturating_mul(all, size);
  return all;
}

/// The sizes behind the batch, multiplied; 0 where ANNETTE cannot.
std::int64_t elements(const MappedLayer& layer, const Value* shape) {
  if (shape == nullptr) return 0;
  if (const auto* sizes = shape->as<Integers>()) {
    return sizes->size() < 2 ? 0 : product(std::span(*sizes).subspan(1));
  }
  const auto* sizes = shape->as<Values>();
  if (sizes == nullptr) return 0;
  const bool list_of_shapes = std::all_of(sizes->begin(), sizes->end(), [](const Value& each) {
    return each.as<Integers>() != nullptr || each.as<Values>() != nullptr;
  });
  if (list_of_shapes) return sizes->size() == 2 ? saturating_mul(2, elements(layer, sizes->data())) : 0;
  // Two names cannot be multiplied, which ANNETTE takes for 0; one can be, with numbers, and fails later.
  const auto is_name = [](const Value& each) { return each.as<std::string>() != nullptr; };
  const auto names = std::count_if(sizes->begin() + 1, sizes->end(), is_name);
  if (names == 1) {
    refuse(layer, "a size is the name '" +
                      *std::find_if(sizes->begin() + 1, sizes->end(), is_name)->as<std::string>() + "'");
  }
  if (names > 1) return 0;
  std::int64_t all = 1;
  for (std::size_t i = 1; i < sizes->size(); ++i) {
    const auto* number = (*sizes)[i].as<std::int64_t>();
    if (number == nullptr) refuse(layer, "a size is no number");
    all = saturating_mul(all, *number);
  }
  return sizes->size() < 2 ? 0 : all;
}

/// All numbers of an attribute from a place on.
std::int64_t product_of(const MappedLayer& layer, const Value* attribute, const char* name,
                        std::size_t from) {
  const auto* sizes = attribute == nullptr ? nullptr : attribute->as<Integers>();
  if (sizes == nullptr)
    refuse(layer, std::string(name) + (attribute == nullptr ? " is missing" : " holds no numbers"));
  return sizes->size() <= from ? 1 : product(std::span(*sizes).subspan(from));
}

std::int64_t conv_ops(const MappedLayer& layer, std::int64_t weights) {
  const std::int64_t twice = saturating_mul(2, weights);
  const std::int64_t rows = saturating_mul(twice, size_at(layer, layer.output_shape, 1));
  return saturating_mul(rows, size_at(layer, layer.output_shape, 2));
}

/// The input is counted back from the output; what comes out is what the pooling gives.
Counts conv_pool(const Network& network, const MappedLayer& layer) {
  Counts counts;
  counts.num_weights = product_of(layer, layer.kernel_shape, "kernel_shape", 0);
  counts.num_ops = conv_ops(layer, counts.num_weights);
  const std::int64_t plane =
      saturating_mul(size_at(layer, layer.output_shape, 1), size_at(layer, layer.output_shape, 2));
  counts.num_inputs = saturating_mul(saturating_mul(plane, size_at(layer, layer.kernel_shape, 2)),
                                     product_of(layer, layer.strides, "strides", 1));
  const MappedLayer* pool = network.fused(layer, "Pool");
  if (pool == nullptr) refuse(layer, "is a ConvPool that no Pool was fused into");
  counts.num_outputs = elements(*pool, pool->output_shape);
  return counts;
}

}  // namespace

Formula formula_of(std::string_view type) {
  const auto found =
      std::find_if(kFormulas.begin(), kFormulas.end(), [&](const auto& row) { return row.first == type; });
  return found == kFormulas.end() ? Formula::base : found->second;
}

std::int64_t size_at(const MappedLayer& layer, const Value* attribute, std::size_t place) {
  const auto* sizes = attribute == nullptr ? nullptr : attribute->as<Integers>();
  if (sizes != nullptr && place < sizes->size()) return (*sizes)[place];
  const auto* values = attribute == nullptr ? nullptr : attribute->as<Values>();
  if (values != nullptr && place < values->size()) {
    if (const auto* number = (*values)[place].as<std::int64_t>()) return *number;
  }
  refuse(layer, "a size that is needed is missing, or no number");
}

Counts counts_of(Formula formula, const Network& network, const MappedLayer& layer) {
  if (formula == Formula::conv_pool) return conv_pool(network, layer);
  Counts counts;
  if (formula != Formula::input) counts.num_inputs = elements(layer, layer.input_shape);
  counts.num_outputs = elements(layer, layer.output_shape);
  switch (formula) {
    case Formula::conv:
      counts.num_weights = product_of(layer, layer.kernel_shape, "kernel_shape", 0);
      counts.num_ops = conv_ops(layer, counts.num_weights);
      break;
    case Formula::pool: {
      const std::int64_t window = product_of(layer, layer.kernel_shape, "kernel_shape", 1);
      counts.num_ops = saturating_mul(saturating_mul(counts.num_outputs, window), 2);
      break;
    }
    case Formula::add:
      counts.num_inputs = saturating_mul(2, counts.num_inputs);
      counts.num_ops = counts.num_outputs;
      break;
    case Formula::fully_connected:
      counts.num_weights = saturating_mul(counts.num_inputs, counts.num_outputs);
      counts.num_ops = saturating_mul(2, counts.num_weights);
      break;
    default:
      break;
  }
  return counts;
}

}  // namespace foretime::annette
