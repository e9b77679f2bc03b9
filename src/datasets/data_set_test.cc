#include "datasets/data_set.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/mapped_file.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

/// A folder with one file, gone at the end.
class TableFile {
 public:
  TableFile(const std::string& name, const std::string& content)
      : folder_(fs::path(testing::TempDir()) / ("datasets_" + std::to_string(::getpid()))),
        path_(folder_ / name) {
    fs::create_directories(folder_);
    std::ofstream(path_) << content;
  }
  ~TableFile() { fs::remove_all(folder_); }
  std::string path() const { return path_.string(); }

 private:
  fs::path folder_;
  fs::path path_;
};

Graph identity(const std::string& model) {
  return parse_text(
      "graph { input x: float32[1,3] y = Identity(x) output y metadata model \"" + model + "\" }", "test");
}

std::vector<MeasuredNetwork> read(const std::string& name, const std::string& content) {
  const TableFile file(name, content);
  std::vector<MeasuredNetwork> networks;
  read_data_set(file.path(), identity,
                [&](MeasuredNetwork&& network) { networks.push_back(std::move(network)); });
  return networks;
}

/// The message, without the folder.
std::string error_of(const std::string& name, const std::string& content) {
  try {
    read(name, content);
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::size_t at = text.find(name);
    return at == std::string::npos ? text : text.substr(at);
  }
  return "no error";
}

constexpr const char* kCompact =
    R"({"id":"a_0","latency_ms":{"cpu":1.5,"vpu":2},"std_ms":{"cpu":0.1,"vpu":0},"nodes":[)"
    R"(["input",[],[1,8,8,3]],["conv",[0],[1,4,4,8],[3,2,1]],["bn",[1],[1,4,4,8]],["add",[2],[1,4,4,8]],)"
    R"(["split",[3],[1,4,4,4]],["relu",[4],[1,4,4,4]],["concat",[5,4],[1,4,4,8]],["gap",[6],[1,1,1,8]],)"
    R"(["reshape",[7],[1,8]],["fc",[8],[1,10]]]})";

TEST(DataSet, CompactNetworksBecomeGraphs) {
  const auto networks = read("a.jsonl", std::string(kCompact) + "\n\n");
  ASSERT_EQ(networks.size(), 1U);
  EXPECT_EQ(networks[0].family, "a");
  EXPECT_EQ(networks[0].latencies.at("cpu").deviation, Milliseconds{0.1});
  EXPECT_FALSE(networks[0].latencies.at("vpu").deviation);
  EXPECT_EQ(to_text(networks[0].graph), R"(graph {
  opset "" 18
  input input_0: float32[1,3,8,8]
  const conv_1.weight: float32[8,3,3,3] = omitted
  const bn_2.scale: float32[8] = omitted
  const bn_2.bias: float32[8] = omitted
  const bn_2.mean: float32[8] = omitted
  const bn_2.variance: float32[8] = omitted
  const add_3.constant: float32[] = omitted
  const reshape_8.shape: int64[2] = {1, 8}
  const fc_9.weight: float32[8,10] = omitted
  conv_1: float32[1,8,4,4] = Conv(input_0, conv_1.weight) {kernel_shape = [3, 3], strides = [2, 2], auto_pad = "SAME_UPPER"}
  bn_2: float32[1,8,4,4] = BatchNormalization(conv_1, bn_2.scale, bn_2.bias, bn_2.mean, bn_2.variance)
  add_3: float32[1,8,4,4] = Add(bn_2, add_3.constant)
  split_4: float32[1,4,4,4], split_4.other: float32[1,4,4,4] = Split(add_3) {axis = 1, num_outputs = 2}
  relu_5: float32[1,4,4,4] = Relu(split_4)
  concat_6: float32[1,8,4,4] = Concat(relu_5, split_4.other) {axis = 1}
  gap_7: float32[1,8,1,1] = GlobalAveragePool(concat_6)
  reshape_8: float32[1,8] = Reshape(gap_7, reshape_8.shape)
  fc_9: float32[1,10] = Gemm(reshape_8, fc_9.weight)
  output fc_9
}
)");
}

