#include "calibrate/host.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/version.h"
#include "device/store.h"

namespace foretime {
namespace {

// How the profile is known for one of ours: a profile the user made and named "host" is never overwritten.
constexpr std::string_view kSource = "foretime host probe";

/// What a well-tuned runtime reaches of the host's peaks, for one class of kernels.
struct Share {
  std::string_view kernel_class;
  double of_flops;  // of the arithmetic peak
  double of_bytes;  // of the triad's bandwidth, the one that reads and writes as kernels do
};

// Read off per-kernel profiles of ONNX Runtime 1.31 on one thread of an EPYC of 2021 (eleven networks, among
// them ResNet-50, MobileNet-V2, EfficientNet-B0, ViT-B/16, BERT-small, 2,000 kernels). Where arithmetic is
// the limit, convolutions and products lose to packing, edges and cache misses; depthwise convolutions reuse
// each number only a few times. Where memory is, plain copies come close to the triad, and whatever walks its
// input twice or evaluates functions reaches half of it. Classes that occurred in none of the networks
// (conv_transpose, recurrent) are put at half of their nearest relative. Caches make small tensors faster
// than this says: the interval's business.
constexpr std::array kShares{
    Share{"conv", 0.70, 0.80},           Share{"depthwise_conv", 0.18, 0.80},
    Share{"conv_transpose", 0.35, 0.80}, Share{"gemm", 0.75, 0.80},
    Share{"recurrent", 0.38, 0.80},      Share{"pool", 0.15, 0.75},
    Share{"reduce", 0.15, 0.80},         Share{"normalization", 0.15, 0.45},
    Share{"softmax", 0.15, 0.60},        Share{"elementwise", 0.15, 0.80},
    Share{"transcendental", 0.15, 0.40}, Share{"data_movement", 0.15, 0.80},
    Share{"other", 0.15, 0.80},
};

// The same profiles show 5 µs for kernels that do nothing worth mentioning (the quotient of two numbers),
// where a call that takes and returns memory cost 25 ns. Stated in calls, so that a slower processor has a
// larger overhead.
constexpr double kCallsPerKernel = 200;
// Entering and leaving: checking names and shapes, finding memory for everything. Assumed.
constexpr double kCallsPerNetwork = 1000;

// Measured time over the time that these shares give the runtime's own kernels was 0.8 to 1.9 on the eleven
// networks. The shares were fitted on the same runs, on a shared machine; other processors and runtimes will
// differ more.
constexpr double kIntervalLow = 0.5;
constexpr double kIntervalHigh = 3.0;

constexpr std::string_view kNotes =
    "Analytic: peaks of this machine, probed, times the share of them that a well-tuned runtime was seen to "
    "reach on "
    "another machine. No network was measured here. ";

std::string peaks_in_words(const HostPeaks& peaks) {
  constexpr double kGiga = 1e9;
  constexpr double kNanosecondsPerMs = 1e6;
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(),
                "Peaks: %.1f GFLOP/s (%s), reading %.1f GB/s, triad %.1f GB/s, a call %.0f ns.",
                peaks.flops_per_s / kGiga, peaks.loop.c_str(), peaks.read_bytes_per_s / kGiga,
                peaks.triad_bytes_per_s / kGiga, peaks.call_overhead.value * kNanosecondsPerMs);
  return text.data();
}

/// No probe is exact beyond three digits; more would only clutter the file.
double rounded(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return std::strtod(text.data(), nullptr);
}

Roofline roofline_of(const HostPeaks& peaks) {
  Roofline roofline;
  roofline.peak_ops_per_s = rounded(peaks.flops_per_s);
  roofline.peak_bytes_per_s = rounded(peaks.triad_bytes_per_s);
  roofline.kernel_overhead_ms = rounded(kCallsPerKernel * peaks.call_overhead.value);
  roofline.network_overhead_ms = rounded(kCallsPerNetwork * peaks.call_overhead.value);
  roofline.interval_low = kIntervalLow;
  roofline.interval_high = kIntervalHigh;
  for (const Share& share : kShares) {
    ClassRates& rates = roofline.classes[std::string(share.kernel_class)];
    rates.ops_per_s = rounded(share.of_flops * peaks.flops_per_s);
    rates.bytes_per_s = rounded(share.of_bytes * peaks.triad_bytes_per_s);
  }
  return roofline;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  ::gmtime_r(&now, &date);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &date);
  return text.data();
}

std::string kept_path() {
  const std::string folder = user_profile_folder();
  return folder.empty() ? folder : folder + "/" + std::string(kHostId) + ".json";
}

/// The profile named "host" that lies in the user's folder, whoever made it and for whichever processor.
std::optional<DeviceProfile> kept_profile() {
  const std::string path = kept_path();
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) return std::nullopt;
  return load_profile(path);
}

bool was_probed(const DeviceProfile& profile) {
  return profile.provenance.source == kSource;
}

/// A new program may know better shares, and another processor has other peaks.
bool still_fits(const DeviceProfile& profile, const CpuDescription& cpu) {
  return profile.cpu_signature == cpu_signature(cpu) && profile.provenance.tool_version == version();
}

void keep(const DeviceProfile& profile, Diagnostics* diagnostics) {
  try {
    save_profile(profile);
  } catch (const Error& error) {
    if (diagnostics == nullptr) return;
    diagnostics->push_back({Severity::warning, "host-profile-not-kept",
                            std::string("the host will be probed again next time: ") + error.what(),
                            kept_path()});
  }
}

}  // namespace

Host this_host() {
  CpuDescription cpu = describe_cpu();
  return {cpu, [cpu] { return probe_peaks(cpu); }, today()};
}

DeviceProfile profile_of_peaks(const HostPeaks& peaks, const Host& host) {
  DeviceProfile profile;
  profile.id = kHostId;
  profile.device = "this machine: " + host.cpu.model;
  profile.soc = host.cpu.model;
  profile.processor = "cpu";
  profile.cpu_signature = cpu_signature(host.cpu);
  profile.precision = {"fp32", 32, 32};
  profile.threads = 1;
  profile.predictor.roofline = roofline_of(peaks);
  profile.provenance = {std::string(kSource), "CC0-1.0", host.date, std::string(version()),
                        std::string(kNotes) + peaks_in_words(peaks)};
  return profile;
}

std::optional<DeviceProfile> probed_host_profile(const CpuDescription& cpu) {
  std::optional<DeviceProfile> kept = kept_profile();
  if (kept && was_probed(*kept) && !still_fits(*kept, cpu)) return std::nullopt;
  return kept;
}

DeviceProfile host_profile(bool probe, Diagnostics* diagnostics, const Host& host) {
  const std::optional<DeviceProfile> kept = kept_profile();
  if (kept && !was_probed(*kept)) {
    if (!probe) return *kept;
    throw Error(kept_path(), "is a profile of your own, which a probe would overwrite", "rename it");
  }
  if (kept && !probe && still_fits(*kept, host.cpu)) return *kept;
  DeviceProfile profile = profile_of_peaks(host.probe(), host);
  keep(profile, diagnostics);
  return profile;
}

}  // namespace foretime
