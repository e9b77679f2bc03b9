#include "ops/conv_layout.h"

#include <string>

#include "base/error.h"

namespace foretime::ops {

ConvLayout conv_layout(const Node& node, std::size_t rank) {
  ConvLayout layout;
  const bool nhwc = node.op == "NhwcConv" || node.op == "NhwcFusedConv";
  if (nhwc || node.attributes.integer("channels_last", 0) != 0) {
    layout.channel = rank - 1;
    layout.space = 1;
  }
  if (nhwc) {
    layout.weight_in = rank - 1;
    layout.weight_space = 1;
  } else if (node.op == "ConvTranspose") {
    layout.weight_out = 1;
    layout.weight_in = 0;
  }
  const std::string axes = node.attributes.text("weight_layout", "");
  if (axes.empty()) return layout;
  layout.weight_out = axes.find('O');
  layout.weight_in = axes.find('I');
  layout.weight_space = axes.find_first_not_of("OI");
  if (axes.size() != rank || layout.weight_out >= rank || layout.weight_in >= rank ||
      layout.weight_space + rank - 2 > rank) {
    throw Error("", "weight_layout is '" + axes + "'",
                std::to_string(rank) + " axes, O and I among them, the others together");
  }
  return layout;
}

}  // namespace foretime::ops
