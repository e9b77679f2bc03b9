#include "measure/measurement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace foretime {
namespace {

// Limits beyond which a number is called noisy; each reason names the flag that helps.
constexpr double kExcludedPercent = 30;  // of the samples: what is left may not be typical any more
constexpr double kWaitingPercent = 10;   // someone else computes on our processors much of the time
constexpr double kStealPercent = 5;
constexpr double kDisplacedPercent = 90;
constexpr double kCalmPercent = 2;      // of the samples; else the calmest tenth was slowed, too
constexpr double kLaunchesPercent = 5;  // beyond the luck of where memory lies, which is 1 to 2 %
constexpr int kLaunches = 3;            // fewer say nothing about the spread between launches
constexpr std::size_t kSamples = 10;
// Beyond these nothing remains that deserves to be called a measurement.
constexpr double kRejectExcludedPercent = 90;
constexpr double kRejectHalfWidthPercent = 25;

// What neighbours cost the fastest of all runs is no more than a quarter of it: where beats say more, they
// were slowed by something else.
constexpr double kLeastOfFastest = 0.75;

constexpr double kConfidence = 0.95;
constexpr std::size_t kBars = 20;

std::string text(const char* format, double number) {
  std::array<char, 160> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, number);
  return buffer.data();
}

/// How far apart the slow and the fast end are, in percent; 0 without values.
double spread_percent(std::vector<double> values, double low, double high) {
  std::erase(values, 0.0);
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return (quantile(values, high) / quantile(values, low) - 1) * 100;
}

BeatTimes fastest_of(const std::vector<BlockRecord>& records) {
  std::vector<const SampleBlock*> blocks;
  for (const BlockRecord& record : records) blocks.push_back(&record.block);
  return fastest_of(blocks);
}

/// By launch; those that kept the processors, and these where they were, or all.
std::map<int, SlowedRuns> samples_of(const std::vector<BlockRecord>& records, const BeatTimes& calm,
                                     bool only_kept) {
  std::map<int, SlowedRuns> launches;
  for (const BlockRecord& record : records) {
    const SampleBlock& block = record.block;
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      if (only_kept && (block.disturbed[i] != 0 || is_displaced(block.fastest, calm))) continue;
      SlowedRuns& samples = launches[record.launch];
      samples.ms.push_back(block.ms[i]);
      samples.slowdowns.push_back(block.beats.empty() ? Slowdown{} : slowdown(block.beats[i], calm));
    }
  }
  return launches;
}

SlowedRuns together(const std::map<int, SlowedRuns>& launches) {
  SlowedRuns all;
  for (const auto& [launch, samples] : launches) {
    all.ms.insert(all.ms.end(), samples.ms.begin(), samples.ms.end());
    all.slowdowns.insert(all.slowdowns.end(), samples.slowdowns.begin(), samples.slowdowns.end());
  }
  return all;
}

Disturbance disturbance_of(const std::vector<BlockRecord>& records, const BeatTimes& calm) {
  Disturbance found;
  std::size_t samples = 0;
  std::size_t disturbed = 0;
  std::size_t displaced = 0;
  std::size_t watched = 0;
  std::size_t beside_others = 0;
  std::vector<double> core;
  std::vector<double> memory;
  double wall = 0;
  double waited = 0;
  for (const BlockRecord& record : records) {
    for (const BeatTimes& beat : record.block.beats) {
      core.push_back(beat.core_us);
      memory.push_back(beat.memory_us);
      ++watched;
      if (!is_calm(beat, calm)) ++beside_others;
    }
    samples += record.block.ms.size();
    disturbed +=
        static_cast<std::size_t>(std::count(record.block.disturbed.begin(), record.block.disturbed.end(), 1));
    if (is_displaced(record.block.fastest, calm)) displaced += record.block.ms.size();
    wall += record.block.wall_ms;
    waited += record.block.counters.waited_ms;
    found.major_faults += record.block.counters.major_faults;
  }
  found.clock_percent = spread_percent(std::move(core), 0.1, 0.9);
  found.memory_percent = spread_percent(std::move(memory), 0.1, 0.9);
  found.excluded_percent = 100.0 * static_cast<double>(disturbed) / static_cast<double>(samples);
  found.displaced_percent = 100.0 * static_cast<double>(displaced) / static_cast<double>(samples);
  if (watched > 0)
    found.calm_percent = 100 - 100.0 * static_cast<double>(beside_others) / static_cast<double>(watched);
  found.waiting_percent = wall > 0 ? waited / wall * 100 : 0;
  return found;
}

