// Runs the built program and compares exit code, stdout and stderr, word for word, with
// tests/golden/NAME.txt. FORETIME_UPDATE_GOLDEN=1 writes these files instead: read the difference before
// committing it.

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using namespace foretime::testing;

constexpr const char* kTiny = R"(graph tiny {
  opset "" 17
  input x: float32[1,3,8,8]
  const w: float32[16,3,3,3] = omitted
  const b: float32[16] = omitted
  conv: y: float32[1,16,8,8] = Conv(x, w, b) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
  relu: z: float32[1,16,8,8] = Relu(y)
  output z
}
)";

constexpr const char* kOpen = R"(graph open {
  opset "" 17
  input ids: float32[batch,seq,64]
  const w: float32[64,64] = omitted
  dense: y = MatMul(ids, w)
  output y
}
)";

constexpr const char* kAnnette = R"({"name": "net", "layers": {
  "x": {"type": "DataInput", "parents": [], "children": ["conv"], "output_shape": [-1, 16, 16, 24]},
  "conv": {"type": "Conv", "parents": ["x"], "children": ["relu"], "input_shape": [-1, 16, 16, 24],
           "output_shape": [-1, 16, 16, 24], "kernel_shape": [3, 3, 24, 24], "strides": [1, 1, 1, 1],
           "pads": [0, 1, 1, 0, 0, 1, 1, 0]},
  "relu": {"type": "Relu", "parents": ["conv"], "children": ["pool", "cat"], "input_shape": [-1, 16, 16, 24],
           "output_shape": [-1, 16, 16, 24]},
  "pool": {"type": "Pool", "parents": ["relu"], "children": ["cat"], "input_shape": [-1, 16, 16, 24],
           "output_shape": [-1, 16, 16, 24], "kernel_shape": [1, 3, 3, 1], "strides": [1, 1, 1, 1],
           "pads": [0, 1, 1, 0, 0, 1, 1, 0], "pooling_type": "MAX"},
  "cat": {"type": "Concat", "parents": ["relu", "pool"], "children": [], "input_shape": [-1, 16, 16, 24],
          "output_shape": [-1, 16, 16, 48], "axis": 3},
  "lost": {"type": "Relu", "parents": ["cat"], "children": [], "input_shape": [-1, 16, 16, 48],
           "output_shape": [-1, 16, 16, 48]}
}})";

constexpr const char* kTemplate = R"({"name": "template", "layers": {
  "x": {"type": "DataInput", "parents": [], "children": ["conv"], "output_shape": [-1, "width", "width", 3]},
  "conv": {"type": "Conv", "parents": ["x"], "children": [], "output_shape": [-1, -1, -1, "2*filters"],
           "kernel_shape": [3, 3, 3, "2*filters"], "strides": [1, 1, 1, 1], "pads": [0, 0, 0, 0, 0, 0, 0, 0]}
}})";

constexpr const char* kLayers = R"({"name": "toy stick",
  "Base": {"layer_type": "Base", "op_s": 2e11, "bandwidth": 5e9, "architecture": {"bit_act": 16, "bit_weights": 16}},
  "Log": {"layer_type": "Log", "op_s": 2e11, "bandwidth": 4e9, "architecture": {"bit_act": 8, "bit_weights": 8}},
  "Conv": {"layer_type": "Conv", "op_s": 3e11, "bandwidth": 5e9, "est_type": "mixed", "est_model": "old/conv.sav",
           "est_dict": {"0": "num_ops", "1": {"name": "kernel_shape", "i": 0}},
           "architecture": {"bit_act": 16, "bit_weights": 16, "f_par": 32, "f_alpha": 1}}})";

constexpr const char* kForest =
    R"({"foretime.forest": 1, "features": 2, "aggregate": "sum", "goes_left": "less",
  "trees": [{"left": [1, -1, -1], "right": [2, -1, -1], "feature": [1, -2, -2], "threshold": [2, -2, -2],
             "value": [0, 1e9, 2e9]}]})";

