#pragma once

#include <cstdint>
#include <string_view>

#include "zoo/network.h"
#include "zoo/request.h"

namespace foretime::zoo {

/// Token numbers: batch, seq.
/// Error: longer than the network has positions.
Value token_input(Network& net, std::string_view name, const Request& request, std::int64_t longest);

}  // namespace foretime::zoo
