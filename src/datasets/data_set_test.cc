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

TEST(DataSet, RowsMaySayWhatRanAsOneKernel) {
  const std::string begin = R"({"id":"a","model":"zoo:alexnet","device":"mine","latency_ms":)";
  const auto rows =
      read("t.jsonl", begin + "null}\n" + begin + R"(3,"kernel_ms":[[["conv1","relu1"],2.5],[[],0.5]]})");
  ASSERT_EQ(rows.size(), 1U);  // what is still to be measured is no network
  const MeasuredLatency& latency = rows[0].latencies.at("mine");
  ASSERT_EQ(latency.kernels.size(), 2U);
  EXPECT_EQ(latency.kernels[0].layers, (std::vector<std::string>{"conv1", "relu1"}));
  EXPECT_EQ(latency.kernels[0].latency.value, 2.5);
  EXPECT_TRUE(latency.kernels[1].layers.empty());
  EXPECT_EQ(error_of("e.jsonl", begin + R"(3,"kernel_ms":[["conv1",1]]})"),
            "e.jsonl:1: a kernel's layers is no list ([…])");
  EXPECT_EQ(error_of("e.jsonl", begin + R"(3,"kernel_ms":[[["conv1"],-1]]})"),
            "e.jsonl:1: a kernel's time is -1.000000 (milliseconds from 0)");
}

/// A node of nn-Meter's graphs.
std::string raw(const std::string& name, const std::string& type, const std::string& attributes,
                const std::string& in, const std::string& out, const std::string& inbounds) {
  return "\"" + name + "\":{\"inbounds\":[" + inbounds + "],\"attr\":{\"type\":\"" + type +
         "\",\"input_shape\":[" + in + "],\"output_shape\":[" + out + "],\"attr\":{" + attributes +
         "}},\"outbounds\":[]}";
}

const std::string kInput = raw("x", "Placeholder", "", "", "[-1,4,4,8]", "");
const std::string kRelu = raw("r", "Relu", "", "[-1,4,4,8]", "[-1,4,4,8]", "\"x\"");

TEST(DataSet, OfficialRowsHoldDevicesBesideTheGraph) {
  const std::string shuffle =
      raw("a", "Reshape", R"("shape":[1,4,4,2,4])", "[1,4,4,8]", "[1,4,4,2,4]", "\"r\"") + "," +
      raw("t", "Transpose", "", "[1,4,4,2,4],[5]", "[1,4,4,4,2]", "\"a\"") + "," +
      raw("b", "Reshape", R"("shape":[1,4,4,8])", "[1,4,4,4,2]", "[1,4,4,8]", "\"t\"");
  const auto networks = read("shufflenet.jsonl", R"({"id":"s_0","cpu":1.5,"gpu":null,"config":{},"graph":{)" +
                                                     kInput + "," + kRelu + "," + shuffle + "}}\n" +
                                                     R"({"id":"s_1","cpu":null,"graph":{)" + kInput + "}}");
  ASSERT_EQ(networks.size(), 1U) << "a network that ran nowhere is no measured one";
  EXPECT_EQ(networks[0].id, "s_0");
  EXPECT_EQ(networks[0].family, "shufflenet");
  ASSERT_EQ(networks[0].latencies.size(), 1U);
  EXPECT_EQ(networks[0].latencies.at("cpu").latency.value, 1.5);
  EXPECT_EQ(to_text(networks[0].graph), R"(graph {
  opset "" 17
  input x: float32[1,8,4,4]
  const a/shape: int64[5] = {1, 2, 4, 4, 4}
  const b/shape: int64[4] = {1, 8, 4, 4}
  r: float32[1,8,4,4] = Relu(x)
  a: float32[1,2,4,4,4] = Reshape(r, a/shape)
  t: float32[1,4,2,4,4] = Transpose(a) {perm = [0, 2, 1, 3, 4]}
  b: float32[1,8,4,4] = Reshape(t, b/shape)
  output b
}
)");
}

