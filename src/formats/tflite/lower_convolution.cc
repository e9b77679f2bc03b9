// Convolutions, pooling and what else slides over images: these have their channels last.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "formats/tflite/lowering.h"
#include "formats/tflite/options.h"

namespace foretime::tflite {
namespace {

using schema::BuiltinOptions;

/// How windows lie over height and width.
struct Windows {
  Sizes kernel, strides, dilations;
  Sizes head, tail;  // of explicit padding
  schema::Padding padding = schema::Padding::VALID;
  bool explicit_pads = false;
};

/// Axes in front that a line has fewer than an image are of size 1.
Sizes of_image(Sizes values, std::int64_t otherwise, std::size_t given) {
  if (values.empty()) values.assign(given, otherwise);
  while (values.size() < 2) values.insert(values.begin(), otherwise);
  return values;
}

/// `in`, `out`: height and width. TFLite pads as little as the result needs, and at the end first ("SAME"),
/// or not at all ("VALID"); everything else is padded by an operator of its own.
Windows windows_of(const Lowering& low, const Sizes& in, const Sizes& out, Sizes kernel, std::size_t given) {
  const Attributes& attributes = low.node().attributes;
  Windows windows;
  windows.kernel = std::move(kernel);
  windows.strides = of_image(attributes.integers("strides"), 1, given);
  windows.dilations = of_image(attributes.integers("dilations"), 1, given);
  const std::string automatic = attributes.text("auto_pad", "NOTSET");
  Sizes pads = attributes.integers("pads");
  if (pads.empty()) pads.assign(2 * given, 0);
  Sizes head = of_image(Sizes(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(given)), 0, given);
  bool same = true;
  bool valid = true;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t extent = (windows.kernel[i] - 1) * windows.dilations[i] + 1;
    const std::int64_t total = std::max<std::int64_t>(
        0, saturating_add(saturating_mul(out[i] - 1, windows.strides[i]), extent - in[i]));
    if (automatic == "SAME_UPPER") head[i] = total / 2;
    if (automatic == "SAME_LOWER") head[i] = total - total / 2;
    if (automatic == "VALID") head[i] = 0;
    same = same && head[i] == total / 2 && out[i] == (in[i] + windows.strides[i] - 1) / windows.strides[i];
    valid = valid && head[i] == 0 && total == 0;
    windows.head.push_back(head[i]);
    windows.tail.push_back(std::max<std::int64_t>(0, total - head[i]));
  }
  windows.padding = same && !valid ? schema::Padding::SAME : schema::Padding::VALID;
  windows.explicit_pads = !same && !valid;
  return windows;
}

/// Batch, height, width, channels of a tensor that is stored channels last; of a line, height is 1.
Sizes image_of(const Sizes& sizes) {
  if (sizes.size() == 4) return {sizes[0], sizes[2], sizes[3], sizes[1]};
  return {sizes[0], 1, sizes[2], sizes[1]};
}

void require_image(const Lowering& low, const Sizes& sizes) {
  if (sizes.size() != 3 && sizes.size() != 4)
    low.refuse("its input has " + std::to_string(sizes.size()) + " axes", "3 or 4");
}

/// The node's input as an image.
int image_input(Lowering& low, const Sizes& sizes) {
  const int stored = low.at(low.input(0), channels_last(sizes.size()));
  const Sizes image = image_of(sizes);
  if (sizes.size() == 4) return stored;
  return low.emit("RESHAPE", {stored, low.constant(image)}, image, low.dtype(low.input(0)),
                  plain(BuiltinOptions::Reshape));
}

/// The result, an image, becomes what the graph calls `id`.
void set_image(Lowering& low, TensorId id, int image) {
  const std::size_t rank = low.sizes(id).size();
  if (rank == 3) {
    const Sizes line = {low.shape(image)[0], low.shape(image)[2], low.shape(image)[3]};
    image =
        low.emit("RESHAPE", {image, low.constant(line)}, line, low.dtype(id), plain(BuiltinOptions::Reshape));
  }
  low.set(id, image, channels_last(rank));
}

/// Pads an image, unless the operator does so itself. `value`: what with; 0 without.
int padded(Lowering& low, int image, const Windows& windows, std::optional<float> value) {
  if (!windows.explicit_pads) return image;
  Sizes shape = low.shape(image);
  const Sizes pads = {0, 0, windows.head[0], windows.tail[0], windows.head[1], windows.tail[1], 0, 0};
  shape[1] += windows.head[0] + windows.tail[0];
  shape[2] += windows.head[1] + windows.tail[1];
  const int paddings = low.constant(pads, {4, 2});
  const DataType type = low.dtype(low.input(0));
  if (!value) return low.emit("PAD", {image, paddings}, shape, type, plain(BuiltinOptions::Pad));
  return low.emit("PADV2", {image, paddings, low.constant(*value)}, shape, type,
                  plain(BuiltinOptions::PadV2));
}

// --- Convolution

/// What a batch normalisation behind a convolution makes of it: y = x · scale + shift, by channel.
struct Affine {
  std::vector<float> scale, shift;
};

Affine affine_of(const Lowering& low, const Node& norm) {
  const std::vector<float> gamma = low.floats(norm.inputs[1]);
  const std::vector<float> beta = low.floats(norm.inputs[2]);
  const std::vector<float> mean = low.floats(norm.inputs[3]);
  const std::vector<float> variance = low.floats(norm.inputs[4]);
  const double epsilon = norm.attributes.real("epsilon", 1e-5);
  Affine affine;
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const double scale = gamma[i] / std::sqrt(variance[i] + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.shift.push_back(static_cast<float>(beta[i] - mean[i] * scale));
  }
  return affine;
}

bool is_plain_norm(const Lowering& low, const Node* node) {
  return node != nullptr && node->op == "BatchNormalization" && node->domain.empty() &&
         node->inputs.size() == 5 && low.values_known() &&
         std::all_of(node->inputs.begin() + 1, node->inputs.end(), [&](TensorId id) {
           return id != kNoTensor && low.is_constant(id) && low.dtype(id) == DataType::float32;
         });
}

/// The weight as TFLite wants it, each output channel scaled.
int weight_of(Lowering& low, TensorId id, const Perm& order, const Sizes& shape,
              const std::vector<float>& scale, std::size_t out_axis) {
  const Sizes sizes = low.sizes(id);
  if (!low.is_constant(id)) {
    const int moved = low.at(id, order);
    if (low.shape(moved) == shape) return moved;
    return low.emit("RESHAPE", {moved, low.constant(shape)}, shape, low.dtype(id),
                    plain(BuiltinOptions::Reshape));
  }
  if (scale.empty()) return low.stored(id, sizes, order, shape);
  return low.constant(
      low.graph()[id].name, shape, DataType::float32, [&low, id, sizes, order, scale, out_axis] {
        std::vector<float> values = low.floats(id);
        std::size_t inner = 1;
        for (std::size_t axis = out_axis + 1; axis < sizes.size(); ++axis)
          inner *= static_cast<std::size_t>(sizes[axis]);
        const auto outs = static_cast<std::size_t>(sizes[out_axis]);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] *= scale[i / inner % outs];
        return permuted({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)},
                        sizeof(float), sizes, order);
      });
}

