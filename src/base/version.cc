#include "base/version.h"

namespace foretime {

std::string_view version() {
  return FORETIME_VERSION;
}

}  // namespace foretime
