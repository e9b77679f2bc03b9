#pragma once

// Small pieces of work that never change, run between the samples: if they take longer than before, it is the
// machine that changed, not the model.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace foretime {

class Reference {
 public:
  /// `memory_bytes`: of the buffer that `memory_us` reads.
  explicit Reference(std::size_t memory_bytes);

  /// About 40 µs of multiply-adds in registers, in as many chains as fill the pipes: follows the clock and
  /// what another hardware thread of the same core takes, touches no cache, and is light enough not to lower
  /// the clock itself. In µs.
  double compute_us();
  /// One pass over the buffer, which is larger than the caches of one core: follows what neighbours do to the
  /// shared cache and to memory. In µs.
  double memory_us();

 private:
  std::vector<float> registers_;
  std::vector<std::uint64_t> buffer_;
  std::uint64_t sum_ = 0;  // so that the reads are not removed
};

}  // namespace foretime
