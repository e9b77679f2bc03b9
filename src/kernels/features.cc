#include "kernels/features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/suggest.h"
#include "kernels/myriad/features.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

template <auto Member>
double field(Config c) {
  return static_cast<double>(c.*Member);
}

template <auto Member, int Divisor>
double remainder(Config c) {
  return static_cast<double>(c.*Member % Divisor);
}

double moved(Config c) {
  return in_elements(c) + out_elements(c) + weights(c);
}
double intensity(Config c) {
  return moved(c) > 0 ? macs(c) / moved(c) : 0;
}
double reduction(Config c) {
  return is_dense(c) ? depth(c) * window(c) : window(c);
}
double im2col(Config c) {
  const bool copies = is_dense(c) && (window(c) > 1 || c.stride > 1);
  return copies ? positions(c) * c.in_channels * window(c) : 0;
}
double image_tiles(Config c) {
  return tiles(c.height, 2) * tiles(c.width, 2);
}

constexpr std::string_view kSimd = "simd simd512";

constexpr std::array kFeatures{
    Feature{"kind", "", field<&KernelConfig::kind>},
    Feature{"activations", "", field<&KernelConfig::activations>},
    Feature{"in_height", "pixels", field<&KernelConfig::in_height>},
    Feature{"in_channels", "channels", field<&KernelConfig::in_channels>},
    Feature{"height", "pixels", field<&KernelConfig::height>},
    Feature{"channels", "channels", field<&KernelConfig::channels>},
    Feature{"kernel", "pixels", field<&KernelConfig::kernel_height>},
    Feature{"stride", "pixels", field<&KernelConfig::stride>},
    Feature{"dilation", "pixels", field<&KernelConfig::dilation>},
    Feature{"groups", "", field<&KernelConfig::groups>},
    Feature{"same", "", field<&KernelConfig::same>},
    Feature{"inputs", "tensors", field<&KernelConfig::inputs>},
    Feature{"fused_adds", "layers", field<&KernelConfig::fused_adds>},
    Feature{"fused_muls", "layers", field<&KernelConfig::fused_muls>},
    Feature{"fused_norms", "layers", field<&KernelConfig::fused_norms>},
    Feature{"fused_pool", "", field<&KernelConfig::fused_pool>},
    Feature{"widest_input", "channels", field<&KernelConfig::widest_input>},
    Feature{"slices_whole", "", field<&KernelConfig::slices_whole>},
    Feature{"producer", "", field<&KernelConfig::producer>},
    Feature{"consumers", "kernels", field<&KernelConfig::consumers>},
    Feature{"second_channels", "channels", field<&KernelConfig::second_channels>},
    Feature{"macs", "multiply-accumulates", macs},
    Feature{"weights", "numbers", weights},
    Feature{"in_elements", "numbers", in_elements},
    Feature{"out_elements", "numbers", out_elements},
    Feature{"intensity", "multiply-accumulates per number moved", intensity},
    Feature{"channel_ratio", "",
            [](Config c) { return static_cast<double>(c.in_channels) / std::max(1, c.channels); }},
    Feature{"reduction", "multiply-accumulates per output", reduction},
    Feature{"channels_mod_4", "", remainder<&KernelConfig::channels, 4>},
    Feature{"channels_mod_8", "", remainder<&KernelConfig::channels, 8>},
    Feature{"channels_mod_16", "", remainder<&KernelConfig::channels, 16>},
    Feature{"in_channels_mod_4", "", remainder<&KernelConfig::in_channels, 4>},
    Feature{"in_channels_mod_8", "", remainder<&KernelConfig::in_channels, 8>},
    // What regressors of other programs ask for (predictors/estimator.h); ours know them by other features.
    Feature{"in_width", "pixels", field<&KernelConfig::in_width>, "imported"},
    Feature{"width", "pixels", field<&KernelConfig::width>, "imported"},
    Feature{"kernel_width", "pixels", field<&KernelConfig::kernel_width>, "imported"},
    Feature{"group_channels", "channels", depth, "imported simd simd512"},
    // Of a processor that multiplies matrices.
    Feature{"im2col", "numbers", im2col, "cpu"},
    Feature{"positions", "pixels", positions, "cpu simd simd512"},
    Feature{"positions_mod_8", "", [](Config c) { return std::fmod(positions(c), 8); }, "cpu simd simd512"},
    // Of a runtime on a processor that is measured kernel by kernel.
    Feature{"operation", "", field<&KernelConfig::operation>, kSimd},
    Feature{"element_bytes", "bytes", field<&KernelConfig::element_bytes>, kSimd},
    Feature{"rank", "axes", field<&KernelConfig::rank>, kSimd},
    Feature{"keeps_inner", "", field<&KernelConfig::keeps_inner>, kSimd},
    Feature{"scattered", "", field<&KernelConfig::scattered>, kSimd},
    Feature{"inner", "numbers", field<&KernelConfig::inner>, kSimd},
    Feature{"moved", "numbers", moved, kSimd},
    Feature{"spans", "", field<&KernelConfig::spans>, kSimd},
    Feature{"group_outputs", "channels", [](Config c) { return static_cast<double>(c.channels) / c.groups; },
            kSimd},
    Feature{"aspect", "", [](Config c) { return static_cast<double>(c.width) / std::max(1, c.height); },
            kSimd},
    Feature{"window_width", "pixels", field<&KernelConfig::kernel_width>, kSimd},
    Feature{"covered", "", [](Config c) { return covered_rows(c) * covered_columns(c); }, kSimd},
    Feature{"cpu_threads", "threads", field<&KernelConfig::threads>, kSimd},
    Feature{"block", "channels", field<&KernelConfig::block>, kSimd},
    Feature{"reordered", "numbers", field<&KernelConfig::reordered>, kSimd},
    Feature{"fused_cuts", "layers", field<&KernelConfig::fused_cuts>, kSimd},
    // Of a processor that computes slices of four channels in tiles of 2×2.
    Feature{"image_tiles", "tiles", image_tiles, "gpu"},
    Feature{"tiles", "tiles", [](Config c) { return image_tiles(c) * tiles(out_slices(c), 2); }, "gpu"},
    Feature{"threads", "threads", [](Config c) { return positions(c) * out_slices(c); }, "gpu"},
    Feature{"in_slices", "slices", in_slices, "gpu"},
    Feature{"out_slices", "slices", out_slices, "gpu"},
    Feature{"out_slices_mod_2", "", [](Config c) { return std::fmod(out_slices(c), 2); }, "gpu"},
    Feature{"out_slices_mod_4", "", [](Config c) { return std::fmod(out_slices(c), 4); }, "gpu"},
    Feature{"steps", "steps", [](Config c) { return in_slices(c) * window(c); }, "gpu"},
    Feature{"constant_bytes", "bytes", [](Config c) { return c.in_channels * out_slices(c) * 4 * window(c); },
            "gpu"},
    Feature{"tile_filling", "", [](Config c) { return positions(c) / (4 * image_tiles(c)); }, "gpu"},
};

