#pragma once

// Built-in networks, by name. Their weights have types and shapes and no values (Encoding::omitted): a writer
// fills them from a seed. What is learnt is named as in the source's state dictionary; nodes that stand for a
// module call carry its path and class (Node::module_path, Node::source_op).

#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace foretime::zoo {

struct Listing {
  std::string name;
  std::string family;
  std::string source;                 // torchvision, timm, transformers, …
  std::vector<std::string> versions;  // besides the default one: NAME@VERSION
  std::string input;                  // of the default, "1x3x224x224"
  std::string options;                // with their defaults, "batch=1&resolution=224&classes=1000"
  std::string description;
};

/// Grows whenever a seed gives another random network than before: what was measured of those is of no use.
inline constexpr int kRandomNetworks = 7;

/// All networks, family by family.
std::vector<Listing> list();

/// The network of `[zoo:]NAME[@VERSION][?key=value&…]`. Opset 20; the graph's name is NAME, its metadata hold
/// the specification under "zoo" and the number of learnt parameters under "learnt_parameters". Error: no
/// such network, version or option, a value out of range, or an input too small for the network.
Graph build(std::string_view specification);

}  // namespace foretime::zoo
