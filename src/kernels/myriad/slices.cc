#include "kernels/myriad/slices.h"

#include <algorithm>

namespace foretime::myriad {
namespace {

constexpr std::size_t kMostSlices = 64;
constexpr std::int64_t kAlignedPixels = 8;

/// Outputs of `in` pixels; with `up` the last window may hang over the end.
std::int64_t outputs_of(std::int64_t in, const Axis& axis, bool up) {
  const std::int64_t room = in - axis.window + 2 * axis.padding;
  if (room < 0) return 1 - (-room) / axis.stride;
  return (up ? room + axis.stride - 1 : room) / axis.stride + 1;
}

/// Does the layer's size say that its last window hangs over the end?
bool rounds_up(const Axis& axis) {
  const std::int64_t room = axis.in - axis.window + 2 * axis.padding;
  return axis.out == (room + axis.stride - 1) / axis.stride + 1;
}

/// What the engine reads and makes so that outputs [from, to) come out.
Slice slice(const Axis& axis, std::int64_t from, std::int64_t to, bool aligned) {
  std::int64_t begin = from * axis.stride - axis.padding;
  std::int64_t end = (to - 1) * axis.stride + axis.window - axis.padding;
  std::int64_t before = 0;  // pixels read too early
  std::int64_t junk = 0;    // outputs
  if (begin < 0) {
    begin = 0;
    junk = from;
  } else {
    before = begin % axis.stride;
    if (aligned) before += (begin - before) % kAlignedPixels;
    junk = (before + axis.padding) / axis.stride;
  }
  const std::int64_t hanging = std::max<std::int64_t>(0, end - axis.in);
  end -= hanging;
  // The padding behind the image goes on making outputs.
  junk += std::max<std::int64_t>(0, axis.padding - hanging) / axis.stride;
  return {before + end - begin, junk + to - from, begin - before, from};
}

/// Where the greatest slice from output `from` ends that makes at most `most` outputs; `from`: there is none.
/// `all` outputs follow from the padding; a layer that has more, by uneven padding, gets one more at its end.
std::int64_t end_of_slice(const Axis& axis, std::int64_t from, std::int64_t most, std::int64_t all,
                          bool aligned) {
  const std::int64_t wanted = std::min(axis.out, from + most);
  std::int64_t to = std::min(wanted, all);
  while (to > from && slice(axis, from, to, aligned).out > most) --to;
  return to > from && wanted > all ? to + 1 : to;
}

Slices plain_slices(const Axis& axis, std::int64_t most, bool aligned, bool up) {
  const std::int64_t all = outputs_of(axis.in, axis, up);
  Slices slices;
  for (std::int64_t from = 0; slices.size() < kMostSlices;) {
    const std::int64_t to = end_of_slice(axis, from, most, all, aligned);
    if (to <= from) return {};
    slices.push_back(slice(axis, from, to, aligned));
    if (to >= axis.out) return slices;
    from = to;
  }
  return {};
}

/// With a pooling behind, slices overlap by two outputs, one of which each of them gives up.
Slices pooled_slices(const Axis& axis, std::int64_t most) {
  const std::int64_t all = axis.in / 2;
  if (all > most && most % 2 == 0) --most;
  if (most < 2) return {};
  Slices slices;
  std::int64_t in = 0;
  std::int64_t out = 0;
  while (slices.size() < kMostSlices) {
    const std::int64_t in_end = std::min(in + 2 * most, axis.in);
    const std::int64_t out_end = std::min(out + most, all);
    if (in_end <= in || out_end <= out) return {};
    slices.push_back({in_end - in, out_end - out, in, out > 0 ? out + 1 : 0});
    if (out_end == all) return slices;
    if (in_end - 4 <= in) return {};
    in = in_end - 4;
    out = out_end - 2;
  }
  return {};
}

}  // namespace

Slices slices_of(const Axis& axis, std::int64_t most, bool pooled, bool aligned) {
  const bool up = rounds_up(axis);
  const std::int64_t outputs = pooled ? axis.out / 2 : axis.out;
  const std::int64_t made = outputs_of(most, axis, up);
  const std::int64_t each = std::min(pooled ? made / 2 : made, outputs);
  if (each <= 0) return {};
  if (each == outputs) return {{axis.in, outputs, 0, 0}};
  return pooled ? pooled_slices(axis, each) : plain_slices(axis, each, aligned, up);
}

}  // namespace foretime::myriad
