#include "measure/message.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/stopwatch.h"
#include "measure/pinning.h"
#include "measure/statistics.h"

namespace foretime {
namespace {

constexpr int kRounds = 25;  // between two looks at the clock
constexpr std::size_t kLooks = 40;
constexpr double kMostMs = 4;
// A runtime's threads were pushed aside: two on one processor would stay there for a while.
constexpr std::chrono::milliseconds kSettle(3);
// Threads of a runtime that still wait for work make some rounds longer, none shorter.
constexpr double kQuantile = 0.25;

/// A count that each thread increments in its turn.
class Ring {
 public:
  explicit Ring(int threads) : threads_(threads) {}

  /// The first thread's: all others had their turn. False: time is up.
  bool round(const Stopwatch& watch) {
    const int next = count_.load(std::memory_order_relaxed) + threads_;
    count_.fetch_add(1, std::memory_order_acq_rel);
    for (int looks = 1; count_.load(std::memory_order_acquire) != next; ++looks) {
      if (looks % kPatience == 0 && watch.elapsed().value > kMostMs) return false;
    }
    return true;
  }
  void take_turns(int place) {
    while (!over_.load(std::memory_order_relaxed)) {
      if (count_.load(std::memory_order_acquire) % threads_ == place)
        count_.fetch_add(1, std::memory_order_acq_rel);
    }
  }
  void end() { over_ = true; }

 private:
  static constexpr int kPatience = 4096;
  const int threads_;
  alignas(64) std::atomic<int> count_{0};
  alignas(64) std::atomic<bool> over_{false};
};

}  // namespace

double message_us(int threads) {
  const std::vector<int> processors = allowed_processors();
  if (threads < 2 || processors.size() != static_cast<std::size_t>(threads)) return 0;
  Ring ring(threads);
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) {
    others.emplace_back([&ring, &processors, i] {
      pin_to({&processors[static_cast<std::size_t>(i)], 1});
      ring.take_turns(i);
    });
  }
  pin_to({processors.data(), 1});
  std::vector<double> us;
  const Stopwatch watch;
  for (bool in_time = true; in_time && us.size() < kLooks;) {
    const Stopwatch look;
    for (int i = 0; in_time && i < kRounds; ++i) in_time = ring.round(watch);
    if (in_time) us.push_back(look.elapsed().value * 1e3 / (kRounds * threads));
  }
  ring.end();
  for (std::thread& other : others) other.join();
  pin_to(processors);
  std::this_thread::sleep_for(kSettle);
  std::sort(us.begin(), us.end());
  return us.empty() ? 0 : quantile(us, kQuantile);
}

}  // namespace foretime