int bias_of(Lowering& low, std::size_t channels, const Affine& affine) {
  const bool given = low.has(2);
  if (given && affine.scale.empty()) return low.at(low.input(2), identity(1));
  std::vector<float> bias(channels, 0);
  if (given) bias = low.floats(low.input(2));
  if (bias.size() != channels) low.refuse("its bias has " + std::to_string(bias.size()) + " elements");
  for (std::size_t i = 0; i < channels && !affine.scale.empty(); ++i) {
    bias[i] = bias[i] * affine.scale[i] + affine.shift[i];
  }
  return low.constant(low.node().name + "/bias", {static_cast<std::int64_t>(channels)}, std::move(bias));
}

/// A batch normalisation that only the convolution feeds becomes part of its weights.
Affine absorbed_norm(Lowering& low, TensorId& result) {
  const Node* norm = low.only_reader(result);
  const bool known = low.is_constant(low.input(1)) && low.dtype(low.input(1)) == DataType::float32 &&
                     (!low.has(2) || low.is_constant(low.input(2)));
  if (!known || !is_plain_norm(low, norm)) return {};
  const Affine affine = affine_of(low, *norm);
  result = low.absorb(*norm);
  return affine;
}

void conv(Lowering& low) {
  const Sizes x = low.sizes(low.input(0));
  const Sizes w = low.sizes(low.input(1));
  const Sizes y = low.sizes(low.output());
  require_image(low, x);
  const std::size_t space = x.size() - 2;
  const Sizes in = image_of(x);
  const Sizes out = image_of(y);
  const Sizes kernel = of_image(Sizes(w.begin() + 2, w.end()), 1, space);
  const Windows windows = windows_of(low, {in[1], in[2]}, {out[1], out[2]}, kernel, space);
  const std::int64_t groups = low.node().attributes.integer("group", 1);
  const std::int64_t channels = x[1];
  const int image = padded(low, image_input(low, x), windows, std::nullopt);

  TensorId result = low.output();
  const Affine affine = absorbed_norm(low, result);
  const bool depthwise = groups == channels && groups > 1;
  Perm order = channels_last(w.size());  // out, space, in
  if (depthwise) {                       // in, space, out
    order = identity(w.size());
    std::rotate(order.begin(), order.begin() + 1, order.end());
  }
  const Sizes shape =
      depthwise ? Sizes{1, kernel[0], kernel[1], w[0]} : Sizes{w[0], kernel[0], kernel[1], w[1]};
  const int weight = weight_of(low, low.input(1), order, shape, affine.scale, 0);
  const int bias = bias_of(low, static_cast<std::size_t>(w[0]), affine);
  const schema::Activation activation = low.activation_behind(result);
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  const Options options =
      depthwise
          ? options_of(BuiltinOptions::DepthwiseConv2D, schema::CreateDepthwiseConvOptions, windows.padding,
                       narrow(windows.strides[1]), narrow(windows.strides[0]), narrow(w[0] / groups),
                       activation, narrow(windows.dilations[1]), narrow(windows.dilations[0]))
          : options_of(BuiltinOptions::Conv2D, schema::CreateConvOptions, windows.padding,
                       narrow(windows.strides[1]), narrow(windows.strides[0]), activation,
                       narrow(windows.dilations[1]), narrow(windows.dilations[0]));
  set_image(low, result,
            low.emit(depthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D", {image, weight, bias}, out,
                     DataType::float32, options));
}

