#include "ops/work.h"

namespace foretime::ops {

std::optional<Work> no_work(const Graph&, const Node&) {
  return Work{};
}

}  // namespace foretime::ops
