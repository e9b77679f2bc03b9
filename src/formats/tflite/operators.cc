#include "formats/tflite/operators.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/error.h"

namespace foretime::tflite {
namespace {

using Numbers = std::vector<std::int64_t>;

// Sizes, axes and the like; what is longer is no such thing.
constexpr std::size_t kMostNumbers = 4096;
constexpr std::size_t kMostAxes = 16;

// --- Attributes that many operators share

void set_activation(Node& node, schema::Activation activation) {
  const auto set = [&](const char* name) { node.attributes.set("activation", std::string(name)); };
  const auto clip = [&](float low, float high) {
    set("Clip");
    node.attributes.set("activation_params", std::vector<float>{low, high});
  };
  switch (activation) {
    case schema::Activation::RELU:
      return set("Relu");
    case schema::Activation::RELU_N1_TO_1:
      return clip(-1, 1);
    case schema::Activation::RELU6:
      return clip(0, 6);
    case schema::Activation::TANH:
      return set("Tanh");
    case schema::Activation::SIGN_BIT:
      return set("Sign");
    default:
      return;
  }
}

void set_padding(Node& node, schema::Padding padding) {
  node.attributes.set("auto_pad", std::string(padding == schema::Padding::SAME ? "SAME_UPPER" : "VALID"));
}

void set_layout(Node& node, const char* weights) {
  node.attributes.set("channels_last", std::int64_t{1});
  node.attributes.set("weight_layout", std::string(weights));
}

/// How many times the weight's input channels (at `axis` of its shape) go into the input's.
std::int64_t groups_of(const Translation& t, std::size_t input, std::size_t axis) {
  const Shape x = t.shape(input);
  const Shape w = t.shape(1);
  if (x.empty() || axis >= w.size() || !x.back().is_number() || !w[axis].is_number()) return 1;
  const std::int64_t each = w[axis].number();
  return each > 0 && x.back().number() % each == 0 ? std::max<std::int64_t>(1, x.back().number() / each) : 1;
}

template <schema::BuiltinOptions kind>
void fused(Translation& t) {
  set_activation(t.node, t.options<schema::FusedOptions>(kind).activation());
}

template <int low, int high>
void clip(Translation& t) {
  t.node.attributes.set("min", static_cast<float>(low));
  t.node.attributes.set("max", static_cast<float>(high));
}

void last_axis(Translation& t) {
  t.node.attributes.set("axis", std::int64_t{-1});
}

// --- Convolution and pooling

template <typename Options>
void set_windows(Translation& t, const Options& options) {
  set_padding(t.node, options.padding());
  t.node.attributes.set("strides", Numbers{options.stride_h(), options.stride_w()});
  t.node.attributes.set("dilations", Numbers{options.dilation_h(), options.dilation_w()});
  set_activation(t.node, options.activation());
}

void convolution(Translation& t) {
  set_layout(t.node, "OHWI");
  set_windows(t, t.options<schema::ConvOptions>(schema::BuiltinOptions::Conv2D));
  t.node.attributes.set("group", groups_of(t, 0, 3));
}

void depthwise(Translation& t) {
  set_layout(t.node, "IHWO");
  set_windows(t, t.options<schema::DepthwiseConvOptions>(schema::BuiltinOptions::DepthwiseConv2D));
  t.node.attributes.set("group", groups_of(t, 0, 0));
}

/// From (output shape, weight, input, bias) to (input, weight, bias).
void set_transposed(Translation& t, std::size_t rank) {
  if (t.inputs() < 3) throw Error("", "has " + std::to_string(t.inputs()) + " inputs", "3 or 4");
  if (const auto wanted = t.numbers(0); wanted && wanted->size() == rank + 2) {
    t.node.attributes.set("output_shape", Numbers(wanted->begin() + 1, wanted->end() - 1));
  }
  std::vector<TensorId>& inputs = t.node.inputs;
  std::swap(inputs[0], inputs[2]);
  inputs.erase(inputs.begin() + 2);
}

void transpose_conv(Translation& t) {
  const auto& options = t.options<schema::TransposeConvOptions>(schema::BuiltinOptions::TransposeConv);
  set_layout(t.node, "OHWI");
  set_padding(t.node, options.padding());
  t.node.attributes.set("strides", Numbers{options.stride_h(), options.stride_w()});
  set_activation(t.node, options.activation());
  set_transposed(t, 2);
}

void set_conv_3d(Translation& t) {
  const auto& options = t.options<schema::Conv3DOptions>(schema::BuiltinOptions::Conv3D);
  set_padding(t.node, options.padding());
  t.node.attributes.set("strides", Numbers{options.stride_d(), options.stride_h(), options.stride_w()});
  t.node.attributes.set("dilations",
                        Numbers{options.dilation_d(), options.dilation_h(), options.dilation_w()});
  set_activation(t.node, options.activation());
}

void conv_3d(Translation& t) {
  set_layout(t.node, "DHWIO");
  set_conv_3d(t);
  t.node.attributes.set("group", groups_of(t, 0, 3));
}

void conv_3d_transpose(Translation& t) {
  set_layout(t.node, "DHWOI");
  set_conv_3d(t);
  set_transposed(t, 3);
}

void pool(Translation& t) {
  const auto& options = t.options<schema::PoolOptions>(schema::BuiltinOptions::Pool2D);
  t.node.attributes.set("channels_last", std::int64_t{1});
  t.node.attributes.set("kernel_shape", Numbers{options.filter_h(), options.filter_w()});
  t.node.attributes.set("strides", Numbers{options.stride_h(), options.stride_w()});
  set_padding(t.node, options.padding());
  set_activation(t.node, options.activation());
}

// --- Matrices

void fully_connected(Translation& t) {
  const auto& options = t.options<schema::FullyConnectedOptions>(schema::BuiltinOptions::FullyConnected);
  set_activation(t.node, options.activation());
  const Shape x = t.shape(0);
  const Shape w = t.shape(1);
  if (x.size() == 2 && w.size() == 2 && x[1] == w[1]) {
    t.node.attributes.set("transB", std::int64_t{1});
    return;
  }
  t.keep("FULLY_CONNECTED");
  if (options.keep_num_dims()) t.node.attributes.set("keep_num_dims", std::int64_t{1});
}

void batch_matmul(Translation& t) {
  const auto& options = t.options<schema::BatchMatMulOptions>(schema::BuiltinOptions::BatchMatMul);
  if (!options.adj_x() && !options.adj_y()) return;
  t.node.op = "FusedMatMul";
  t.node.domain = "com.microsoft";
  if (options.adj_x()) t.node.attributes.set("transA", std::int64_t{1});
  if (options.adj_y()) t.node.attributes.set("transB", std::int64_t{1});
}

void embedding(Translation& t) {
  if (t.inputs() == 2) std::swap(t.node.inputs[0], t.node.inputs[1]);
}

// --- Normalisation

void softmax(Translation& t) {
  last_axis(t);
  const float beta = t.options<schema::SoftmaxOptions>(schema::BuiltinOptions::Softmax).beta();
  if (beta != 0 && beta != 1) t.node.attributes.set("beta", beta);
}

void l2_normalization(Translation& t) {
  last_axis(t);
  fused<schema::BuiltinOptions::L2Norm>(t);
}

/// ONNX divides alpha by the size of the window.
void lrn(Translation& t) {
  const auto& options = t.options<schema::LocalResponseNormalizationOptions>(
      schema::BuiltinOptions::LocalResponseNormalization);
  const std::int64_t size = 2 * std::clamp<std::int64_t>(options.radius(), 0, 1 << 20) + 1;
  t.node.attributes.set("channels_last", std::int64_t{1});
  t.node.attributes.set("size", size);
  t.node.attributes.set("alpha", options.alpha() * static_cast<float>(size));
  t.node.attributes.set("beta", options.beta());
  t.node.attributes.set("bias", options.bias());
}

void gelu(Translation& t) {
  const bool tanh = t.options<schema::GeluOptions>(schema::BuiltinOptions::Gelu).approximate();
  t.node.attributes.set("approximate", std::string(tanh ? "tanh" : "none"));
}

void leaky_relu(Translation& t) {
  t.node.attributes.set("alpha",
                        t.options<schema::LeakyReluOptions>(schema::BuiltinOptions::LeakyRelu).alpha());
}

// --- Reduction

void reduce(Translation& t) {
  const bool keep = t.options<schema::ReducerOptions>(schema::BuiltinOptions::Reducer).keep_dims();
  t.node.attributes.set("keepdims", std::int64_t{keep ? 1 : 0});
}

void arg(Translation& t) {
  const auto axis = t.numbers(1);
  if (!axis || axis->size() != 1) return t.keep(t.node.op == "ArgMax" ? "ARG_MAX" : "ARG_MIN");
  t.node.attributes.set("axis", (*axis)[0]);
  t.node.attributes.set("keepdims", std::int64_t{0});
  t.node.inputs.resize(1);
}

void cumsum(Translation& t) {
  const auto& options = t.options<schema::CumsumOptions>(schema::BuiltinOptions::Cumsum);
  if (options.exclusive()) t.node.attributes.set("exclusive", std::int64_t{1});
  if (options.reverse()) t.node.attributes.set("reverse", std::int64_t{1});
}

// --- Shapes and moves

void concatenation(Translation& t) {
  const auto& options = t.options<schema::ConcatenationOptions>(schema::BuiltinOptions::Concatenation);
  t.node.attributes.set("axis", std::int64_t{options.axis()});
  set_activation(t.node, options.activation());
}

/// Sizes come as an input, in the options, or as what the file says of the output.
void reshape(Translation& t) {
  t.node.attributes.set("allowzero", std::int64_t{1});
  if (t.has(1) && t.shape(1).size() == 1) return;
  const auto stated =
      elements(t.options<schema::ReshapeOptions>(schema::BuiltinOptions::Reshape).new_shape());
  Numbers sizes(stated.begin(), stated.end());
  if (sizes.size() == 1 && sizes[0] == 0) sizes.clear();  // so some old files write a scalar
  if (stated.empty() && !t.node.outputs.empty() && t.node.outputs[0] != kNoTensor) {
    const std::optional<Shape>& made = t.builder[t.node.outputs[0]].type.shape;
    for (const Dim& size : made.value_or(Shape())) sizes.push_back(size.is_number() ? size.number() : -1);
  }
  t.node.inputs.resize(1);
  t.node.inputs.push_back(t.constant("shape", sizes));
}

void squeeze(Translation& t) {
  const auto axes =
      elements(t.options<schema::SqueezeOptions>(schema::BuiltinOptions::Squeeze).squeeze_dims());
  if (!axes.empty()) t.node.attributes.set("axes", Numbers(axes.begin(), axes.end()));
}

void expand_dims(Translation& t) {
  const auto axis = t.numbers(1);
  if (!axis) return;
  t.node.attributes.set("axes", *axis);
  t.node.inputs.resize(1);
}

void transpose(Translation& t) {
  const auto perm = t.numbers(1);
  if (!perm) return t.keep("TRANSPOSE");
  t.node.attributes.set("perm", *perm);
  t.node.inputs.resize(1);
}

/// From (begin, size) to (begin, end).
void slice(Translation& t) {
  auto begin = t.numbers(1);
  const auto size = t.numbers(2);
  if (!begin || !size || begin->size() != size->size()) return t.keep("SLICE");
  Numbers ends;
  for (std::size_t i = 0; i < size->size(); ++i) {
    const bool rest = (*size)[i] < 0;
    ends.push_back(rest ? std::numeric_limits<std::int64_t>::max() : saturating_add((*begin)[i], (*size)[i]));
  }
  t.node.inputs[2] = t.constant("ends", ends);
}

/// Masks are resolved, unless they change the rank.
void strided_slice(Translation& t) {
  const auto& options = t.options<schema::StridedSliceOptions>(schema::BuiltinOptions::StridedSlice);
  auto begin = t.numbers(1);
  auto end = t.numbers(2);
  const auto strides = t.numbers(3);
  const bool reshapes =
      options.ellipsis_mask() != 0 || options.new_axis_mask() != 0 || options.shrink_axis_mask() != 0;
  if (reshapes || options.offset() || !begin || !end || !strides || begin->size() > kMostAxes ||
      begin->size() != end->size() || begin->size() != strides->size()) {
    t.keep("STRIDED_SLICE");
    const auto set = [&](const char* name, std::int64_t mask) {
      if (mask != 0) t.node.attributes.set(name, mask);
    };
    set("begin_mask", options.begin_mask());
    set("end_mask", options.end_mask());
    set("ellipsis_mask", options.ellipsis_mask());
    set("new_axis_mask", options.new_axis_mask());
    set("shrink_axis_mask", options.shrink_axis_mask());
    return set("offset", options.offset() ? 1 : 0);
  }
  Numbers axes;
  for (std::size_t i = 0; i < begin->size(); ++i) {
    const bool forward = (*strides)[i] > 0;
    const std::int64_t last = std::numeric_limits<std::int64_t>::max();
    if ((options.begin_mask() >> i & 1) != 0) (*begin)[i] = forward ? 0 : last;
    if ((options.end_mask() >> i & 1) != 0) (*end)[i] = forward ? last : -last;
    axes.push_back(static_cast<std::int64_t>(i));
  }
  t.node.inputs = {t.node.inputs[0], t.constant("starts", *begin), t.constant("ends", *end),
                   t.constant("axes", axes), t.node.inputs[3]};
}

/// From [rank, 2] to all begins, then all ends.
bool set_pads(Translation& t) {
  const auto paddings = t.numbers(1);
  if (!paddings || paddings->size() % 2 != 0) return false;
  Numbers pads;
  for (const std::size_t side : {0u, 1u}) {
    for (std::size_t i = side; i < paddings->size(); i += 2) pads.push_back((*paddings)[i]);
  }
  t.node.inputs[1] = t.constant("pads", pads);
  return true;
}

void pad(Translation& t) {
  if (!set_pads(t)) t.keep(t.inputs() == 3 ? "PADV2" : "PAD");
}

void mirror_pad(Translation& t) {
  const schema::MirrorPadMode mode =
      t.options<schema::MirrorPadOptions>(schema::BuiltinOptions::MirrorPad).mode();
  if (mode != schema::MirrorPadMode::REFLECT || !set_pads(t)) return t.keep("MIRROR_PAD");
  t.node.attributes.set("mode", std::string("reflect"));
}

void split(Translation& t) {
  const auto axis = t.numbers(0);
  if (!axis || axis->size() != 1 || t.inputs() != 2) return t.keep("SPLIT");
  t.node.attributes.set("axis", (*axis)[0]);
  t.node.attributes.set("num_outputs", static_cast<std::int64_t>(t.node.outputs.size()));
  t.node.inputs.erase(t.node.inputs.begin());
}

void split_v(Translation& t) {
  const auto axis = t.numbers(2);
  if (!axis || axis->size() != 1) return t.keep("SPLIT_V");
  t.node.attributes.set("axis", (*axis)[0]);
  t.node.inputs.resize(2);
}

void gather(Translation& t) {
  const auto& options = t.options<schema::GatherOptions>(schema::BuiltinOptions::Gather);
  if (options.batch_dims() != 0) t.keep("GATHER");
  t.node.attributes.set("axis", std::int64_t{options.axis()});
  if (options.batch_dims() != 0) t.node.attributes.set("batch_dims", std::int64_t{options.batch_dims()});
}

void pack(Translation& t) {
  t.node.attributes.set("axis",
                        std::int64_t{t.options<schema::PackOptions>(schema::BuiltinOptions::Pack).axis()});
}

void unpack(Translation& t) {
  t.node.attributes.set(
      "axis", std::int64_t{t.options<schema::UnpackOptions>(schema::BuiltinOptions::Unpack).axis()});
}

void one_hot(Translation& t) {
  t.node.attributes.set("axis",
                        std::int64_t{t.options<schema::AxisOptions>(schema::BuiltinOptions::OneHot).axis()});
}

void block(Translation& t) {
  const schema::BuiltinOptions kind = t.source.builtin_options_type();
  const bool there =
      kind == schema::BuiltinOptions::SpaceToDepth || kind == schema::BuiltinOptions::DepthToSpace;
  const auto& options = t.options<schema::BlockOptions>(there ? kind : schema::BuiltinOptions::SpaceToDepth);
  t.node.attributes.set("blocksize", std::int64_t{options.block_size()});
}

void reverse_sequence(Translation& t) {
  const auto& options = t.options<schema::ReverseSequenceOptions>(schema::BuiltinOptions::ReverseSequence);
  t.node.attributes.set("time_axis", std::int64_t{options.seq_dim()});
  t.node.attributes.set("batch_axis", std::int64_t{options.batch_dim()});
}

/// Conditions of other ranks choose rows.
void select(Translation& t) {
  if (t.shape(0).size() != t.shape(1).size()) t.keep("SELECT");
}

void set_resize(Translation& t, const char* mode, bool align_corners, bool half_pixel_centers) {
  t.node.attributes.set("mode", std::string(mode));
  t.node.attributes.set("coordinate_transformation_mode", std::string(align_corners        ? "align_corners"
                                                                      : half_pixel_centers ? "half_pixel"
                                                                                           : "asymmetric"));
  t.node.attributes.set("axes", Numbers{1, 2});
  if (t.inputs() == 2) t.node.inputs = {t.node.inputs[0], kNoTensor, kNoTensor, t.node.inputs[1]};
}

void resize_bilinear(Translation& t) {
  const auto& options = t.options<schema::ResizeBilinearOptions>(schema::BuiltinOptions::ResizeBilinear);
  set_resize(t, "linear", options.align_corners(), options.half_pixel_centers());
}

void resize_nearest(Translation& t) {
  const auto& options =
      t.options<schema::ResizeNearestOptions>(schema::BuiltinOptions::ResizeNearestNeighbor);
  set_resize(t, "nearest", options.align_corners(), options.half_pixel_centers());
  t.node.attributes.set("nearest_mode", std::string(options.align_corners() ? "round_prefer_ceil" : "floor"));
}

// --- Types

void cast(Translation& t) {
  const DataType made = t.node.outputs.empty() || t.node.outputs[0] == kNoTensor ? DataType::undefined
                                                                                 : t.dtype(t.node.outputs[0]);
  t.node.attributes.set("to", static_cast<std::int64_t>(made));
}

/// ONNX keeps the parameters with the node, TFLite with the quantised tensor.
bool add_quantization(Translation& t, TensorId quantized) {
  const auto parameters = t.builder[quantized].quantization;
  if (parameters == nullptr || parameters->scales.empty()) return false;
  const auto count = static_cast<std::int64_t>(parameters->scales.size());
  const Shape shape = count == 1 ? Shape() : Shape{Dim(count)};
  t.node.inputs.push_back(
      t.constant("scale", {DataType::float32, shape}, ConstantData::of(parameters->scales)));
  const DataType type = t.dtype(quantized);
  if (!is_integer(type) || bits_of(type) < 8) return true;  // a zero point that is left out is 0
  std::vector<std::byte> bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::size_t>(i);
    const auto zero = place < parameters->zero_points.size() ? parameters->zero_points[place] : 0;
    for (int shift = 0; shift < bits_of(type); shift += 8) {
      bytes.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(zero) >> shift));
    }
  }
  t.node.inputs.push_back(t.constant("zero_point", {type, shape}, ConstantData::owning(std::move(bytes))));
  if (count > 1) t.node.attributes.set("axis", parameters->axis);
  return true;
}

