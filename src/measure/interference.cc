#include "measure/interference.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/stopwatch.h"
#include "measure/cpu.h"
#include "measure/statistics.h"

namespace foretime {
namespace {

// Half a millisecond is short against the stretches for which a neighbour computes or pauses (2 ms on average
// on a shared host), and long against a beat, which takes 3 µs. Interrupting takes 1 or 2 µs more, but 25 in
// some virtual machines: there beats are rarer, so that they cost 2 % of the time.
constexpr double kLeastPeriodUs = 500;
constexpr double kMostPeriodUs = 2000;
constexpr double kPeriods = 50;  // times what it costs
constexpr int kRounds = 2500;
// A beat longer than so many of the fastest lost the processor meanwhile.
constexpr double kLostTimes = 3;
// This quantile counts as left alone. The least does not: up to a tenth find the processor's caches and
// predictors well prepared and are a sixth faster, whatever neighbours do.
constexpr double kFastest = 0.25;
constexpr unsigned kLines = 128;  // of memory that are read
constexpr std::size_t kLineBytes = 64;
constexpr std::size_t kMostThreads = 64;
constexpr std::size_t kKept = 1 << 15;  // beats of a thread: 16 s

/// Integer arithmetic in six registers, as many instructions at once as the processor starts in one cycle:
/// whatever another hardware thread of the core computes, the two take turns in starting them. Multiply-adds
/// of vectors would wait for the two units that do these, and hardly notice who needs none.
void compute() {
  std::uint64_t a = 1, b = 2, c = 3, d = 5, e = 7, f = 11;
  for (int round = 0; round < kRounds; ++round) {
    a += b, b ^= c, c += d, d ^= e, e += f, f ^= a;
    a += 1, b += 3, c += 5, d += 7, e += 9, f += 11;
    // No compiler may find out what comes of it.
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
  }
}

/// Beats of one thread, written by its signal handler only. Static, since a signal may arrive late.
struct Track {
  std::array<Beat, kKept> beats;
  std::atomic<std::size_t> count{0};
  std::size_t taken = 0;
};
std::array<Track, kMostThreads> tracks;
BeatTimes fastest;

/// What the memory's piece of work reads: three quarters of the last cache.
const std::vector<std::uint8_t>& buffer() {
  constexpr std::size_t kLeast = 4 << 20;
  constexpr std::size_t kMost = 32 << 20;
  static const std::vector<std::uint8_t> bytes(
      std::clamp(describe_cpu().last_cache_bytes / 4 * 3, kLeast, kMost), 1);
  return bytes;
}

/// Reads lines in an order that no processor foresees (a linear congruential generator, Numerical Recipes).
unsigned read_memory(std::span<const std::uint8_t> bytes) {
  static std::atomic<std::uint32_t> state{1};
  std::uint32_t place = state.load(std::memory_order_relaxed);
  unsigned sum = 0;
  const auto lines = static_cast<std::uint32_t>(bytes.size() / kLineBytes);
  for (unsigned i = 0; i < kLines; ++i) {
    place = place * 1664525U + 1013904223U;
    sum += bytes[(place >> 8) % lines * kLineBytes];
  }
  state.store(place, std::memory_order_relaxed);
  return sum;
}

Beat beat(std::span<const std::uint8_t> bytes) {
  const double begin = steady_now().value;
  compute();
  const double middle = steady_now().value;
  volatile unsigned sum = read_memory(bytes);
  static_cast<void>(sum);
  return {begin, {(middle - begin) * 1e3, (steady_now().value - middle) * 1e3}};
}

void record_beat(Track& track) {
  const std::size_t at = track.count.load(std::memory_order_relaxed);
  track.beats[at % kKept] = beat(buffer());
  track.count.store(at + 1, std::memory_order_release);
}

void on_timer(int, siginfo_t* info, void*) {
  record_beat(*static_cast<Track*>(info->si_value.sival_ptr));
}

int signal_number() {
  return SIGRTMIN + 7;  // the first ones belong to the C library
}

/// Nothing: the system gives none.
std::optional<timer_t> start_timer(pid_t thread, Track& track, long period_ns) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal_number();
  event.sigev_value.sival_ptr = &track;
  event._sigev_un._tid = thread;
  timer_t timer{};
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return std::nullopt;
  itimerspec times{};
  times.it_value.tv_nsec = times.it_interval.tv_nsec = period_ns;
  ::timer_settime(timer, 0, &times, nullptr);
  return timer;
}

void install_handler() {
  struct sigaction action {};
  action.sa_sigaction = on_timer;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(signal_number(), &action, nullptr);
}

pid_t this_thread() {
  return static_cast<pid_t>(::syscall(SYS_gettid));
}

std::vector<pid_t> threads_to_watch(int threads) {
  std::vector<pid_t> ids{this_thread()};
  if (threads == 1) return ids;
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    const pid_t id = std::stoi(task->path().filename().string());
    if (id != ids.front() && ids.size() < kMostThreads) ids.push_back(id);
  }
  return ids;
}

double own_us(const Beat& beat) {
  return beat.times.core_us + beat.times.memory_us;
}

