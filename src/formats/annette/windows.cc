#include "formats/annette/windows.h"

#include <algorithm>
#include <utility>

namespace foretime::annette {
namespace {

std::string text(const Layer& layer, std::string_view name) {
  const Value* found = layer.raw.find(name);
  const auto* held = found == nullptr ? nullptr : found->as<std::string>();
  return held == nullptr ? std::string() : *held;
}

std::int64_t channels_out(const Layer& layer) {
  return size_at(layer.stated, 1);
}

/// Padding with which a window of these sizes gives the stated output, as even as it can be; nothing, if
/// none does.
Integers fitted_pads(const Layer& layer, const Integers& kernel, const Integers& strides,
                     const Integers& dilations) {
  const Shape* in = first_input(layer);
  Integers begins;
  Integers ends;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t size = size_at(in, i + 2);
    const std::int64_t out = size_at(layer.stated, i + 2);
    const std::int64_t stride = i < strides.size() ? strides[i] : 1;
    const std::int64_t dilation = i < dilations.size() ? dilations[i] : 1;
    constexpr std::int64_t kLargest = 1 << 24;
    for (const std::int64_t number : {size, out, stride, dilation, kernel[i]}) {
      if (number < 1 || number > kLargest) return {};
    }
    const std::int64_t window = (kernel[i] - 1) * dilation + 1;
    const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + window - size);
    begins.push_back(total / 2);
    ends.push_back(total - total / 2);
  }
  begins.insert(begins.end(), ends.begin(), ends.end());
  return begins;
}

/// The translation with the padding of the file, and with the one that fits.
Translations with_windows(const Layer& layer, Translation translation, const Integers& kernel) {
  const Integers strides = middle(attribute(layer, "strides"));
  const Integers dilations = middle(attribute(layer, "dilations"));
  translation.attributes.set("kernel_shape", kernel);
  if (strides.size() == kernel.size()) translation.attributes.set("strides", strides);
  const bool dilated = dilations.size() == kernel.size() && !translation.op.ends_with("Pool");
  if (dilated) translation.attributes.set("dilations", dilations);
  Translations all;
  const auto add = [&](const Integers& pads) {
    if (pads.size() != 2 * kernel.size()) return;
    translation.attributes.set("pads", pads);
    all.push_back(translation);
  };
  add(onnx_pads(attribute(layer, "pads")));
  add(fitted_pads(layer, kernel, strides, dilated ? dilations : Integers{}));
  if (all.empty()) all.push_back(std::move(translation));
  return all;
}

/// A shape of weights: channels, then the window.
Integers with_window(Integers channels, const Integers& window) {
  channels.insert(channels.end(), window.begin(), window.end());
  return channels;
}

/// Sizes of the window at the front of kernel_shape; behind it stand two numbers of channels.
Integers window_of(const Layer& layer) {
  const Integers kernel = attribute(layer, "kernel_shape");
  if (kernel.size() < 3 || channels_in(layer) < 1) return {};
  const Integers window(kernel.begin(), kernel.end() - 2);
  return positive(window) ? window : Integers{};
}

/// `each`: channels in of a group; `usual`: channels out, where they are not stated.
Translations grouped(const Layer& layer, std::int64_t each, std::int64_t usual) {
  const Integers window = window_of(layer);
  const std::int64_t in = channels_in(layer);
  const std::int64_t count = channels_out(layer) > 0 ? channels_out(layer) : usual;
  if (window.empty() || each < 1 || count < 1 || in % each != 0) return {};
  Translation out{"Conv", {{"group", in / each}}, {lost("weight", with_window({count, each}, window))}};
  return with_windows(layer, std::move(out), window);
}

}  // namespace

Integers attribute(const Layer& layer, std::string_view name) {
  const Integers* found = sizes(layer.raw, name);
  return found == nullptr ? Integers{} : *found;
}

std::int64_t size_at(const Shape* shape, std::size_t place) {
  return shape != nullptr && place < shape->size() && (*shape)[place].is_number() ? (*shape)[place].number()
                                                                                  : -1;
}
const Shape* first_input(const Layer& layer) {
  return layer.inputs.empty() ? nullptr : &layer.inputs[0];
}
std::int64_t channels_in(const Layer& layer) {
  return size_at(first_input(layer), 1);
}

LostConstant lost(std::string name, const Integers& shape) {
  return {std::move(name), {shape.begin(), shape.end()}, {}, {}, false};
}

bool positive(const Integers& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size > 0; });
}

Integers middle(const Integers& sizes) {
  return sizes.size() < 3 ? Integers{} : Integers(sizes.begin() + 1, sizes.end() - 1);
}

Integers onnx_pads(const Integers& pads) {
  if (pads.size() < 6 || pads.size() % 2 != 0) return {};
  const auto half = static_cast<std::ptrdiff_t>(pads.size() / 2);
  Integers out = middle({pads.begin(), pads.begin() + half});
  const Integers ends = middle({pads.begin() + half, pads.end()});
  out.insert(out.end(), ends.begin(), ends.end());
  return out;
}

/// kernel_shape is [sizes…, in per group, out].
Translations convolution(const Layer& layer, const char*) {
  const Integers kernel = attribute(layer, "kernel_shape");
  return kernel.size() < 3 ? Translations{} : grouped(layer, kernel[kernel.size() - 2], kernel.back());
}

/// kernel_shape is [sizes…, C, 1] or [sizes…, 1, C], depending on where the file comes from.
Translations depthwise(const Layer& layer, const char*) {
  const std::int64_t in = channels_in(layer);
  if (in > 0 && channels_out(layer) > 0 && channels_out(layer) % in != 0) return {};
  return grouped(layer, 1, in);
}

Translations transposed(const Layer& layer, const char* op) {
  const Integers window = window_of(layer);
  if (window.empty()) return {};
  const Integers kernel = attribute(layer, "kernel_shape");
  const std::int64_t in = channels_in(layer);
  const std::int64_t other = kernel.back() == in ? kernel[kernel.size() - 2] : kernel.back();
  const std::int64_t count = channels_out(layer) > 0 ? channels_out(layer) : other;
  if (count < 1) return {};
  Translation out{op, {{"kernel_shape", window}}, {lost("weight", with_window({in, count}, window))}};
  const Integers strides = middle(attribute(layer, "strides"));
  if (strides.size() == window.size()) out.attributes.set("strides", strides);
  Translation padded = out;
  if (Integers pads = onnx_pads(attribute(layer, "pads")); !pads.empty()) {
    padded.attributes.set("pads", std::move(pads));
  }
  Integers stated;
  for (std::size_t i = 0; i < window.size(); ++i) stated.push_back(size_at(layer.stated, i + 2));
  if (!positive(stated)) return {padded};
  out.attributes.set("output_shape", stated);
  return {padded, out};
}

Translations pooling(const Layer& layer, const char*) {
  const bool maximum = text(layer, "pooling_type") == "MAX";
  const Integers window = middle(attribute(layer, "kernel_shape"));
  const Value* flag = layer.raw.find("global_pooling");
  const auto* global = flag == nullptr ? nullptr : flag->as<bool>();
  const bool whole = (global != nullptr && *global) || !positive(window) || window.empty() ||
                     text(layer, "pooling_type") == "GLOBAVG";
  if (whole) return {{maximum ? "GlobalMaxPool" : "GlobalAveragePool", {}, {}}};
  return with_windows(layer, {maximum ? "MaxPool" : "AveragePool", {}, {}}, window);
}

}  // namespace foretime::annette