/// Numbers that are quantised already are scaled anew, which ONNX has no operator for.
void quantize(Translation& t) {
  const bool plain = t.has(0) && is_float(t.dtype(t.node.inputs[0])) && t.node.outputs.size() == 1 &&
                     t.node.outputs[0] != kNoTensor;
  if (!plain || !add_quantization(t, t.node.outputs[0])) t.keep("QUANTIZE");
}

/// Halves are widened by the same operator.
void dequantize(Translation& t) {
  if (!t.has(0)) return t.keep("DEQUANTIZE");
  if (is_float(t.dtype(t.node.inputs[0]))) {
    t.node.op = "Cast";
    return cast(t);
  }
  if (!add_quantization(t, t.node.inputs[0])) t.keep("DEQUANTIZE");
}

void lstm(Translation& t) {
  set_activation(t.node, t.options<schema::LSTMOptions>(schema::BuiltinOptions::LSTM).activation());
}

void sequence_lstm(Translation& t) {
  const auto& options =
      t.options<schema::SequenceLSTMOptions>(schema::BuiltinOptions::UnidirectionalSequenceLSTM);
  set_activation(t.node, options.activation());
  if (options.time_major()) t.node.attributes.set("time_major", std::int64_t{1});
}

// --- The table: every builtin operator, at the place of its code.