/// The time of a beat is gone for who is interrupted, and some more: looks at the clock all the time and
/// sees.
double measure_interruption() {
  constexpr double kForMs = 4;
  constexpr long kEveryNs = 100'000;
  Track& track = tracks[0];
  buffer();  // not first in a signal handler
  install_handler();
  const std::optional<timer_t> timer = start_timer(this_thread(), track, kEveryNs);
  if (!timer) return 0;
  std::vector<double> lost;
  const double end = steady_now().value + kForMs;
  double before_last = steady_now().value;
  std::size_t count = track.count;
  double last = steady_now().value;
  while (last < end) {
    const std::size_t counted = track.count.load(std::memory_order_acquire);
    const double now = steady_now().value;
    // It came after the last look at the count, before which the clock was read.
    if (counted == count + 1) lost.push_back((now - before_last) * 1e3 - own_us(track.beats[count % kKept]));
    count = counted;
    before_last = std::exchange(last, now);
  }
  ::timer_delete(*timer);
  track.taken = track.count;
  return lost.empty() ? 0 : median(std::move(lost));
}

double interruption_us() {
  static const double us = measure_interruption();
  return us;
}

}  // namespace

BeatTimes beat_now() {
  return beat(buffer()).times;
}

InterferenceProbe::InterferenceProbe(int threads) {
  const double period_us = std::clamp(kPeriods * interruption_us(), kLeastPeriodUs, kMostPeriodUs);
  install_handler();
  std::size_t next = 0;
  for (const pid_t thread : threads_to_watch(threads)) {
    Track& track = tracks[next++];
    track.taken = track.count;
    if (thread == this_thread()) record_beat(track);  // so that there is one from the beginning
    if (const auto timer = start_timer(thread, track, std::lround(1e3 * period_us)))
      timers_.push_back(*timer);
  }
}

InterferenceProbe::~InterferenceProbe() {
  for (void* timer : timers_) ::timer_delete(timer);
}

std::vector<Beat> InterferenceProbe::take() {
  std::vector<Beat> beats;
  for (std::size_t i = 0; i < timers_.size(); ++i) {
    Track& track = tracks[i];
    const std::size_t count = track.count.load(std::memory_order_acquire);
    track.taken = std::max(track.taken, count - std::min(count, kKept));
    for (; track.taken < count; ++track.taken) beats.push_back(track.beats[track.taken % kKept]);
  }
  if (timers_.size() > 1) {
    std::sort(beats.begin(), beats.end(), [](const Beat& a, const Beat& b) { return a.at_ms < b.at_ms; });
  }
  return beats;
}

BeatTimes fastest_beat() {
  return fastest;
}

void know_fastest_beat(const BeatTimes& times) {
  fastest = lower(fastest, times);
}

BeatTimes lower(const BeatTimes& a, const BeatTimes& b) {
  const auto known = [](double x, double y) { return x > 0 && y > 0 ? std::min(x, y) : std::max(x, y); };
  return {known(a.core_us, b.core_us), known(a.memory_us, b.memory_us), known(a.message_us, b.message_us)};
}

bool is_displaced(const BeatTimes& block, const BeatTimes& calm) {
  constexpr double kFar = 2;
  return calm.message_us > 0 && block.message_us > kFar * calm.message_us;
}

bool is_calm(const BeatTimes& mean, const BeatTimes& fastest) {
  constexpr double kCalm = 1.06;
  return fastest.core_us == 0 || (mean.core_us > 0 && mean.core_us <= kCalm * fastest.core_us);
}

BeatTimes fastest_of(std::span<const Beat> beats) {
  if (beats.empty()) return {};
  std::vector<double> core;
  std::vector<double> memory;
  for (const Beat& beat : beats) {
    core.push_back(beat.times.core_us);
    memory.push_back(beat.times.memory_us);
  }
  std::sort(core.begin(), core.end());
  std::sort(memory.begin(), memory.end());
  return {quantile(core, kFastest), quantile(memory, kFastest)};
}

double cost_ms(const Beat& beat) {
  return (own_us(beat) + interruption_us()) / 1e3;
}

std::span<const Beat> beats_within(std::span<const Beat> beats, double begin_ms, double end_ms) {
  const auto at = [](const Beat& beat, double ms) { return beat.at_ms < ms; };
  const auto first = std::lower_bound(beats.begin(), beats.end(), begin_ms, at);
  const auto last = std::lower_bound(first, beats.end(), end_ms, at);
  if (first != last || beats.empty()) return {first, last};
  if (first == beats.begin()) return beats.first(1);
  if (first == beats.end()) return beats.last(1);
  const bool before = begin_ms - (first - 1)->at_ms < first->at_ms - end_ms;
  return {first - (before ? 1 : 0), 1};
}

BeatTimes mean_of(std::span<const Beat> beats) {
  const auto mean = [&](double BeatTimes::*which) {
    const double limit = fastest.*which > 0 ? kLostTimes * fastest.*which : INFINITY;
    double sum = 0;
    int count = 0;
    for (const Beat& beat : beats) {
      if (beat.times.*which > limit) continue;
      sum += beat.times.*which;
      ++count;
    }
    return count > 0 ? sum / count : 0;
  };
  return {mean(&BeatTimes::core_us), mean(&BeatTimes::memory_us)};
}

Bytes interference_buffer() {
  return {static_cast<std::int64_t>(buffer().size())};
}

}  // namespace foretime