constexpr const char* kSweep = R"(foretime.sweep: 1
device: toy
benchmarks:
  - layers: [conv, relu]
    at: {width: 14, channels: 8}
    sweep: {filters: [8, 16]}
    pairs: true
)";

/// With a few models in the folder.
class Cli : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    write(folder_ / "tiny.graph", kTiny);
    write(folder_ / "open.graph", kOpen);
    write(folder_ / "rules.json", R"({"BF_conv_relu": {"obey": false}, "MON": {"obey": null}})");
    write(folder_ / "net.json", kAnnette);
    write(folder_ / "template.json", kTemplate);
    write(folder_ / "layers.json", kLayers);
    write(folder_ / "sweep.yaml", kSweep);
    write(folder_ / "bad.yaml", "foretime.sweep: 1\ndevice: toy\nbenchmarks:\n  - layers: [conf]\n");
    write(folder_ / "empty.onnx", "");
    write(folder_ / "hello.onnx", "hello, world\n");
    fs::create_directory(folder_ / "nothing");
    write(folder_ / "nothing" / "readme.txt", "no model\n");
    fs::create_directory(folder_ / "models");
    write(folder_ / "models" / "bad.graph", "graph bad {\n  output z\n}\n");
    write(folder_ / "models" / "tiny.graph", kTiny);
    fs::create_directory(folder_ / "good");
    write(folder_ / "good" / "open.graph", kOpen);
    write(folder_ / "good" / "tiny.graph", kTiny);
  }
};

struct Case {
  const char* name;
  std::vector<std::string> words;
};

