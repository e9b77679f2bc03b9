#pragma once

// Does somebody else use the core and the caches we compute with? Another hardware thread of the same core,
// which may belong to another guest of the same host, shows in no counter of ours: our thread has all of its
// processor's time and yet gets less done. What shows it are pieces of work that never change: a timer
// interrupts the thread about once a millisecond and times two of them, a few microseconds each.

#include <optional>
#include <span>
#include <vector>

#include "base/units.h"

namespace foretime {

/// Times of the two pieces of work; 0: not known.
struct BeatTimes {
  double core_us = 0;    // integer arithmetic in registers: follows the clock and what else runs on the core
  double memory_us = 0;  // reads all over a buffer nearly as large as the last cache: follows what neighbours
                         // do to that cache and to memory
  double message_us = 0;  // from thread to thread (message.h), of a whole block: follows where a hypervisor
                          // has put the processors
};

struct Beat {
  double at_ms = 0;  // when it began, as steady_now
  BeatTimes times;
};

/// One beat, now.
BeatTimes beat_now();

/// Beats on the threads that compute, as long as it lives. One at a time in a process; where the system gives
/// no timers there are no beats but one.
class InterferenceProbe {
 public:
  /// One thread: the calling one. More: every thread that the process has now.
  explicit InterferenceProbe(int threads);
  ~InterferenceProbe();
  InterferenceProbe(const InterferenceProbe&) = delete;
  InterferenceProbe& operator=(const InterferenceProbe&) = delete;

  /// The beats since it was last asked, oldest first. To be asked every ten seconds: more are not kept.
  std::vector<Beat> take();

 private:
  std::vector<void*> timers_;
};

/// What the beats of this process took when they were left alone: the quantile 0.25 of a stretch, the lowest
/// of all stretches.
BeatTimes fastest_beat();
/// Beats of this process, or of another one on this machine, were as fast as that.
void know_fastest_beat(const BeatTimes& times);
/// The lower times of both, as far as known.
BeatTimes lower(const BeatTimes& a, const BeatTimes& b);
/// A hypervisor had put the processors of several threads where they have no cache in common: messages took
/// over twice as long. False where these are not known.
bool is_displaced(const BeatTimes& block, const BeatTimes& calm);
/// No neighbour computed on the core during such beats, or not for long: one who does makes them half as long
/// again. True where nothing is known of calm beats, false where all lost the processor.
bool is_calm(const BeatTimes& mean, const BeatTimes& fastest);
/// Of these beats.
BeatTimes fastest_of(std::span<const Beat> beats);

/// What a beat takes from who is interrupted, in ms: itself, and being interrupted and going on, which is
/// measured once for each process.
double cost_ms(const Beat& beat);

/// Those of `beats`, which are in order, between two moments; if there are none, the one next to them.
std::span<const Beat> beats_within(std::span<const Beat> beats, double begin_ms, double end_ms);

/// Mean times, without beats that lost the processor meanwhile (over three times the fastest: a hardware
/// thread loses less to another). Zeros without beats.
BeatTimes mean_of(std::span<const Beat> beats);

/// Memory that the beats read.
Bytes interference_buffer();

}  // namespace foretime
