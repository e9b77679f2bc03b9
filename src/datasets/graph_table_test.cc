#include "datasets/graph_table.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

MeasuredNetwork network(const std::string& id, const std::string& name) {
  MeasuredNetwork measured;
  measured.id = id;
  measured.family = "f";
  measured.graph = parse_text(
      "graph { opset \"\" 17 input " + name +
          ": float32[1,8,6,6] const w: float32[4,4,3,3] = omitted c: float32[1,4,4,4] = Conv(" + name +
          ", w) {group = 2, strides = [1, 1]} s: float32[1,4,4,4] = Mul(c, c) p: "
          "float32[1,4,2,2] = MaxPool(s) {kernel_shape = [2, 2], strides = [2, 2]} output p }",
      "test");
  measured.latencies["cpu"].latency = {1.5};
  return measured;
}

TEST(GraphTable, HoldsNodesEdgesAndLatencies) {
  GraphTable table;
  table.add(network("a", "x"));
  table.add(network("b", "image"));
  EXPECT_THAT(table.operators(), ElementsAre("Input", "Conv", "Mul", "MaxPool"));
  EXPECT_THAT(table.devices(), ElementsAre("cpu"));
  const GraphTable::Network& a = table.networks()[0];
  ASSERT_EQ(a.nodes.size(), 4U);
  EXPECT_EQ(a.nodes[0], (NodeNumbers{0, 4, 1, 8, 6, 6, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(a.nodes[1], (NodeNumbers{1, 4, 1, 4, 4, 4, 0, 3, 3, 1, 1, 2, 16 * 4 * 4 * 9}));
  EXPECT_EQ(a.nodes[2], (NodeNumbers{2, 4, 1, 4, 4, 4, 0, 0, 0, 0, 0, 0, 0})) << "no window";
  EXPECT_EQ(a.nodes[3], (NodeNumbers{3, 4, 1, 4, 2, 2, 0, 2, 2, 2, 2, 0, 0}));
  std::string edges;
  for (const auto& [from, to] : a.edges) edges += std::to_string(from) + ">" + std::to_string(to) + " ";
  EXPECT_EQ(edges, "0>1 1>2 1>2 2>3 ");
  EXPECT_EQ(a.structure, table.networks()[1].structure);
  EXPECT_EQ(a.test, table.networks()[1].test);
  EXPECT_EQ(table.nodes(), 8U);
  EXPECT_EQ(table.edges(), 8U);
}

TEST(GraphTable, WritesJsonLines) {
  GraphTable table;
  table.add(network("a", "x"));
  const fs::path path = fs::path(testing::TempDir()) / ("graphs_" + std::to_string(::getpid()) + ".jsonl");
  table.write_json_lines(path.string());
  std::ifstream stream(path);
  std::string head;
  std::string row;
  std::string more;
  std::getline(stream, head);
  std::getline(stream, row);
  EXPECT_FALSE(std::getline(stream, more));
  fs::remove(path);
  const Json first = Json::parse(head);
  EXPECT_EQ(first["schema"], "foretime.graphs/1");
  EXPECT_EQ(first["node_columns"].size(), kNodeColumns.size());
  const Json json = Json::parse(row);
  EXPECT_EQ(json["id"], "a");
  EXPECT_EQ(json["latency_ms"]["cpu"], 1.5);
  EXPECT_EQ(json["nodes"][1][7], 3);
  EXPECT_EQ(json["edges"][0], Json::parse("[0,1]"));
  EXPECT_TRUE(json["split"] == "train" || json["split"] == "test");
}

}  // namespace
}  // namespace foretime
