// Any bytes end in a power trace or in one Error: a Monsoon .pt4, or a CSV. What is read can be integrated.

#include <cmath>

#include "base/error.h"
#include "fuzz_target.h"
#include "measure/energy/energy.h"
#include "measure/energy/power_trace.h"

namespace {

using namespace foretime;

PowerTrace read_csv(std::string_view text) {
  CsvTrace trace;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    trace.line(line, "fuzz");
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return trace.finish("fuzz");
}

void integrate(const PowerTrace& trace) {
  const TimeSpan whole = trace.curve.whole();
  if (!(whole.length() > 0)) std::abort();  // times grow
  const TimeSpan part{whole.begin + whole.length() / 4, whole.begin + whole.length() / 2};
  (void)energy_of(trace.curve, marks_within(trace.curve, part, 10), trace.curve.usual_step());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  try {
    integrate(looks_like_pt4(text) ? parse_pt4(text, "fuzz") : read_csv(text));
  } catch (const Error&) {
  }
  return 0;
}
