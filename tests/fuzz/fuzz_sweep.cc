// Any bytes end in a sweep or in one Error; networks of the sizes asked for are built or are one Error.

#include <algorithm>

#include "base/error.h"
#include "fuzz_target.h"
#include "zoo/sweep.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kBuilt = 4;
  try {
    const foretime::zoo::Sweep sweep = foretime::zoo::parse_sweep(foretime::as_text(data, size), "fuzz");
    for (std::size_t i = 0; i < std::min(kBuilt, sweep.networks.size()); ++i) {
      if (sweep.networks[i].file.empty()) foretime::zoo::build(sweep.networks[i]);
    }
  } catch (const foretime::Error&) {
  }
  return 0;
}