void find_reasons(const JudgeOptions& options, Measurement& m) {
  const Disturbance& d = m.disturbance;
  const auto noisy = [&](std::string reason) {
    m.verdict = std::max(m.verdict, Verdict::noisy);
    m.reasons.push_back(std::move(reason));
  };
  const auto rejected = [&](std::string reason) {
    m.verdict = Verdict::rejected;
    m.reasons.push_back(std::move(reason));
  };
  if (d.excluded_percent > kRejectExcludedPercent) {
    rejected(
        text("%.0f %% of the samples were disturbed by other programs: stop them, or --cpus with idle ones",
             d.excluded_percent));
  } else if (d.excluded_percent > kExcludedPercent) {
    noisy(
        text("%.0f %% of the samples were disturbed and left out: stop other programs, or --cpus with idle "
             "processors",
             d.excluded_percent));
  }
  if (d.displaced_percent > kDisplacedPercent) {
    noisy(
        text("during %.0f %% of the samples its processors were far from each other, where a "
             "hypervisor puts them at times: another time, or --threads 1",
             d.displaced_percent));
  }
  if (d.calm_percent < kCalmPercent) {
    noisy(text(
        "something slowed the core during %.0f %% of the samples, another program on the same core or its "
        "clock: another time, or a larger --budget",
        100 - d.calm_percent));
  }
  if (m.launches < kLaunches) {
    noisy(text("only %.0f launches fitted in: they differ, so a larger --budget", m.launches));
  } else if (m.half_width_percent > kRejectHalfWidthPercent) {
    rejected(text("the launches differ so much that the median is known to ±%.0f %% only: a quieter machine",
                  m.half_width_percent));
  } else if (m.half_width_percent > options.target_percent) {
    noisy(text("the median is known to ±%.1f %% only: a larger --budget, or a wider --target",
               m.half_width_percent));
  }
  if (d.launches_percent > kLaunchesPercent && m.launches >= kLaunches) {
    noisy(text("launches differ by %.1f %%: each finds another place in memory or other neighbours",
               d.launches_percent));
  }
  if (m.iterations < kSamples) {
    noisy(text("only %.0f samples fitted in: a larger --budget", static_cast<double>(m.iterations)));
  }
  if (!options.warm) noisy("it was still getting faster when warming up ended: a larger --budget");
  if (options.self_timed) return;
  if (d.waiting_percent > kWaitingPercent) {
    noisy(text(
        "its threads waited for a processor %.0f %% of the time: stop other programs, or fewer --threads",
        d.waiting_percent));
  }
  if (d.steal_percent > kStealPercent) {
    noisy(text("the hypervisor took %.0f %% of the processors away: another time, or another host",
               d.steal_percent));
  }
  if (d.major_faults > 0) noisy("pages were read from disk while it ran: more free memory");
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"trusted", "noisy", "rejected"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Measurement judge(const std::vector<BlockRecord>& records, const JudgeOptions& options) {
  std::size_t samples = 0;
  int last_session = 0;
  for (const BlockRecord& record : records) {
    samples += record.block.ms.size();
    last_session = std::max(last_session, record.session);
  }
  const BeatTimes fastest = fastest_of(records);
  const BeatTimes calmest = lower(fastest, options.calm);
  std::map<int, SlowedRuns> launches = samples_of(records, calmest, true);
  if (launches.empty()) launches = samples_of(records, {calmest.core_us, calmest.memory_us, 0}, true);
  Measurement m;
  SlowedRuns all = together(launches);
  const std::size_t kept = all.ms.size();
  if (kept == 0) all = together(launches = samples_of(records, calmest, false));
  const Sensitivity suffers;
  for (const auto& [number, launch] : launches) {
    m.launch_medians.push_back(median(undisturbed(launch.ms, launch.slowdowns, suffers, kCalmSamples).times));
  }
  const double share =
      std::clamp(static_cast<double>(kSamples) / static_cast<double>(all.ms.size()), kCalmSamples, 1.0);
  Undisturbed calm = undisturbed(all.ms, all.slowdowns, suffers, share);
  const double least = kLeastOfFastest * *std::min_element(all.ms.begin(), all.ms.end());
  const double beyond = std::max(least - median(calm.times), 0.0);
  for (double& time : calm.times) time = std::max(time, least);
  std::vector<Slowdown> remaining;
  for (const std::size_t run : calm.runs) remaining.push_back(all.slowdowns[run]);
  m.iterations = kept > 0 ? calm.times.size() : 0;
  m.excluded = samples - m.iterations;
  m.latency = summarise(calm.times);
  m.bars = histogram(calm.times, kBars);
  m.sessions = last_session + 1;
  m.launches = static_cast<int>(launches.size());

  // What the launches do not show: all of them are corrected alike, and perhaps by too much or too little.
  const double correction = 2 * suffers.error(mean_of(remaining)) * m.latency.median;
  double half = std::numeric_limits<double>::infinity();
  if (m.launches > 1) half = std::hypot(half_width(m.launch_medians, kConfidence), correction, beyond);
  m.ci95 = {std::max(m.latency.median - half, 0.0), m.latency.median + half};
  m.half_width_percent = half / m.latency.median * 100;

  m.disturbance = disturbance_of(records, calmest);
  m.disturbance.steal_percent = options.steal_percent;
  m.disturbance.launches_percent = spread_percent(m.launch_medians, 0, 1);
  m.disturbance.fastest = fastest;
  m.disturbance.calm = calmest;
  m.disturbance.fastest_run_ms = *std::min_element(all.ms.begin(), all.ms.end());
  m.disturbance.slowed_percent = (median(all.ms) / m.latency.median - 1) * 100;
  find_reasons(options, m);
  return m;
}

}  // namespace foretime
