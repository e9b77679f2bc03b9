#include "formats/tflite/outgoing.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace foretime::tflite {

OutModel without_unused(OutModel model) {
  std::vector<int> places(model.tensors.size(), -1);
  const auto each_use = [&](const auto& f) {
    for (OutOperator& operation : model.operators) {
      std::for_each(operation.inputs.begin(), operation.inputs.end(), f);
      std::for_each(operation.outputs.begin(), operation.outputs.end(), f);
    }
    std::for_each(model.inputs.begin(), model.inputs.end(), f);
    std::for_each(model.outputs.begin(), model.outputs.end(), f);
  };
  each_use([&](int id) {
    if (id >= 0) places[static_cast<std::size_t>(id)] = 0;
  });
  std::vector<OutTensor> used;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0) continue;
    places[i] = static_cast<int>(used.size());
    used.push_back(std::move(model.tensors[i]));
  }
  model.tensors = std::move(used);
  each_use([&](int& id) {
    if (id >= 0) id = places[static_cast<std::size_t>(id)];
  });
  return model;
}

Perm identity(std::size_t rank) {
  Perm perm(rank);
  std::iota(perm.begin(), perm.end(), std::size_t{0});
  return perm;
}

Perm channels_last(std::size_t rank) {
  Perm perm = identity(rank);
  if (rank > 2) {
    perm.erase(perm.begin() + 1);
    perm.push_back(1);
  }
  return perm;
}

Sizes permuted(const Sizes& sizes, const Perm& perm) {
  Sizes out;
  for (const std::size_t axis : perm) out.push_back(sizes[axis]);
  return out;
}

std::int64_t count(const Sizes& sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) product *= size;
  return product;
}

std::string permuted(std::string_view bytes, std::size_t element, const Sizes& sizes, const Perm& perm) {
  if (perm == identity(sizes.size())) return std::string(bytes);
  std::vector<std::size_t> strides(sizes.size(), element);
  for (std::size_t i = sizes.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * static_cast<std::size_t>(sizes[i]);
  }
  const Sizes shape = permuted(sizes, perm);
  std::string out(bytes.size(), '\0');
  std::vector<std::int64_t> position(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += element) {
    std::memcpy(out.data() + to, bytes.data() + from, element);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += strides[perm[axis]];
      if (++position[axis] < shape[axis]) break;
      from -= strides[perm[axis]] * static_cast<std::size_t>(shape[axis]);
      position[axis] = 0;
    }
  }
  return out;
}

}  // namespace foretime::tflite