std::vector<Case> cases() {
  return {
      {"help", {"--help"}},
      {"help_inspect", {"inspect", "--help"}},
      {"help_devices", {"devices", "--help"}},
      {"no_verb", {}},
      {"unknown_verb", {"inspet", "tiny.graph"}},
      {"unknown_verb_of_group", {"zoo", "lits"}},
      {"group_alone", {"devices"}},
      {"flag_before_verb", {"--format", "json", "inspect"}},
      {"unknown_flag", {"inspect", "tiny.graph", "--fromat", "json"}},
      {"unknown_format", {"inspect", "tiny.graph", "--format", "xml"}},
      {"missing_value", {"inspect", "tiny.graph", "--format"}},
      {"missing_operand", {"inspect"}},
      {"flag_twice", {"inspect", "tiny.graph", "--format", "json", "--format", "csv"}},
      {"word_too_many", {"convert", "a", "b", "c"}},
      {"missing_model", {"inspect", "none.onnx"}},
      {"folder_without_models", {"inspect", "nothing"}},
      {"empty_file", {"inspect", "empty.onnx"}},
      {"wrong_magic", {"inspect", "hello.onnx"}},
      {"unbound", {"inspect", "open.graph"}},
      {"bad_dim", {"inspect", "open.graph", "--dim", "seq=many"}},
      {"dim_fits_nothing", {"inspect", "tiny.graph", "--dim", "seq=8"}},
      {"dim_fits_some", {"inspect", "good", "--dim", "seq=8", "--color", "never"}},
      {"bad_shape", {"inspect", "open.graph", "--shape", "ids=1x8xbig"}},
      {"bad_shape_syntax", {"inspect", "open.graph", "--shape", "1x8x64"}},
      {"unknown_network", {"inspect", "zoo:resnet51"}},
      {"unknown_device", {"predict", "tiny.graph", "--device", "ncs3"}},
      {"unknown_column", {"inspect", "tiny.graph", "--columns", "name,mac"}},
      {"selection_of_json", {"inspect", "tiny.graph", "--format", "json", "--top", "3"}},
      {"nn_meter_rules", {"inspect", "tiny.graph", "--rules", "nn-meter:cortexA76cpu_tflite21"}},
      {"nn_meter_rules_json",
       {"inspect", "tiny.graph", "--rules", "nn-meter:cortexA76cpu_tflite21", "--format", "json"}},
      {"nn_meter_rules_csv",
       {"inspect", "tiny.graph", "--rules", "nn-meter:cortexA76cpu_tflite21", "--format", "csv"}},
      {"nn_meter_rules_markdown",
       {"inspect", "tiny.graph", "--rules", "nn-meter:cortexA76cpu_tflite21", "--format", "markdown"}},
      {"nn_meter_own_rules",
       {"inspect", "tiny.graph", "--rules", "nn-meter:rules.json", "--columns", "name,members"}},
      {"nn_meter_unknown_device", {"inspect", "good", "--rules", "nn-meter:cortexA76cpu"}},
      {"nn_meter_with_device",
       {"inspect", "tiny.graph", "--rules", "nn-meter:adreno640gpu_tflite21", "--device", "ncs2"}},
      {"unknown_rules", {"inspect", "tiny.graph", "--rules", "nnmeter"}},
      {"complete_rules", {"__complete", "inspect", "--rules", "nn"}},
      {"unwritable", {"inspect", "tiny.graph", "--output", "none/result.txt"}},
      {"batch_with_a_bad_file", {"inspect", "models"}},
      {"batch_all_bad", {"inspect", "empty.onnx", "hello.onnx"}},
      {"predict_batch_with_a_bad_file", {"predict", "models", "--device", "ncs2"}},
      {"inspect", {"inspect", "tiny.graph"}},
      {"inspect_open", {"inspect", "open.graph", "--dim", "seq=128"}},
      {"inspect_json", {"inspect", "tiny.graph", "--format", "json"}},
      {"inspect_csv", {"inspect", "tiny.graph", "--format", "csv"}},
      {"inspect_markdown", {"inspect", "tiny.graph", "--format", "markdown"}},
      {"inspect_top",
       {"inspect", "zoo:alexnet", "--sort", "-macs", "--top", "3", "--columns", "name,op,macs"}},
      {"predict", {"predict", "tiny.graph", "--device", "ncs2", "--kernels"}},
      {"predict_json", {"predict", "tiny.graph", "--device", "ncs2", "--format", "json"}},
      {"devices_list", {"devices", "list"}},
      {"annette",
       {"predict", "net.json", "--compat", "annette", "--mapping", "ov", "--layers", "ncs2-roofline",
        "--kernels"}},
      {"annette_json",
       {"predict", "net.json", "--compat", "annette", "--mapping", "dnndk", "--layers", "dnndk-ref_roofline",
        "--format", "json"}},
      {"annette_csv",
       {"predict", "net.json", "--compat", "annette", "--mapping", "none", "--layers", "ncs2-roofline",
        "--original", "--format", "csv"}},
      {"annette_original",
       {"predict", "net.json", "--compat", "annette", "--mapping", "none", "--layers", "ncs2-roofline",
        "--original", "--format", "json"}},
      {"annette_ov2",
       {"predict", "net.json", "--compat", "annette", "--mapping", "ov2", "--layers", "ncs2-roofline"}},
      {"annette_mixed",
       {"predict", "net.json", "--compat", "annette", "--mapping", "ov", "--layers", "ncs2-mixed"}},
      {"annette_without_mapping",
       {"predict", "net.json", "--compat", "annette", "--layers", "ncs2-roofline"}},
      {"annette_default", {"predict", "net.json", "--device", "ncs2-refined"}},
      {"import_without_export", {"devices", "import", "layers.json"}},
      {"import_two_names", {"devices", "import", "layers.json", "layers.json", "--name", "x"}},
      {"sweep_unknown_layer", {"zoo", "sweep", "bad.yaml", "--output", "out"}},
      {"sweep_without_folder", {"zoo", "sweep", "sweep.yaml"}},
      {"fit_unknown_kind", {"fit", "sweep.yaml", "--device", "x", "--kind", "refind"}},
      {"annette_template", {"predict", "template.json", "--device", "ncs2"}},
      {"annette_template_compat",
       {"predict", "template.json", "--compat", "annette", "--mapping", "none", "--layers", "ncs2-roofline"}},
      {"annette_template_bound",
       {"inspect", "template.json", "--dim", "width=8", "--dim", "filters=4", "--columns", "name,op,macs"}},
      {"zoo_build_without_file", {"zoo", "build", "alexnet"}},
      {"complete_verb", {"__complete", "in"}},
      {"complete_flag", {"__complete", "predict", "tiny.graph", "--k"}},
      {"complete_network", {"__complete", "inspect", "zoo:resnet1"}},
      {"complete_format", {"__complete", "inspect", "--format", ""}},
  };
}

