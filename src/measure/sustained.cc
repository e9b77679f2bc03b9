#include "measure/sustained.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "measure/statistics.h"

namespace foretime {
namespace {

// Enough slices to see a curve, few enough to read; none shorter than a second, in which frequencies change.
constexpr double kSlices = 30;
constexpr double kLeastSliceMs = 1000;
// A block is one exchange with the worker; between two of them it idles for some 0.1 ms.
constexpr double kBlockMs = 1000;
// Of the slices, the first and the last of them stand for beginning and end.
constexpr std::size_t kEnds = 5;
// Less than this is what launches differ by, too.
constexpr double kSlowerPercent = 5;
// A clock that explains so much of a change is its cause.
constexpr double kExplains = 0.5;
// Disturbed: most samples of most slices.
constexpr double kDisturbedPercent = 50;

std::string percent(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.0f %%", value);
  return text.data();
}

/// Median of a number of the first or the last slices.
double at_end(const std::vector<SustainedSlice>& slices, bool last, double SustainedSlice::*field) {
  const std::size_t count = std::max<std::size_t>(1, slices.size() / kEnds);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(slices[last ? slices.size() - 1 - i : i].*field);
  }
  return median(std::move(values));
}

class Slice {
 public:
  explicit Slice(double begin_ms) : begin_ms_(begin_ms) {}

  void add(const SampleBlock& block) {
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      all_.push_back(block.ms[i]);
      if (block.disturbed[i] == 0) calm_.push_back(block.ms[i]);
    }
    for (const BeatTimes& beat : block.beats) reference_.push_back(beat.core_us);
  }

  SustainedSlice take(double now_ms, const MachineState& state) {
    SustainedSlice slice;
    slice.begin_s = begin_ms_ / 1e3;
    slice.seconds = (now_ms - begin_ms_) / 1e3;
    slice.iterations = all_.size();
    slice.disturbed_percent =
        100.0 * static_cast<double>(all_.size() - calm_.size()) / static_cast<double>(all_.size());
    const Summary summary = summarise(2 * calm_.size() > all_.size() ? std::move(calm_) : std::move(all_));
    slice.p05_ms = summary.p05;
    slice.median_ms = summary.median;
    slice.p95_ms = summary.p95;
    if (!reference_.empty()) slice.reference_us = median(std::move(reference_));
    slice.frequency_mhz = state.frequency_mhz;
    slice.temperature_celsius = state.temperature_celsius;
    return slice;
  }

 private:
  double begin_ms_;
  std::vector<double> all_;
  std::vector<double> calm_;
  std::vector<double> reference_;
};

/// From when on every slice was slower than the limit; nothing if the last one was not.
std::optional<double> slower_after(const Sustained& sustained) {
  const double limit = sustained.first_ms * (1 + kSlowerPercent / 100);
  std::optional<double> since;
  for (auto slice = sustained.slices.rbegin(); slice != sustained.slices.rend(); ++slice) {
    if (slice->median_ms <= limit) break;
    since = slice->begin_s;
  }
  return since;
}

}  // namespace

std::string_view name_of(Endurance endurance) {
  constexpr std::array<std::string_view, 4> kNames = {"steady", "throttled", "slower", "disturbed"};
  return kNames[static_cast<std::size_t>(endurance)];
}

Sustained sustain(Subject& subject, const SustainedOptions& options, const Now& now, const ReadState& state,
                  const Step& step) {
  subject.launch();
  subject.open();
  BlockPlan plan;
  plan.threads = options.threads;
  plan.self_timed = options.self_timed;
  plan.time = {0};
  subject.block(plan);  // the first run allocates
  const double slice_ms = std::max(kLeastSliceMs, options.time.value / kSlices);
  plan.time = {std::min(kBlockMs, slice_ms)};
  const double start = now().value;
  const auto spent = [&] { return now().value - start; };
  Sustained sustained;
  // The last slice is begun only if most of it fits in.
  while (sustained.slices.empty() || spent() + slice_ms / 2 <= options.time.value) {
    Slice slice(sustained.slices.empty() ? 0 : spent());
    const double end = static_cast<double>(sustained.slices.size() + 1) * slice_ms;
    do {
      slice.add(subject.block(plan));
    } while (spent() + plan.time.value / 2 <= end);
    sustained.slices.push_back(slice.take(spent(), state()));
    if (step) step(std::min(1.0, spent() / options.time.value), "sustained run");
  }
  judge_endurance(sustained);
  return sustained;
}

void judge_endurance(Sustained& sustained) {
  const std::vector<SustainedSlice>& slices = sustained.slices;
  sustained.first_ms = at_end(slices, false, &SustainedSlice::median_ms);
  sustained.last_ms = at_end(slices, true, &SustainedSlice::median_ms);
  sustained.change_percent = (sustained.last_ms / sustained.first_ms - 1) * 100;
  const double reference = at_end(slices, false, &SustainedSlice::reference_us);
  if (reference > 0) {
    sustained.clock_percent = (at_end(slices, true, &SustainedSlice::reference_us) / reference - 1) * 100;
  }
  std::size_t disturbed = 0;
  for (const SustainedSlice& slice : slices) {
    sustained.worst_percent =
        std::max(sustained.worst_percent, (slice.median_ms / sustained.first_ms - 1) * 100);
    disturbed += slice.disturbed_percent > kDisturbedPercent ? 1 : 0;
  }
  sustained.slower_after_s = slower_after(sustained);
  if (2 * disturbed > slices.size()) {
    sustained.verdict = Endurance::disturbed;
    sustained.reasons.push_back("other programs took the processor in most slices: stop them, or --cpus");
  } else if (sustained.change_percent <= kSlowerPercent) {
    sustained.verdict = Endurance::steady;
    if (sustained.worst_percent > kSlowerPercent) {
      sustained.reasons.push_back("in between it was up to " + percent(sustained.worst_percent) + " slower");
    }
  } else if (sustained.clock_percent.value_or(0) >= kExplains * sustained.change_percent) {
    sustained.verdict = Endurance::throttled;
    sustained.reasons.push_back("in the end the clock was " + percent(*sustained.clock_percent) +
                                " slower, too: cooling, or a lower frequency that holds");
  } else {
    sustained.verdict = Endurance::slower;
    sustained.reasons.push_back(
        sustained.clock_percent ? "the clock kept its pace: neighbours at caches and memory, or the runtime"
                                : "what times itself does not tell why");
  }
  if (slices.size() < 2) sustained.reasons.push_back("one slice is no curve: a longer --sustained");
}

}  // namespace foretime