/// TFLite's transposed convolution has no pads of its own choice: a larger result is computed and cut.
void conv_transpose(Lowering& low) {
  const Sizes x = low.sizes(low.input(0));
  const Sizes w = low.sizes(low.input(1));
  require_image(low, x);
  if (low.node().attributes.integer("group", 1) != 1) low.refuse("it has groups", "one group");
  const std::size_t space = x.size() - 2;
  const Sizes in = image_of(x);
  TensorId result = low.output();
  const Sizes out = image_of(low.sizes(result));
  const Sizes kernel = of_image(Sizes(w.begin() + 2, w.end()), 1, space);
  const Sizes strides = of_image(low.node().attributes.integers("strides"), 1, space);
  for (const std::int64_t dilation : low.node().attributes.integers("dilations")) {
    if (dilation != 1) low.refuse("it is dilated", "dilations of 1");
  }
  Sizes pads = low.node().attributes.integers("pads");
  if (pads.empty()) pads.assign(2 * space, 0);
  const Sizes head =
      of_image(Sizes(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(space)), 0, space);
  const std::string automatic = low.node().attributes.text("auto_pad", "NOTSET");
  if (automatic != "NOTSET" && automatic != "VALID")
    low.refuse("its pads are " + automatic, "pads by number");
  Sizes whole = out;
  for (const std::size_t i : {0u, 1u}) {
    whole[i + 1] = std::max((in[i + 1] - 1) * strides[i] + kernel[i], head[i] + out[i + 1]);
  }
  Perm order = channels_last(w.size());  // in, space, out
  std::swap(order.front(), order.back());
  const int weight = weight_of(low, low.input(1), order, {w[1], kernel[0], kernel[1], w[0]}, {}, 1);
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  const bool cut = whole != out;
  const schema::Activation activation = cut ? schema::Activation::NONE : low.activation_behind(result);
  int made = low.emit(
      "TRANSPOSE_CONV",
      {low.constant(whole), weight, image_input(low, x), bias_of(low, static_cast<std::size_t>(w[1]), {})},
      whole, DataType::float32,
      options_of(BuiltinOptions::TransposeConv, schema::CreateTransposeConvOptions, schema::Padding::VALID,
                 narrow(strides[1]), narrow(strides[0]), activation));
  if (cut) {
    made = low.emit("SLICE", {made, low.constant({0, head[0], head[1], 0}), low.constant(out)}, out,
                    DataType::float32, plain(BuiltinOptions::Slice));
  }
  set_image(low, result, made);
}