TEST(DataSet, MeasurementTables) {
  const auto csv = read("t.csv",
                        "id,family,model,device,runtime,latency_ms,std_ms,repeats\n"
                        "a,,zoo:alexnet,mine,ort,1.25,0.01,50\nb,\"f,g\",net.onnx,mine,ort,2,,\n");
  ASSERT_EQ(csv.size(), 2U);
  EXPECT_EQ(csv[0].graph.metadata()[0].second, "zoo:alexnet");
  EXPECT_EQ(csv[0].latencies.at("mine").repeats, 50);
  EXPECT_EQ(csv[1].family, "f,g");
  EXPECT_TRUE(csv[1].graph.metadata()[0].second.ends_with("/net.onnx"));

  const auto json =
      read("t.jsonl", R"({"id":"a","device":"mine","latency_ms":3,"graph":{"foretime.graph":1,)"
                      R"("inputs":[{"name":"x","dtype":"float32","shape":[1,3]}],"outputs":["y"],)"
                      R"("nodes":[{"op":"Relu","inputs":["x"],"outputs":["y"]}]}})");
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0].graph.nodes()[0].op, "Relu");
  EXPECT_EQ(json[0].latencies.at("mine").latency.value, 3);
}

TEST(DataSet, ErrorsSayWhere) {
  const std::string head = R"({"id":"a","latency_ms":{"cpu":1},"nodes":[["input",[],[1,8,8,3]],)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "e.jsonl: holds no measured network (rows of a measurement table)"},
      {"{",
       "e.jsonl:1: The JSON document has an improper structure: missing or superfluous commas, braces, "
       "missing "
       "keys, etc. (one JSON object a line)"},
      {R"({"id":"a","model":"m","device":"d"})",
       "e.jsonl:1: no latency_ms (id, family, model, device, runtime, latency_ms, std_ms, repeats)"},
      {R"({"id":"a","model":"m","device":"d","latency_ms":-1})",
       "e.jsonl:1: latency_ms is -1.000000 (milliseconds above 0)"},
      {R"({"id":"a","device":"d","latency_ms":1})",
       "e.jsonl:1: neither model nor graph (id, family, model, device, runtime, latency_ms, std_ms, "
       "repeats)"},
      {std::string(kCompact) + "\n" + kCompact, "e.jsonl:2: a second row for 'a_0' on cpu (one row each)"},
      {R"({"id":"a","nodes":[["input",[],[1,2,2,1]]]})", "e.jsonl:1: no latency_ms ({device: milliseconds})"},
      {head + R"(["swish",[0],[1,8,8,3]]]})",
       "e.jsonl:1: node 1 (swish): is an unknown operator (input, conv, dwconv, bn, relu, add, mul, maxpool, "
       "avgpool, "
       "gap, reshape, transpose, concat, split, fc)"},
      {head + R"(["relu",[1],[1,8,8,3]]]})", "e.jsonl:1: node 1 (relu): reads node 1 (an earlier node)"},
      {head + R"(["relu",[0],[1,8,8,4]]]})",
       "e.jsonl:1: node 1 (relu): its sizes do not follow from its input (NCHW) (float32[1,3,8,8] instead of "
       "float32[1,4,8,8])"},
      {head + R"(["conv",[0],[1,8,8,4]]]})",
       "e.jsonl:1: node 1 (conv): has no window ([kernel, stride, 1 for SAME or 0 for VALID])"},
  };
  for (const auto& [content, expected] : cases) EXPECT_EQ(error_of("e.jsonl", content), expected) << content;
  EXPECT_EQ(error_of("e.csv", "id,model\n"),
            "e.csv:1: no column device (id, family, model, device, runtime, latency_ms, std_ms, repeats)");
  EXPECT_EQ(error_of("e.csv", "id,model,device,latency_ms\na,m,d,fast\n"),
            "e.csv:2: latency_ms is 'fast' (a number)");
}

TEST(DataSet, ReadsTheNetworksOfNnMeter) {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path folder =
      fs::path(shared != nullptr ? shared : FORETIME_SOURCE_DIR "/../shared") / "data/nnmeter/networks";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs data/nnmeter in FORETIME_SHARED or ../shared";
  for (const auto& [family, networks, nodes] :
       std::vector<std::tuple<std::string, std::size_t, std::size_t>>{{"alexnet", 1588, 33348 - 1588},
                                                                      {"shufflenetv2", 1605, 370755 - 1605},
                                                                      {"squeezenet", 1576, 105592 - 1576}}) {
    std::size_t networks_read = 0;
    std::size_t nodes_read = 0;
    read_data_set((folder / (family + ".jsonl.gz")).string(), identity, [&](MeasuredNetwork&& network) {
      ++networks_read;
      nodes_read += network.graph.nodes().size();
    });
    EXPECT_EQ(networks_read, networks) << family;
    EXPECT_EQ(nodes_read, nodes) << family;
  }
}

}  // namespace
}  // namespace foretime
