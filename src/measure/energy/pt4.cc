// The Monsoon Power Tool's file: a header of 1,024 bytes (where samples begin is written in it), then for
// each sample and each channel a current (i16) and a voltage (u16). All little-endian.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "measure/energy/power_trace.h"

namespace foretime {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kIdentifier = "Power Tool";
constexpr std::size_t kHeader = 212;  // bytes that hold fields
constexpr std::array<std::string_view, 3> kChannels = {"main", "USB", "aux"};
constexpr unsigned kFirstChannel = 0x1000;  // in the mask; the others follow

// A current's lowest bit says which of two ranges was measured.
constexpr double kCoarseMilliamperes = 0.25;
constexpr double kFineMilliamperes = 0.001;
// A voltage's two lowest bits are markers.
constexpr double kVolts = 125e-6;
// These stand for a sample that was lost.
constexpr std::uint16_t kNoCurrent = 0x7001;
constexpr std::uint16_t kNoVoltage = 0xFFFF;

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// What of the header is needed to find the samples.
struct Layout {
  std::size_t offset = 0;    // of the first sample
  std::size_t size = 0;      // of one, all channels
  std::string_view channel;  // that is read
  double rate = 0;           // samples in a second
  std::uint64_t missing = 0;
};

Layout layout_of(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < kHeader) throw Error(origin, "ends within the header of a .pt4");
  Layout layout;
  layout.rate = number_at<std::uint32_t>(bytes, 68);
  layout.offset = number_at<std::uint16_t>(bytes, 148);
  layout.size = number_at<std::uint16_t>(bytes, 150);
  layout.missing = number_at<std::uint64_t>(bytes, 168);
  const unsigned mask = number_at<std::uint16_t>(bytes, 158);
  std::size_t channels = 0;
  for (std::size_t i = 0; i < kChannels.size(); ++i) {
    if ((mask & (kFirstChannel << i)) == 0) continue;
    if (channels++ == 0) layout.channel = kChannels[i];
  }
  if (channels == 0) throw Error(origin, "its header names no channel", "a capture of main, USB or aux");
  if (layout.size != 4 * channels) {
    throw Error(origin, "its header says that a sample of " + std::to_string(channels) + " channels has " +
                            std::to_string(layout.size) + " bytes");
  }
  if (layout.offset < kHeader || layout.offset > bytes.size()) {
    throw Error(origin, "its samples would begin at byte " + std::to_string(layout.offset) + " of " +
                            std::to_string(bytes.size()));
  }
  if (layout.rate <= 0) throw Error(origin, "its header says 0 samples a second");
  return layout;
}

}  // namespace

bool looks_like_pt4(std::string_view bytes) {
  return bytes.size() >= 24 && static_cast<unsigned char>(bytes[4]) == 0x13 &&
         bytes.substr(5).starts_with(kIdentifier);
}

PowerTrace parse_pt4(std::string_view bytes, const std::string& origin) {
  const Layout layout = layout_of(bytes, origin);
  const std::size_t count = (bytes.size() - layout.offset) / layout.size;
  if (count > kMostSamples) throw Error(origin, "has too many samples: " + std::to_string(count));
  PowerTrace trace;
  trace.format = "Monsoon .pt4";
  std::size_t lost = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = layout.offset + i * layout.size;
    const auto raw = number_at<std::uint16_t>(bytes, at);
    const auto raw_volts = number_at<std::uint16_t>(bytes, at + 2);
    if (raw == kNoCurrent || raw_volts == kNoVoltage) {
      ++lost;
      continue;
    }
    const bool coarse = (raw & 1U) != 0;
    const double value = static_cast<std::int16_t>(raw & 0xFFFEU);
    const double amperes = value * (coarse ? kCoarseMilliamperes : kFineMilliamperes) / 1e3;
    trace.curve.add_power(static_cast<double>(i) / layout.rate, amperes * kVolts * (raw_volts & 0xFFFCU));
  }
  if (trace.curve.size() < 2) throw Error(origin, "holds fewer than two samples");
  if (layout.channel != kChannels[0]) {
    trace.doubts.push_back("it is the " + std::string(layout.channel) + " channel: main was not captured");
  }
  if (lost > 0) trace.doubts.push_back(std::to_string(lost) + " samples are marked as lost");
  if (layout.missing > 0) {
    trace.doubts.push_back(std::to_string(layout.missing) +
                           " samples were lost without a trace: times behind them are too early");
  }
  return trace;
}

}  // namespace foretime