void batch_norm(Lowering& low) {
  if (!is_plain_norm(low, &low.node()))
    low.refuse("its parameters are no constants with values", "constants of float32");
  const Affine affine = affine_of(low, low.node());
  const TensorId x = low.input(0);
  const Perm perm = low.layout(x);
  Sizes shape(perm.size(), 1);
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] == 1) shape[i] = static_cast<std::int64_t>(affine.scale.size());
  }
  TensorId result = low.output();
  const Sizes stored = permuted(low.sizes(x), perm);
  const std::string& name = low.node().name;
  const int scaled =
      low.emit("MUL", {low.at(x, perm), low.constant(name + "/scale", shape, affine.scale)}, stored,
               DataType::float32, fused_options(BuiltinOptions::Mul, schema::Activation::NONE));
  const schema::Activation activation = low.activation_behind(result);
  low.set(result,
          low.emit("ADD", {scaled, low.constant(name + "/shift", shape, affine.shift)}, stored,
                   DataType::float32, fused_options(BuiltinOptions::Add, activation)),
          perm);
}

// --- Pooling

Options pool_options(const Windows& windows, schema::Activation activation) {
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  return options_of(BuiltinOptions::Pool2D, schema::CreatePoolOptions, windows.padding,
                    narrow(windows.strides[1]), narrow(windows.strides[0]), narrow(windows.kernel[1]),
                    narrow(windows.kernel[0]), activation);
}

struct Pooling {
  Sizes in, out;
  Windows windows;
};

Pooling pooling_of(Lowering& low) {
  const Sizes x = low.sizes(low.input(0));
  require_image(low, x);
  const std::size_t space = x.size() - 2;
  Pooling pooling{image_of(x), image_of(low.sizes(low.output())), {}};
  const Sizes kernel = of_image(low.node().attributes.integers("kernel_shape"), 1, space);
  pooling.windows =
      windows_of(low, {pooling.in[1], pooling.in[2]}, {pooling.out[1], pooling.out[2]}, kernel, space);
  for (const std::int64_t dilation : pooling.windows.dilations) {
    if (dilation != 1) low.refuse("it is dilated", "dilations of 1");
  }
  return pooling;
}

void max_pool(Lowering& low) {
  const Pooling pooling = pooling_of(low);
  if (low.node().outputs.size() > 1 && low.node().outputs[1] != kNoTensor) low.refuse("it gives indices");
  const int image = padded(low, image_input(low, low.sizes(low.input(0))), pooling.windows,
                           std::numeric_limits<float>::lowest());
  set_image(low, low.output(),
            low.emit("MAX_POOL_2D", {image}, pooling.out, low.dtype(low.input(0)),
                     pool_options(pooling.windows, schema::Activation::NONE)));
}

