#include "kernels/myriad/features.h"

#include <algorithm>
#include <array>

#include "kernels/myriad/engine.h"
#include "kernels/quantities.h"

namespace foretime::myriad {
namespace {

using Value = double (*)(Config);

template <auto Member>
double field(Config c) {
  return static_cast<double>(c.*Member);
}
template <auto Member>
double tiling(Config c) {
  return static_cast<double>(tiling_of(c).*Member);
}
/// Of a tile's descriptors.
template <auto Member>
double first(Config c) {
  return static_cast<double>(tiling_of(c).first.*Member);
}

double tiled_weights(Config c) {
  const Tiling& t = tiling_of(c);
  return weights(c) * static_cast<double>(std::max<std::int64_t>(1, t.across * t.down));
}
double efficiency(Config c) {
  const double cycles = tiling_of(c).cycles;
  return cycles > 0 ? macs(c) / cycles : 0;
}
/// What the engine makes compared with what is needed.
double junk(Config c) {
  return tiling_of(c).made / std::max(1.0, out_elements(c));
}
/// Half of the on-chip memory of a tile's output holds so many numbers.
constexpr double kOnChip = 294'912;
double in_on_chip(Config c) {
  return in_elements(c) + static_cast<double>(c.second_elements) <= kOnChip;
}
double out_on_chip(Config c) {
  return out_elements(c) <= kOnChip;
}

constexpr Feature own(std::string_view name, std::string_view unit, Value value) {
  return {name, unit, value, "myriad"};
}
/// What others look at, too.
constexpr Feature shared(std::string_view name, std::string_view unit, Value value) {
  return {name, unit, value, "myriad simd"};
}

constexpr std::array kFeatures{
    own("engine", "", tiling<&Tiling::possible>),
    own("pooled_by_engine", "", tiling<&Tiling::pooled>),
    own("tiles_across", "tiles", tiling<&Tiling::across>),
    own("tiles_down", "tiles", tiling<&Tiling::down>),
    own("channel_parts", "parts", tiling<&Tiling::parts>),
    own("mode", "", first<&Descriptors::mode>),
    own("tile_descriptors", "descriptors", first<&Descriptors::count>),
    own("block_channels", "channels", first<&Descriptors::block_channels>),
    own("descriptors", "descriptors", tiling<&Tiling::descriptors>),
    own("engine_cycles", "cycles", tiling<&Tiling::cycles>),
    own("engine_reads", "numbers", tiling<&Tiling::read>),
    own("accumulated", "numbers", tiling<&Tiling::accumulated>),
    own("misaligned", "numbers", tiling<&Tiling::misaligned>),
    own("tiled_weights", "numbers", tiled_weights),
    own("engine_efficiency", "multiply-accumulates per cycle", efficiency),
    own("junk", "", junk),
    own("depthwise_slice", "channels", tiling<&Tiling::slice>),
    own("padded_oddly", "", [](Config c) { return static_cast<double>(is_padded_oddly(c)); }),
    shared("channels_mod_32", "", [](Config c) { return static_cast<double>(c.channels % 32); }),
    shared("in_channels_mod_16", "", [](Config c) { return static_cast<double>(c.in_channels % 16); }),
    own("in_width_mod_8", "", [](Config c) { return static_cast<double>(c.in_width % 8); }),
    own("in_on_chip", "", in_on_chip),
    own("out_on_chip", "", out_on_chip),
    own("hosted", "", field<&KernelConfig::hosted>),
    own("hosted_kind", "", field<&KernelConfig::hosted_kind>),
    own("hosted_elements", "numbers", field<&KernelConfig::hosted_elements>),
    own("host_macs", "multiply-accumulates", field<&KernelConfig::host_macs>),
    shared("second_elements", "numbers", field<&KernelConfig::second_elements>),
    Feature{"network_input", "", field<&KernelConfig::network_input>, "myriad simd"},
    own("producer_relu", "", field<&KernelConfig::producer_relu>),
    own("producer_consumers", "kernels", field<&KernelConfig::producer_consumers>),
    shared("second_producer", "", field<&KernelConfig::second_producer>),
    own("last_producer", "", field<&KernelConfig::last_producer>),
    own("grand_producer", "", field<&KernelConfig::grand_producer>),
    own("first_readers", "kernels", field<&KernelConfig::first_readers>),
    own("second_readers", "kernels", field<&KernelConfig::second_readers>),
    own("moved_inputs", "tensors", field<&KernelConfig::moved_inputs>),
    own("sibling", "", field<&KernelConfig::sibling>),
    shared("consumer", "", field<&KernelConfig::consumer>),
    shared("last_consumer", "", field<&KernelConfig::last_consumer>),
    own("grand_consumer", "", field<&KernelConfig::grand_consumer>),
    own("concat_place", "", field<&KernelConfig::concat_place>),
    own("add_consumers", "kernels", field<&KernelConfig::add_consumers>),
    own("concat_consumers", "kernels", field<&KernelConfig::concat_consumers>),
    own("conv_consumers", "kernels", field<&KernelConfig::conv_consumers>),
    own("depthwise_consumers", "kernels", field<&KernelConfig::depthwise_consumers>),
    own("relu_consumers", "kernels", field<&KernelConfig::relu_consumers>),
    own("pool_consumers", "kernels", field<&KernelConfig::pool_consumers>),
    own("other_consumers", "kernels", field<&KernelConfig::other_consumers>),
};

}  // namespace

std::span<const Feature> features() {
  return kFeatures;
}

}  // namespace foretime::myriad
