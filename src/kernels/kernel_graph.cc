#include "kernels/kernel_graph.h"

#include <cstring>
#include <functional>
#include <string_view>

namespace foretime {

std::size_t KernelConfigHash::operator()(const KernelConfig& config) const {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(&config), sizeof config});
}

}  // namespace foretime