constexpr Builtin kBuiltins[] = {
    {"ADD", "Add", fused<schema::BuiltinOptions::Add>},
    {"AVERAGE_POOL_2D", "AveragePool", pool},
    {"CONCATENATION", "Concat", concatenation},
    {"CONV_2D", "Conv", convolution},
    {"DEPTHWISE_CONV_2D", "Conv", depthwise},
    {"DEPTH_TO_SPACE", "", block},
    {"DEQUANTIZE", "DequantizeLinear", dequantize},
    {"EMBEDDING_LOOKUP", "Gather", embedding},
    {"FLOOR", "Floor"},
    {"FULLY_CONNECTED", "Gemm", fully_connected},
    {"HASHTABLE_LOOKUP", ""},
    {"L2_NORMALIZATION", "LpNormalization", l2_normalization},
    {"L2_POOL_2D", "", pool},
    {"LOCAL_RESPONSE_NORMALIZATION", "LRN", lrn},
    {"LOGISTIC", "Sigmoid"},
    {"LSH_PROJECTION", ""},
    {"LSTM", "", lstm},
    {"MAX_POOL_2D", "MaxPool", pool},
    {"MUL", "Mul", fused<schema::BuiltinOptions::Mul>},
    {"RELU", "Relu"},
    {"RELU_N1_TO_1", "Clip", clip<-1, 1>},
    {"RELU6", "Clip", clip<0, 6>},
    {"RESHAPE", "Reshape", reshape},
    {"RESIZE_BILINEAR", "Resize", resize_bilinear},
    {"RNN", ""},
    {"SOFTMAX", "Softmax", softmax},
    {"SPACE_TO_DEPTH", "", block},
    {"SVDF", ""},
    {"TANH", "Tanh"},
    {"CONCAT_EMBEDDINGS", ""},
    {"SKIP_GRAM", ""},
    {"CALL", ""},
    {"CUSTOM", ""},
    {"EMBEDDING_LOOKUP_SPARSE", ""},
    {"PAD", "Pad", pad},
    {"UNIDIRECTIONAL_SEQUENCE_RNN", ""},
    {"GATHER", "Gather", gather},
    {"BATCH_TO_SPACE_ND", ""},
    {"SPACE_TO_BATCH_ND", ""},
    {"TRANSPOSE", "Transpose", transpose},
    {"MEAN", "ReduceMean", reduce},
    {"SUB", "Sub", fused<schema::BuiltinOptions::Sub>},
    {"DIV", "Div", fused<schema::BuiltinOptions::Div>},
    {"SQUEEZE", "Squeeze", squeeze},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", "", sequence_lstm},
    {"STRIDED_SLICE", "Slice", strided_slice},
    {"BIDIRECTIONAL_SEQUENCE_RNN", ""},
    {"EXP", "Exp"},
    {"TOPK_V2", "TopK"},
    {"SPLIT", "Split", split},
    {"LOG_SOFTMAX", "LogSoftmax", last_axis},
    {"DELEGATE", ""},
    {"BIDIRECTIONAL_SEQUENCE_LSTM", ""},
    {"CAST", "Cast", cast},
    {"PRELU", "PRelu"},
    {"MAXIMUM", "Max"},
    {"ARG_MAX", "ArgMax", arg},
    {"MINIMUM", "Min"},
    {"LESS", "Less"},
    {"NEG", "Neg"},
    {"PADV2", "Pad", pad},
    {"GREATER", "Greater"},
    {"GREATER_EQUAL", "GreaterOrEqual"},
    {"LESS_EQUAL", "LessOrEqual"},
    {"SELECT", "Where", select},
    {"SLICE", "Slice", slice},
    {"SIN", "Sin"},
    {"TRANSPOSE_CONV", "ConvTranspose", transpose_conv},
    {"SPARSE_TO_DENSE", ""},
    {"TILE", "Tile"},
    {"EXPAND_DIMS", "Unsqueeze", expand_dims},
    {"EQUAL", "Equal"},
    {"NOT_EQUAL", ""},
    {"LOG", "Log"},
    {"SUM", "ReduceSum", reduce},
    {"SQRT", "Sqrt"},
    {"RSQRT", ""},
    {"SHAPE", "Shape"},
    {"POW", "Pow"},
    {"ARG_MIN", "ArgMin", arg},
    {"FAKE_QUANT", ""},
    {"REDUCE_PROD", "ReduceProd", reduce},
    {"REDUCE_MAX", "ReduceMax", reduce},
    {"PACK", "", pack},
    {"LOGICAL_OR", "Or"},
    {"ONE_HOT", "", one_hot},
    {"LOGICAL_AND", "And"},
    {"LOGICAL_NOT", "Not"},
    {"UNPACK", "", unpack},
    {"REDUCE_MIN", "ReduceMin", reduce},
    {"FLOOR_DIV", ""},
    {"REDUCE_ANY", "ReduceMax", reduce},
    {"SQUARE", ""},
    {"ZEROS_LIKE", ""},
    {"FILL", ""},
    {"FLOOR_MOD", "Mod"},
    {"RANGE", "Range"},
    {"RESIZE_NEAREST_NEIGHBOR", "Resize", resize_nearest},
    {"LEAKY_RELU", "LeakyRelu", leaky_relu},
    {"SQUARED_DIFFERENCE", ""},
    {"MIRROR_PAD", "Pad", mirror_pad},
    {"ABS", "Abs"},
    {"SPLIT_V", "Split", split_v},
    {"UNIQUE", ""},
    {"CEIL", "Ceil"},
    {"REVERSE_V2", ""},
    {"ADD_N", "Sum"},
    {"GATHER_ND", "GatherND"},
    {"COS", "Cos"},
    {"WHERE", ""},
    {"RANK", ""},
    {"ELU", "Elu"},
    {"REVERSE_SEQUENCE", "ReverseSequence", reverse_sequence},
    {"MATRIX_DIAG", ""},
    {"QUANTIZE", "QuantizeLinear", quantize},
    {"MATRIX_SET_DIAG", ""},
    {"ROUND", "Round"},
    {"HARD_SWISH", "HardSwish"},
    {"IF", "If"},
    {"WHILE", ""},
    {"NON_MAX_SUPPRESSION_V4", ""},
    {"NON_MAX_SUPPRESSION_V5", ""},
    {"SCATTER_ND", ""},
    {"SELECT_V2", "Where"},
    {"DENSIFY", ""},
    {"SEGMENT_SUM", ""},
    {"BATCH_MATMUL", "MatMul", batch_matmul},
    {"PLACEHOLDER_FOR_GREATER_OP_CODES", ""},
    {"CUMSUM", "CumSum", cumsum},
    {"CALL_ONCE", ""},
    {"BROADCAST_TO", "Expand"},
    {"RFFT2D", ""},
    {"CONV_3D", "Conv", conv_3d},
    {"IMAG", ""},
    {"REAL", ""},
    {"COMPLEX_ABS", ""},
    {"HASHTABLE", ""},
    {"HASHTABLE_FIND", ""},
    {"HASHTABLE_IMPORT", ""},
    {"HASHTABLE_SIZE", ""},
    {"REDUCE_ALL", "ReduceMin", reduce},
    {"CONV_3D_TRANSPOSE", "ConvTranspose", conv_3d_transpose},
    {"VAR_HANDLE", ""},
    {"READ_VARIABLE", ""},
    {"ASSIGN_VARIABLE", ""},
    {"BROADCAST_ARGS", ""},
    {"RANDOM_STANDARD_NORMAL", ""},
    {"BUCKETIZE", ""},
    {"RANDOM_UNIFORM", ""},
    {"MULTINOMIAL", ""},
    {"GELU", "Gelu", gelu},
    {"DYNAMIC_UPDATE_SLICE", ""},
    {"RELU_0_TO_1", "Clip", clip<0, 1>},
    {"UNSORTED_SEGMENT_PROD", ""},
    {"UNSORTED_SEGMENT_MAX", ""},
    {"UNSORTED_SEGMENT_SUM", ""},
    {"ATAN2", ""},
    {"UNSORTED_SEGMENT_MIN", ""},
    {"SIGN", "Sign"},
    {"BITCAST", ""},
    {"BITWISE_XOR", "BitwiseXor"},
    {"RIGHT_SHIFT", ""},
    {"STABLEHLO_LOGISTIC", "Sigmoid"},
    {"STABLEHLO_ADD", "Add"},
    {"STABLEHLO_DIVIDE", "Div"},
    {"STABLEHLO_MULTIPLY", "Mul"},
    {"STABLEHLO_MAXIMUM", "Max"},
    {"STABLEHLO_RESHAPE", ""},
    {"STABLEHLO_CLAMP", ""},
    {"STABLEHLO_CONCATENATE", ""},
    {"STABLEHLO_BROADCAST_IN_DIM", ""},
    {"STABLEHLO_CONVOLUTION", ""},
    {"STABLEHLO_SLICE", ""},
    {"STABLEHLO_CUSTOM_CALL", ""},
    {"STABLEHLO_REDUCE", ""},
    {"STABLEHLO_ABS", "Abs"},
    {"STABLEHLO_AND", ""},
    {"STABLEHLO_COSINE", "Cos"},
    {"STABLEHLO_EXPONENTIAL", "Exp"},
    {"STABLEHLO_FLOOR", "Floor"},
    {"STABLEHLO_LOG", "Log"},
    {"STABLEHLO_MINIMUM", "Min"},
    {"STABLEHLO_NEGATE", "Neg"},
    {"STABLEHLO_OR", ""},
    {"STABLEHLO_POWER", "Pow"},
    {"STABLEHLO_REMAINDER", ""},
    {"STABLEHLO_RSQRT", ""},
    {"STABLEHLO_SELECT", "Where"},
    {"STABLEHLO_SUBTRACT", "Sub"},
    {"STABLEHLO_TANH", "Tanh"},
    {"STABLEHLO_SCATTER", ""},
    {"STABLEHLO_COMPARE", ""},
    {"STABLEHLO_CONVERT", "Cast", cast},
    {"STABLEHLO_DYNAMIC_SLICE", ""},
    {"STABLEHLO_DYNAMIC_UPDATE_SLICE", ""},
    {"STABLEHLO_PAD", ""},
    {"STABLEHLO_IOTA", ""},
    {"STABLEHLO_DOT_GENERAL", ""},
    {"STABLEHLO_REDUCE_WINDOW", ""},
    {"STABLEHLO_SORT", ""},
    {"STABLEHLO_WHILE", ""},
    {"STABLEHLO_GATHER", ""},
    {"STABLEHLO_TRANSPOSE", ""},
    {"DILATE", ""},
    {"STABLEHLO_RNG_BIT_GENERATOR", ""},
    {"REDUCE_WINDOW", ""},
    {"STABLEHLO_COMPOSITE", ""},
    {"STABLEHLO_SHIFT_LEFT", ""},
    {"STABLEHLO_CBRT", ""},
    {"STABLEHLO_CASE", ""},
};

}  // namespace