TEST(DataSet, OfficialRowsSayWhatIsWrong) {
  const std::string graph = R"("graph":{)" + kInput + "," + kRelu + "}}";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"id":"a",)" + graph, R"(e.jsonl:1: no latency ("DEVICE": milliseconds, for each device))"},
      {R"({"cpu":1,)" + graph, R"(e.jsonl:1: no id ("id"))"},
      {R"({"id":"a","cpu":"fast",)" + graph, "e.jsonl:1: cpu is no number (milliseconds)"},
      {R"({"id":"a","cpu":0,)" + graph, "e.jsonl:1: cpu is 0.000000 (milliseconds above 0)"},
      {R"({"id":"a","cpu":1,)" + graph + "\n" + R"({"id":"a","cpu":1,)" + graph,
       "e.jsonl:2: a second row for 'a' on cpu (one row each)"},
      {R"({"id":"a","cpu":1,"graph":{)" + kInput + "," +
           raw("f", "Frobnicate", "", "[-1,4,4,8]", "[-1,4,4,8]", "\"x\"") + "}}",
       "e.jsonl:1: operator Frobnicate is not known (those of docs/operators.md)"},
      {R"({"id":"a","cpu":1,"graph":{)" + kInput + "," +
           raw("c", "Conv2D", R"("kernel_shape":[3,3],"weight_shape":[3,3,5,16])", "[1,4,4,8]", "[1,4,4,16]",
               "\"x\"") +
           "}}",
       "e.jsonl:1: node 'c' (Conv): input has 8 channels (the weight [16,5,3,3] wants 5 in 1 group)"},
      {R"({"id":"a","cpu":1,"graph":{}})",
       R"(e.jsonl:1: is no graph of Foretime (an object with the key "foretime.graph": 1))"},
      {R"({"id":"a","cpu":1,"graph":{"x":{"attr":{"type":1}}}})",
       "e.jsonl:1: x: has a 'type' that is no string"},
  };
  for (const auto& [content, expected] : cases) EXPECT_EQ(error_of("e.jsonl", content), expected) << content;
}

TEST(DataSet, ErrorsSayWhere) {
  const std::string head = R"({"id":"a","latency_ms":{"cpu":1},"nodes":[["input",[],[1,8,8,3]],)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "e.jsonl: holds no measured network (rows of a measurement table)"},
      {"{",
       "e.jsonl:1: syntax error while parsing object key - unexpected end of input; expected string literal "
       "(one JSON object a line)"},
      {R"({"id":"a","model":"m","device":"d"})",
       "e.jsonl:1: no latency_ms (id, family, model, device, runtime, latency_ms, std_ms, repeats)"},
      {R"({"id":"a","model":"m","device":"d","latency_ms":-1})",
       "e.jsonl:1: latency_ms is -1.000000 (milliseconds above 0)"},
      {R"({"id":"a","device":"d","latency_ms":1})",
       "e.jsonl:1: neither model nor graph (id, family, model, device, runtime, latency_ms, std_ms, "
       "repeats)"},
      {R"({"id":"a","model":"m","device":"d","latency_ms":1,"std_ms":-1})",
       "e.jsonl:1: std_ms is -1.000000 (milliseconds from 0)"},
      {R"({"id":"a","model":"m","device":"d","latency_ms":1,"repeats":1e300})",
       "e.jsonl:1: repeats is " + std::to_string(1e300) + " (a whole number from 1)"},
      {R"({"id":"a","device":"d","latency_ms":1,"graph":{"foretime.graph":1,"inputs":[{"name":"x",)"
       R"("dtype":"float32","shape":[1,3]}],"outputs":["y"],"nodes":[{"op":"MatMul","inputs":["x","x"],)"
       R"("outputs":["y"]}]}})",
       "e.jsonl:1: node 'y' (MatMul): inner sizes of [1,3] and [1,3] differ"},
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

fs::path nn_meter_data() {
  const char* shared = std::getenv("FORETIME_SHARED");
  return fs::path(shared != nullptr ? shared : FORETIME_SOURCE_DIR "/../shared") / "data/nnmeter";
}

/// Operators with the sizes of their output, in execution order; what the compact form leaves out is not
/// among them.
std::vector<std::string> steps(const Graph& graph, const std::string& op) {
  std::vector<std::string> texts;
  for (const Node& node : graph.nodes()) {
    if (node.op == op) texts.push_back(to_string(graph[node.outputs[0]].type));
  }
  return texts;
}

TEST(DataSet, TheOfficialFormHoldsWhatTheCompactOneDoes) {
  const fs::path ir = nn_meter_data() / "ir/mobilenetv3small_0.json";
  if (!fs::exists(ir)) GTEST_SKIP() << "needs data/nnmeter in FORETIME_SHARED or ../shared";
  std::string graph(MappedFile::open(ir.string())->text());
  std::erase(graph, '\n');
  const auto official =
      read("mobilenetv3.jsonl", R"({"id":"mobilenetv3small_0","cpu":1,"graph":)" + graph + "}");
  ASSERT_EQ(official.size(), 1U);
  std::optional<Graph> compact;
  read_data_set((nn_meter_data() / "networks/mobilenetv3.jsonl.gz").string(), identity,
                [&](MeasuredNetwork&& network) {
                  if (network.id == official[0].id) compact = std::move(network.graph);
                });
  ASSERT_TRUE(compact);
  for (const char* op : {"Conv", "BatchNormalization", "AveragePool"}) {
    EXPECT_EQ(steps(official[0].graph, op), steps(*compact, op)) << op;
    EXPECT_FALSE(steps(*compact, op).empty()) << op;
  }
}

TEST(DataSet, ReadsTheNetworksOfNnMeter) {
  const fs::path folder = nn_meter_data() / "networks";
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
