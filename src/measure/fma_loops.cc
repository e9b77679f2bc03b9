#include "measure/fma_loops.h"

#include <array>
#include <cstring>

namespace foretime {
namespace {

// Two multiply-adds start in each cycle and take 4 or 5 to finish, so 10 chains fill the pipes; 12, a factor
// and a term are all that fits into 16 registers without spilling.
constexpr int kChains = 12;

// A macro and not a template, because the instruction set is an attribute of each function. The chains are
// unrolled so that each lives in a register of its own.
#define FORETIME_FMA_LOOP(name, bytes, attribute)                                                       \
  attribute void name(float factor, float term, std::int64_t rounds, float* values) {                   \
    typedef float Vector __attribute__((vector_size(bytes)));                                           \
    const Vector factors = Vector{} + factor;                                                           \
    const Vector terms = Vector{} + term;                                                               \
    Vector chain[kChains];                                                                              \
    std::memcpy(&chain, values, sizeof chain);                                                          \
    for (std::int64_t round = 0; round < rounds; ++round) {                                             \
      _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) chain[i] = chain[i] * factors + terms; \
    }                                                                                                   \
    std::memcpy(values, &chain, sizeof chain);                                                          \
  }

bool always() {
  return true;
}

#if defined(__x86_64__)
FORETIME_FMA_LOOP(run_avx512f, 64, __attribute__((target("avx512f"))))
FORETIME_FMA_LOOP(run_avx2, 32, __attribute__((target("avx2,fma"))))
bool has_avx512f() {
  return __builtin_cpu_supports("avx512f") != 0;
}
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}
#endif
FORETIME_FMA_LOOP(run_baseline, 16, )

#undef FORETIME_FMA_LOOP

constexpr std::array kLoops {
#if defined(__x86_64__)
  FmaLoop{"avx512f", 16, has_avx512f, run_avx512f}, FmaLoop{"avx2", 8, has_avx2, run_avx2},
      FmaLoop{"sse2", 4, always, run_baseline},
#elif defined(__aarch64__)
  FmaLoop{"neon", 4, always, run_baseline},
#else
  FmaLoop{"baseline", 4, always, run_baseline},
#endif
};

}  // namespace

int FmaLoop::numbers() const {
  return kChains * lanes;
}

std::span<const FmaLoop> fma_loops() {
  return kLoops;
}

const FmaLoop& widest_fma_loop() {
  for (const FmaLoop& loop : kLoops) {
    if (loop.supported()) return loop;
  }
  return kLoops.back();
}

}  // namespace foretime
