#pragma once

// What translations of ANNETTE's layers (translate.cc) are made of, and those of layers that slide a window.

#include <string>
#include <string_view>
#include <vector>

#include "formats/annette/translate.h"

namespace foretime::annette {

using Translations = std::vector<Translation>;

/// A list of numbers of the layer; empty: there is none of that name.
Integers attribute(const Layer& layer, std::string_view name);

/// The size at a place; -1: not known.
std::int64_t size_at(const Shape* shape, std::size_t place);
/// Null: the layer has no input.
const Shape* first_input(const Layer& layer);
/// Of the first input; -1: not known.
std::int64_t channels_in(const Layer& layer);

LostConstant lost(std::string name, const Integers& shape);
bool positive(const Integers& sizes);
/// The sizes between batch and channels of [1, h, w, 1].
Integers middle(const Integers& sizes);

/// [0, top, left, 0, 0, bottom, right, 0] as ONNX has it.
Integers onnx_pads(const Integers& pads);

// One way of the table in translate.cc each.
Translations convolution(const Layer& layer, const char* word);
Translations depthwise(const Layer& layer, const char* word);
Translations transposed(const Layer& layer, const char* word);
Translations pooling(const Layer& layer, const char* word);

}  // namespace foretime::annette
