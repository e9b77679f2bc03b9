#include "zoo/text.h"

#include <fmt/format.h>

namespace foretime::zoo {

Value token_input(Network& net, std::string_view name, const Request& request, std::int64_t longest) {
  if (request.seq > longest) {
    net.fail(fmt::format("{} tokens are too many", request.seq), fmt::format("up to {}", longest));
  }
  return net.input(name, {request.batch, request.seq}, DataType::int64);
}

}  // namespace foretime::zoo