/// TFLite never counts what it pads itself. Where ONNX wants it counted, zeros are padded in front; where
/// windows of other pads do not count it, the mean over the padded window is scaled by place.
void average_pool(Lowering& low) {
  Pooling pooling = pooling_of(low);
  Windows& windows = pooling.windows;
  const bool counted = low.node().attributes.integer("count_include_pad", 0) != 0;
  const bool pads =
      std::any_of(windows.head.begin(), windows.head.end(), [](std::int64_t n) { return n > 0; }) ||
      std::any_of(windows.tail.begin(), windows.tail.end(), [](std::int64_t n) { return n > 0; });
  if (counted && pads) {
    windows.explicit_pads = true;
    windows.padding = schema::Padding::VALID;
  }
  const bool scaled =
      windows.explicit_pads && (!counted || low.node().attributes.integer("ceil_mode", 0) != 0);
  const int image = padded(low, image_input(low, low.sizes(low.input(0))), windows, std::nullopt);
  int mean = low.emit("AVERAGE_POOL_2D", {image}, pooling.out, DataType::float32,
                      pool_options(windows, schema::Activation::NONE));
  if (scaled) {
    Sizes declared = low.node().attributes.integers("pads");
    if (declared.empty()) declared.assign(4, 0);
    declared = declared.size() == 2 ? Sizes{0, declared[0], 0, declared[1]} : declared;
    const auto inside = [&](std::size_t axis, std::int64_t place) {
      const std::int64_t begin = place * windows.strides[axis] - windows.head[axis];
      const std::int64_t low_end = counted ? -windows.head[axis] : 0;
      const std::int64_t high_end = pooling.in[axis + 1] + (counted ? declared[axis + 2] : 0);
      return std::min(begin + windows.kernel[axis], high_end) - std::max(begin, low_end);
    };
    constexpr std::int64_t kMostPlaces = 1 << 24;
    if (pooling.out[1] * pooling.out[2] > kMostPlaces)
      low.refuse("its result is too large to be scaled by place");
    std::vector<float> factors;
    for (std::int64_t i = 0; i < pooling.out[1]; ++i) {
      for (std::int64_t j = 0; j < pooling.out[2]; ++j) {
        factors.push_back(static_cast<float>(windows.kernel[0] * windows.kernel[1]) /
                          static_cast<float>(inside(0, i) * inside(1, j)));
      }
    }
    const int factor =
        low.constant(low.node().name + "/counts", {1, pooling.out[1], pooling.out[2], 1}, std::move(factors));
    mean = low.emit("MUL", {mean, factor}, pooling.out, DataType::float32,
                    fused_options(BuiltinOptions::Mul, schema::Activation::NONE));
  }
  set_image(low, low.output(), mean);
}

// --- Size

void resize(Lowering& low) {
  const Sizes x = low.sizes(low.input(0));
  const Sizes y = low.sizes(low.output());
  if (x.size() != 4 || x[0] != y[0] || x[1] != y[1])
    low.refuse("it resizes more than height and width of images");
  const Attributes& attributes = low.node().attributes;
  const std::string mode = attributes.text("mode", "nearest");
  const std::string places = attributes.text("coordinate_transformation_mode", "half_pixel");
  if (mode != "linear" && mode != "nearest") low.refuse("its mode is " + mode, "linear, nearest");
  const bool corners = places == "align_corners";
  const bool centers = places == "half_pixel" || places == "pytorch_half_pixel";
  if (!corners && !centers && places != "asymmetric") low.refuse("its coordinates are " + places);
  const bool linear = mode == "linear";
  const Options options = linear ? options_of(BuiltinOptions::ResizeBilinear,
                                              schema::CreateResizeBilinearOptions, corners, centers)
                                 : options_of(BuiltinOptions::ResizeNearestNeighbor,
                                              schema::CreateResizeNearestOptions, corners, centers);
  const Perm perm = channels_last(4);
  low.set(low.emit(linear ? "RESIZE_BILINEAR" : "RESIZE_NEAREST_NEIGHBOR",
                   {low.at(low.input(0), perm), low.constant({y[2], y[3]})}, permuted(y, perm),
                   low.dtype(low.input(0)), options),
          perm);
}

void block(Lowering& low) {
  const bool deeper = low.node().op == "SpaceToDepth";
  if (!deeper && low.node().attributes.text("mode", "DCR") != "DCR") low.refuse("its mode is CRD", "DCR");
  const Perm perm = channels_last(4);
  const auto size = static_cast<std::int32_t>(low.node().attributes.integer("blocksize", 1));
  low.set(low.emit(deeper ? "SPACE_TO_DEPTH" : "DEPTH_TO_SPACE", {low.at(low.input(0), perm)},
                   permuted(low.sizes(low.output()), perm), low.dtype(low.input(0)),
                   options_of(deeper ? BuiltinOptions::SpaceToDepth : BuiltinOptions::DepthToSpace,
                              schema::CreateBlockOptions, size)),
          perm);
}

constexpr LowerRow kRows[] = {{"Conv", conv},
                              {"ConvTranspose", conv_transpose},
                              {"BatchNormalization", batch_norm},
                              {"MaxPool", max_pool},
                              {"AveragePool", average_pool},
                              {"Resize", resize},
                              {"DepthToSpace", block},
                              {"SpaceToDepth", block}};

}  // namespace

std::span<const LowerRow> convolution_lowerings() {
  return kRows;
}

}  // namespace foretime::tflite
