#pragma once

// A data set as networks for graph learning read it: nodes with numbers, edges, latencies
// (docs/data-sets.md).

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/measured_network.h"

namespace foretime {

/// What is known of a node, in this order.
constexpr std::array<std::string_view, 13> kNodeColumns = {
    "operator", "rank",     "size_0",   "size_1",   "size_2", "size_3", "size_4",
    "kernel_h", "kernel_w", "stride_h", "stride_w", "groups", "macs"};
using NodeNumbers = std::array<std::int64_t, kNodeColumns.size()>;

struct GraphEdge {
  std::int32_t from;  // nodes of the same network
  std::int32_t to;
};

class GraphTable {
 public:
  struct Network {
    std::string id;
    std::string family;
    std::uint64_t structure = 0;
    bool test = false;  // on the scored side of the split that protocol A makes with seed 0
    std::vector<NodeNumbers> nodes;
    std::vector<GraphEdge> edges;
    std::map<std::string, double, std::less<>> latencies;  // milliseconds
  };

  void add(const MeasuredNetwork& network);

  const std::vector<Network>& networks() const { return networks_; }
  /// In the order of their first appearance; the first is "Input".
  const std::vector<std::string>& operators() const { return operators_; }
  std::vector<std::string> devices() const;
  std::size_t nodes() const;
  std::size_t edges() const;

  // The file appears whole or not at all. Error: it cannot be written.
  void write_npz(const std::string& path) const;
  void write_json_lines(const std::string& path) const;

 private:
  std::int64_t number_of(const std::string& op);

  std::vector<Network> networks_;
  std::vector<std::string> operators_ = {"Input"};
  std::map<std::string, std::int64_t, std::less<>> numbers_ = {{"Input", 0}};
};

}  // namespace foretime
