#include "measure/peaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/stopwatch.h"
#include "measure/best_rate.h"
#include "measure/fma_loops.h"
#include "measure/stream_loops.h"

// Nothing here asserts how fast anything is: a loaded machine must not fail a test.

namespace foretime {
namespace {

std::vector<float> counting(std::size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

TEST(FmaLoops, AgreeWithAScalarTwin) {
  // Small whole numbers, so that fused and separate rounding give the same.
  struct Case {
    float factor, term;
    int rounds;
  };
  for (const FmaLoop& loop : fma_loops()) {
    if (!loop.supported()) continue;
    for (const Case& c : {Case{2, 1, 12}, Case{-1, 3, 1001}, Case{0.5f, 8, 4}, Case{5, 5, 0}}) {
      std::vector<float> expected = counting(static_cast<std::size_t>(loop.numbers()));
      std::vector<float> values = expected;
      for (float& x : expected) {
        for (int i = 0; i < c.rounds; ++i) x = x * c.factor + c.term;
      }
      loop.run(c.factor, c.term, c.rounds, values.data());
      EXPECT_EQ(values, expected) << loop.name << " factor " << c.factor << " rounds " << c.rounds;
    }
  }
}

TEST(FmaLoops, GetNarrowerAndEndWithOneForEveryProcessor) {
  for (std::size_t i = 1; i < fma_loops().size(); ++i)
    EXPECT_LT(fma_loops()[i].lanes, fma_loops()[i - 1].lanes);
  EXPECT_TRUE(fma_loops().back().supported());
  EXPECT_TRUE(widest_fma_loop().supported());
}

TEST(StreamLoops, ReadEveryNumberOnce) {
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u, 1000u}) {
    std::vector<std::uint64_t> numbers(size);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{1});
    EXPECT_EQ(stream_read(numbers), size * (size + 1) / 2) << size;
  }
}

TEST(StreamLoops, TriadAddsAMultiple) {
  const std::vector<float> a = counting(101);
  const std::vector<float> b(101, 4.0f);
  std::vector<float> out(101);
  stream_triad(out, a, b, 0.5f);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], a[i] + 2.0f);
}

TEST(BestRate, StopsWhenNothingGetsFasterOrTheBudgetIsSpent) {
  int runs = 0;
  best_rate(1, Milliseconds{1e9}, [&] {
    // Only the first two are fast.
    const Stopwatch one;
    if (++runs > 2) {
      while (one.elapsed() < Milliseconds{1}) continue;
    }
  });
  EXPECT_GT(runs, 2);
  EXPECT_LT(runs, 10000);

  int short_of_time = 0;
  best_rate(1, Milliseconds{0}, [&] { ++short_of_time; });
  EXPECT_EQ(short_of_time, 2);
}

TEST(Peaks, AreFiniteAndPositive) {
  const HostPeaks peaks = probe_peaks(describe_cpu(), {Milliseconds{20}, std::size_t{1} << 20});
  EXPECT_EQ(peaks.loop, widest_fma_loop().name);
  for (const double figure :
       {peaks.flops_per_s, peaks.read_bytes_per_s, peaks.triad_bytes_per_s, peaks.call_overhead.value}) {
    EXPECT_TRUE(std::isfinite(figure));
    EXPECT_GT(figure, 0);
  }
}

}  // namespace
}  // namespace foretime
