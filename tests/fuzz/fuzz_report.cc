// Reports of other tools become measurements whose times are numbers above 0, or one Error.

#include <cmath>

#include "base/error.h"
#include "fuzz_target.h"
#include "runtimes/import/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace foretime;
  try {
    for (const import::ReportedRun& run : import::read_report(as_text(data, size), "fuzz")) {
      require_same(
          std::isfinite(run.latency.median) && run.latency.median > 0 ? "" : "a latency that is none", "");
      for (const ExecutedKernel& kernel : run.kernels)
        require_same(kernel.latency.value >= 0 ? "" : "a kernel that takes less than no time", "");
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
