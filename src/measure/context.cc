#include "measure/context.h"

#include <sys/utsname.h>

#include <array>
#include <ctime>

#include "base/version.h"
#include "measure/cpu.h"

namespace foretime {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Context begin_context(int processor) {
  Context context;
  context.cpu_signature = cpu_signature(describe_cpu());
  utsname names{};
  if (::uname(&names) == 0) {
    context.kernel = std::string(names.sysname) + " " + names.release + " " + names.machine;
  }
  context.time = utc_now();
  context.tool_version = version();
  context.before = read_machine_state(processor);
  return context;
}

}  // namespace foretime