TEST_F(Cli, SaysWordForWord) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    expect_golden(each.name, each.words);
  }
}

TEST_F(Cli, PrintsTheVersion) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, ::testing::MatchesRegex("foretime [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Cli, PutsTheResultIntoAFile) {
  const Outcome outcome = run({"inspect", "tiny.graph", "--format", "json", "--output", "result.json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(nlohmann::json::parse(read(folder_ / "result.json"))["schema"], "foretime.inspect/1");
}

TEST_F(Cli, WritesIntoADeviceWithoutReplacingIt) {
  EXPECT_EQ(run({"inspect", "tiny.graph", "--output", "/dev/null"}).code, 0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Cli, SaysWhenTheResultCannotBeWritten) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "skipped: this system has no /dev/full";
  const Outcome outcome = run({"inspect", "tiny.graph", "--output", "/dev/full"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "foretime: /dev/full: cannot write: No space left on device\n");
}

TEST_F(Cli, RefusesATruncatedModel) {
  ASSERT_EQ(run({"convert", "zoo:squeezenet1_0", "whole.onnx", "--weights", "zero"}).code, 0);
  const std::string whole = read(folder_ / "whole.onnx");
  for (const std::size_t size : {whole.size() / 2, whole.size() - 1}) {
    write(folder_ / "cut.onnx", whole.substr(0, size));
    const Outcome outcome = run({"inspect", "cut.onnx"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "foretime: cut.onnx: the file is truncated: a field runs past its end\n");
  }
}

TEST_F(Cli, ConvertsToNnMeterIrAndFindsTheSameKernels) {
  ASSERT_EQ(run({"convert", "zoo:resnet18", "resnet18.json", "--to", "nnmeter-ir"}).code, 0);
  const auto kernels = [&](const std::string& model) {
    const Outcome outcome =
        run({"inspect", model, "--rules", "nn-meter:adreno640gpu_tflite21", "--format", "json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::multiset<std::string> members;  // the file's nodes are sorted, so names are counted anew
    const nlohmann::json result = nlohmann::json::parse(outcome.out);
    for (const auto& kernel : result["kernels"]) {
      members.insert(kernel["kind"].get<std::string>() + kernel["members"].dump());
    }
    return members;
  };
  const auto direct = kernels("zoo:resnet18");
  EXPECT_EQ(direct, kernels("resnet18.json"));
  EXPECT_EQ(direct.count(R"(conv-bn-relu["conv1","bn1","relu"])"), 1U);
}

TEST_F(Cli, KeepsNotesApartAndQuiet) {
  EXPECT_THAT(run({"inspect", "open.graph", "--dim", "seq=4"}).err, HasSubstr("note: batch-assumed: "));
  EXPECT_EQ(run({"inspect", "open.graph", "--dim", "seq=4", "--quiet"}).err, "");
}

TEST_F(Cli, PaintsOnlyWhenAsked) {
  EXPECT_THAT(run({"inspect", "tiny.graph", "--color", "always"}).out, HasSubstr("\x1b[1m"));
  EXPECT_THAT(run({"inspect", "tiny.graph"}).out, ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(Cli, TimesItself) {
  EXPECT_THAT(run({"inspect", "tiny.graph", "--stats"}).err, HasSubstr("report"));
}

TEST_F(Cli, ImportsAProfileAndPredictsWithIt) {
  const Outcome shown = run({"devices", "show", "ncs2", "--format", "json"});
  nlohmann::json profile = nlohmann::json::parse(shown.out)["profile"];
  profile["id"] = "mine";
  write(folder_ / "mine.json", profile.dump());
  EXPECT_EQ(run({"devices", "import", "mine.json"}).code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "home/devices/mine.json"));
  const Outcome predicted = run({"predict", "tiny.graph", "--device", "mine", "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(predicted.out)["predictions"][0]["device"], "mine");
}

TEST_F(Cli, ImportsALayerModelWithItsExport) {
  write(folder_ / "conv.json", kForest);
  const Outcome imported =
      run({"devices", "import", "layers.json", "--mapping", "ov", "--name", "stick", "--format", "json"});
  ASSERT_EQ(imported.code, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("annette-bits"));
  const auto profile = nlohmann::json::parse(read(folder_ / "home/devices/stick.json"));
  EXPECT_EQ(profile["predictor"]["kind"], "mixed");
  EXPECT_EQ(profile["predictor"]["tables"].size(), 1);
  EXPECT_THAT(profile["fusion_rules"].dump(), HasSubstr("fuse conv + Relu"));
  const Outcome predicted = run({"predict", "tiny.graph", "--device", "stick", "--format", "json"});
  const auto kernel = nlohmann::json::parse(predicted.out)["predictions"][0]["kernels"][0];
  EXPECT_EQ(kernel["source"], "learned");
  // 2 · 3 · 3 · 3 · 16 · 64 operations at 2e9 a second, 16 of 32 filters at once.
  EXPECT_NEAR(kernel["latency_ms"].get<double>(), 55296 / 2e6, 1e-9);
}

TEST_F(Cli, KeepsResultsAsAnnetteDoes) {
  const Outcome kept = run({"predict", "net.json", "--compat", "annette", "--mapping", "ov", "--layers",
                            "ncs2-roofline", "--original", "--output", "results/"});
  EXPECT_EQ(kept.code, 0) << kept.err;
  EXPECT_EQ(kept.out, "");
  const auto result = nlohmann::json::parse(read(folder_ / "results/ncs2-roofline/net_ov.json"));
  EXPECT_EQ(result["network"], "net");
  EXPECT_EQ(result["model"], "ov");
  EXPECT_THAT(read(folder_ / "results/ncs2-roofline/net_ov.csv"),
              HasSubstr("index,name,type,time(ms),num_ops,num_inputs,num_outputs,num_weights,difficulty1"));
}

TEST_F(Cli, SweepsAreWrittenAsTensorFlowLite) {
  ASSERT_EQ(run({"zoo", "sweep", "sweep.yaml", "--output", "lite", "--to", "tflite"}).code, 0);
  std::istringstream table(read(folder_ / "lite/measurements.jsonl"));
  std::string line;
  ASSERT_TRUE(std::getline(table, line));
  const std::string model = nlohmann::json::parse(line)["model"];
  EXPECT_TRUE(model.ends_with(".tflite"));
  EXPECT_EQ(run({"inspect", "lite/" + model}).code, 0);
}

/// A second layer adds less where nobody else reads the first one's output only if they run as one; the times'
/// spread says how sure that is.
TEST_F(Cli, AReaderBetweenTwoLayersTellsFusing) {
  const auto fusion = [&](double both, double spread) {
    std::string table;
    const std::map<std::string, double> times = {
        {"first", 1}, {"both", both}, {"first_tapped", 1.1}, {"both_tapped", 1.6}};
    for (const auto& [part, ms] : times) {
      table += nlohmann::json{{"id", "conv-relu." + part},  {"pair", "conv-relu"}, {"part", part},
                              {"layers", {"conv", "relu"}}, {"latency_ms", ms},    {"std_ms", spread}}
                   .dump() +
               "\n";
    }
    write(folder_ / "taps.jsonl", table);
    return nlohmann::json::parse(run({"zoo", "fusion", "taps.jsonl", "--format", "json"}).out);
  };
  const auto fused = fusion(1.05, 0.01);
  EXPECT_EQ(fused["neighbours"][0]["fused"], 1);
  EXPECT_NEAR(fused["neighbours"][0]["saved_percent"].get<double>(), 90, 1e-9);
  EXPECT_LT(fused["neighbours"][0]["error_percent"].get<double>(), 1e-6);
  const auto apart = fusion(1.45, 0.01);
  EXPECT_EQ(apart["neighbours"][0]["fused"], 0);
  EXPECT_EQ(apart["fusion_rules"], "");
  // A deviation of √(1 + 1 + ¼ + ¼) · 0.1 around 0.05 above a half of what the second layer costs: Φ(−0.316).
  EXPECT_NEAR(fusion(1.2, 0.1)["neighbours"][0]["error_percent"].get<double>(), 37.6, 0.1);
}

TEST_F(Cli, SweepsAreFilledInAndReadBack) {
  const Outcome swept = run({"zoo", "sweep", "sweep.yaml", "--output", "out"});
  ASSERT_EQ(swept.code, 0) << swept.err;
  EXPECT_EQ(swept.out, "out/measurements.jsonl\n");
  EXPECT_EQ(run({"zoo", "fusion", "out/measurements.jsonl"}).code, 1);
  std::istringstream table(read(folder_ / "out/measurements.jsonl"));
  std::string filled;
  int networks = 0;
  for (std::string line; std::getline(table, line); ++networks) {
    auto row = nlohmann::json::parse(line);
    EXPECT_TRUE(row["latency_ms"].is_null());
    EXPECT_TRUE(fs::exists(folder_ / "out" / row["model"].get<std::string>()));
    const std::string part = row.value("part", "");
    row["latency_ms"] = part == "first" ? 1.0 : part == "second" ? 0.5 : 1.1 + 0.001 * networks;
    filled += row.dump() + "\n";
  }
  EXPECT_EQ(networks, 8);
  write(folder_ / "out/measurements.jsonl", filled);
  const auto fusion =
      nlohmann::json::parse(run({"zoo", "fusion", "out/measurements.jsonl", "--format", "json"}).out);
  EXPECT_EQ(fusion["fusion_rules"], "fuse conv + Relu\n");
  EXPECT_EQ(fusion["neighbours"][0]["pairs"], 2);
  EXPECT_EQ(fusion["neighbours"][0]["fused"], 2);
  // What ran decides, where it is known.
  std::size_t at = 0;
  while ((at = filled.find(R"("part":"both")", at)) != std::string::npos)
    filled.insert(at, R"("kernels":[["conv"],["relu"]],)"), at += 50;
  write(folder_ / "out/ran.jsonl", filled);
  const auto ran = nlohmann::json::parse(run({"zoo", "fusion", "out/ran.jsonl", "--format", "json"}).out);
  EXPECT_EQ(ran["neighbours"][0]["fused"], 0);
  EXPECT_EQ(ran["fusion_rules"], "");
  EXPECT_EQ(run({"fit", "out/measurements.jsonl", "--device", "toy", "--kind", "roofline", "--profile-out",
                 "toy.json"})
                .code,
            0);
}

TEST_F(Cli, ShowsHelpWithExamplesForEveryVerb) {
  for (const char* verb : {"inspect", "predict", "convert", "zoo list", "zoo build", "zoo sweep",
                           "zoo fusion", "devices list", "devices show", "devices import", "completion"}) {
    std::istringstream text(verb);
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    words.emplace_back("--help");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << verb;
    EXPECT_THAT(outcome.out, HasSubstr("\nexamples:\n  foretime "));
  }
}

TEST_F(Cli, CompletionScriptsAskTheProgram) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome outcome = run({"completion", shell});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("__complete"));
  }
}

}  // namespace
