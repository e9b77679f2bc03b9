#pragma once

#include <span>
#include <string_view>

#include "zoo/network.h"
#include "zoo/request.h"

namespace foretime::zoo {

/// One built-in network. `defaults` lists exactly the options it takes, besides the batch size, as
/// key=value&….
struct Entry {
  std::string_view name;
  std::string_view family;
  std::string_view source;
  std::string_view defaults;
  void (*build)(Network&, const Request&);
  std::string_view description;
  std::string_view version = {};  // one besides the default
};

/// Family of the networks whose inputs depend on their seed.
constexpr std::string_view kRandom = "random";

std::span<const Entry> registry();

}  // namespace foretime::zoo