/// Is the word one of the list, which has blanks between its words?
bool is_among(std::string_view word, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

std::span<const Feature> features() {
  static const std::vector<Feature> all = [] {
    std::vector<Feature> joined(kFeatures.begin(), kFeatures.end());
    const std::span<const Feature> more = myriad::features();
    joined.insert(joined.end(), more.begin(), more.end());
    return joined;
  }();
  return all;
}

std::vector<std::string> feature_names(std::string_view physics) {
  std::vector<std::string> names;
  for (const Feature& feature : features()) {
    if (feature.physics.empty() || is_among(physics, feature.physics)) names.emplace_back(feature.name);
  }
  return names;
}

std::vector<const Feature*> features_named(std::span<const std::string> names, const std::string& where) {
  std::vector<const Feature*> found;
  for (const std::string& name : names) {
    const std::span<const Feature> all = features();
    const auto at = std::find_if(all.begin(), all.end(), [&](const Feature& f) { return f.name == name; });
    if (at == all.end()) {
      std::vector<std::string> known;
      for (const Feature& feature : all) known.emplace_back(feature.name);
      throw Error(where, "there is no feature '" + name + "'", suggestion(name, known));
    }
    found.push_back(&*at);
  }
  return found;
}

void append_features(std::span<const Feature* const> features, const KernelConfig& config,
                     std::vector<float>& row) {
  for (const Feature* feature : features) {
    const double value = feature->value(config);
    const bool bad = !(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()));
    row.push_back(bad ? kMissing : static_cast<float>(value));
  }
}

}  // namespace foretime
