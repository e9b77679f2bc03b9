#include "report/tool_version.h"

namespace foretime::report {

std::string_view tool_version() {
  return FORETIME_VERSION;
}

}  // namespace foretime::report