const void* Translation::no_fields() {
  // A table whose list of fields is empty: lengths of the list and of the table, and how far back the list
  // is.
  alignas(8) static constexpr std::uint8_t kTable[8] = {4, 0, 4, 0, 4, 0, 0, 0};
  return kTable + 4;
}

bool Translation::has(std::size_t input) const {
  return input < node.inputs.size() && node.inputs[input] != kNoTensor;
}

Shape Translation::shape(std::size_t input) const {
  return has(input) ? builder[node.inputs[input]].type.shape.value_or(Shape()) : Shape();
}

std::optional<Numbers> Translation::numbers(std::size_t input) const {
  if (!has(input)) return std::nullopt;
  const Tensor& tensor = builder[node.inputs[input]];
  if (!tensor.constant) return std::nullopt;
  return integers(*tensor.constant, tensor.type, kMostNumbers);
}

TensorId Translation::constant(std::string_view what, const Numbers& values) {
  return constant(what, {DataType::int64, Shape{Dim(static_cast<std::int64_t>(values.size()))}},
                  ConstantData::of(values));
}

TensorId Translation::constant(std::string_view what, TensorType type, ConstantData data) {
  std::string name = node.outputs.empty() || node.outputs[0] == kNoTensor ? std::string("operator")
                                                                          : builder[node.outputs[0]].name;
  name.append("/").append(what);
  while (builder.find(name)) name += "'";
  return builder.add_constant(name, std::move(type), std::move(data));
}

void Translation::keep(std::string_view name) {
  node.op = name;
  node.domain = kDomain;
}

const Builtin* find_builtin(std::int64_t code) {
  return code >= 0 && code < std::ssize(kBuiltins) ? &kBuiltins[code] : nullptr;
}

std::int32_t code_of(std::string_view name) {
  for (std::int32_t code = 0; code < std::ssize(kBuiltins); ++code) {
    if (kBuiltins[code].name == name) return code;
  }
  throw Error(std::string(name), "is no operator of TFLite");
}

}  // namespace foretime::tflite
