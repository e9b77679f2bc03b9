// foretime measure, compare and measurements as users run them. Most of it replays recorded times, which any
// machine can; what needs ONNX Runtime is skipped, and says so, where tools/runtimes.sh did not bring it.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "program.h"

namespace foretime::testing {
namespace {

using Json = nlohmann::json;

class Measuring : public Program {
 protected:
  Json json_of(std::vector<std::string> words, int code = 0) const {
    words.insert(words.end(), {"--format", "json"});
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, code) << outcome.err;
    return Json::parse(outcome.out, nullptr, false);
  }
  std::string recording(const std::string& name, const std::string& samples) const {
    write(folder_ / name, R"({"version": "7", "samples_ms": )" + samples + "}");
    return "recording=" + name;
  }
  std::string problem(const std::vector<std::string>& words) const {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  }
};

TEST_F(Measuring, KeysAreThoseOfTheContract) {
  const Json json = json_of({"measure", "zoo:squeezenet1_1", "--weights", "zero", "--runtime", "replay",
                             "--runtime-option", recording("r.json", "[10, 10.5, 11, 10, 12]")});
  EXPECT_EQ(json.at("schema"), "foretime.measure/1");
  EXPECT_TRUE(json.at("failures").empty());
  const Json& row = json.at("measurements").at(0);
  EXPECT_EQ(row.at("model"), "zoo:squeezenet1_1");
  EXPECT_EQ(row.at("runtime").at("name"), "replay");
  EXPECT_EQ(row.at("runtime").at("version"), "7");
  EXPECT_EQ(row.at("runtime").at("precision"), "fp32");
  EXPECT_EQ(row.at("runtime").at("threads"), 1);
  const Json& latency = row.at("latency_ms");
  EXPECT_EQ(latency.at("min"), 10);
  EXPECT_EQ(latency.at("median"), 10.5);
  for (const char* key : {"p05", "mean", "p90", "p95", "p99", "stddev"})
    EXPECT_TRUE(latency.at(key).is_number()) << key;
  EXPECT_EQ(latency.at("ci95").size(), 2U);
  EXPECT_EQ(row.at("verdict"), "trusted") << row.at("reasons");
  EXPECT_GE(row.at("launches"), 5);
  EXPECT_GE(row.at("sessions"), row.at("launches"));
  EXPECT_GT(row.at("iterations"), 10);
  EXPECT_FALSE(row.at("context").at("cpu_signature").get<std::string>().empty());
  EXPECT_GT(row.at("peak_rss_bytes"), 0);
  EXPECT_TRUE(row.at("energy_mj").is_null());
  EXPECT_EQ(row.at("id"), 1);
}

TEST_F(Measuring, MeasurementsAreKeptShownExportedAndForgotten) {
  const std::vector<std::string> measure = {
      "measure",          "zoo:squeezenet1_1",           "--weights", "zero", "--runtime", "replay",
      "--runtime-option", recording("r.json", "[2, 3]"), "--quiet"};
  EXPECT_EQ(
      problem({"measurements", "list"}),
      "foretime: " + (folder_ / "home/measurements.db").string() +
          ": there is no such database: nothing was measured yet (foretime measure MODEL, or --db FILE)\n");
  ASSERT_EQ(run(measure).code, 0);
  ASSERT_EQ(run(measure).code, 0);
  const Json rows = json_of({"measurements", "list"}).at("measurements");
  ASSERT_EQ(rows.size(), 2U);
  for (const char* key :
       {"id", "time", "model", "model_hash", "structure_hash", "runtime", "latency_ms", "verdict"}) {
    EXPECT_TRUE(rows[0].contains(key)) << key;
  }
  EXPECT_EQ(rows[0].at("model_hash"), rows[1].at("model_hash"));

  ASSERT_EQ(run({"measurements", "show", "2", "--format", "json", "--output", "again.json"}).code, 0);
  std::vector<std::string> again = measure;
  again[7] = "recording=again.json";  // what was measured is a recording itself
  ASSERT_EQ(run(again).code, 0);
  EXPECT_EQ(json_of({"measurements", "show", "3"}).at("latency_ms").at("min"), 2);

  ASSERT_EQ(run({"measurements", "export", "m.csv"}).code, 0);
  EXPECT_TRUE(
      read(folder_ / "m.csv")
          .starts_with("id,family,model,device,runtime,latency_ms,std_ms,repeats\n1,,zoo:squeezenet1_1,"));
  ASSERT_EQ(run({"measurements", "export", "m.jsonl"}).code, 0);
  EXPECT_EQ(run({"measurements", "prune", "--older-than", "1d"}).code, 0);
  EXPECT_EQ(json_of({"measurements", "list"}).at("measurements").size(), 3U);
  EXPECT_NE(problem({"measurements", "show", "9"}).find("has no measurement 9"), std::string::npos);
  EXPECT_EQ(run({"measurements", "prune"}).code, 2);

  write(folder_ / "home/measurements.db", std::string(5000, 'x'));  // measuring goes on all the same
  const Outcome broken = run(measure);
  EXPECT_EQ(broken.code, 0);
  EXPECT_NE(broken.out.find("trusted"), std::string::npos) << broken.out << broken.err;
  EXPECT_NE(problem({"measurements", "list"}).find("file is not a database"), std::string::npos);
}

TEST_F(Measuring, ReportsOfOtherToolsAreKept) {
  write(folder_ / "bench.txt",
        "loop_count = 8\nnum_threads = 4\ngpu_device = -1\n"
        "  squeezenet  min =  8.84  max =  8.89  avg =  8.87\n  mobilenet  min =  5.00  max =  7.00  avg =  "
        "6.00\n");
  write(folder_ / "stick.txt",
        "Detailed Per Layer Profile\n#  Name  MFLOPs  (MB/s)  (ms)\n0  conv1  10.0  5.0  3.000\n"
        "1  fc  1.0  5.0  1.000\n   Total inference time   4.25\n");
  const Json both = json_of({"measurements", "import", "bench.txt", "--device", "phone"}).at("measurements");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].at("id"), 1);
  EXPECT_EQ(both[0].at("model"), "squeezenet");
  EXPECT_EQ(both[0].at("cpu_signature"), "phone");
  EXPECT_EQ(both[1].at("latency_ms").at("median"), 6);
  EXPECT_TRUE(both[1].at("latency_ms").at("p95").is_null());
  EXPECT_TRUE(both[1].at("sessions").is_null());
  EXPECT_EQ(both[1].at("iterations"), 8);
  EXPECT_EQ(both[1].at("verdict"), "imported");

  ASSERT_EQ(run({"measurements", "import", "stick.txt", "--model", "zoo:squeezenet1_1"}).code, 0);
  const Json stored = json_of({"measurements", "show", "3"});
  EXPECT_EQ(stored.at("model"), "zoo:squeezenet1_1");
  EXPECT_EQ(stored.at("latency_ms").at("mean"), 4.25);
  EXPECT_TRUE(stored.at("latency_ms").at("min").is_null());
  EXPECT_EQ(stored.at("details").at("kernels").at(0).at("name"), "conv1");
  EXPECT_EQ(stored.at("details").at("kernels").at(0).at("latency_ms"), 3);
  const std::string shown = run({"measurements", "show", "3"}).out;
  EXPECT_NE(shown.find("conv1"), std::string::npos) << shown;
  EXPECT_NE(shown.find("75.0 %"), std::string::npos) << shown;  // its share

  EXPECT_EQ(problem({"measurements", "import", "bench.txt", "--model", "a"}),
            "foretime: --model a: is one network, but bench.txt reports 2 (no --model)\n");
  write(folder_ / "letter.txt", "Dear Sir");
  EXPECT_EQ(
      problem({"measurements", "import", "letter.txt"}).find("foretime: letter.txt: is no report of a tool"),
      0U);
  const Json partly = json_of({"measurements", "import", "letter.txt", "stick.txt", "--db", "none"}, 3);
  EXPECT_EQ(partly.at("failures").at(0).at("model"), "letter.txt");
  EXPECT_EQ(partly.at("measurements").at(0).at("model"), "stick");
  EXPECT_TRUE(partly.at("measurements").at(0).at("id").is_null());
  EXPECT_EQ(json_of({"measurements", "list"}).at("measurements").size(), 3U);

  ASSERT_EQ(run({"measurements", "export", "m.csv"}).code, 0);
  EXPECT_EQ(read(folder_ / "m.csv"),
            "id,family,model,device,runtime,latency_ms,std_ms,repeats\n"
            "1,,squeezenet,phone ncnn 4,ncnn,8.87,,8\n2,,mobilenet,phone ncnn 4,ncnn,6.0,,8\n"
            "3,,zoo:squeezenet1_1,ncsdk,ncsdk,4.25,,1\n");
}

TEST_F(Measuring, ComparesRecordings) {
  const std::string a = recording("a.json", "[10, 10.01]");
  const std::string b = recording("b.json", "[11, 11.01]");
  const auto compared = [&](const std::string& first, const std::string& second) {
    return json_of({"compare", "zoo:squeezenet1_1", "zoo:squeezenet1_1", "--weights", "zero", "--runtime",
                    "replay", "--runtime-option", first, "--runtime-option-b", second});
  };
  const Json slower = compared(a, b);
  EXPECT_EQ(slower.at("schema"), "foretime.compare/1");
  EXPECT_EQ(slower.at("verdict"), "SLOWER");
  EXPECT_NEAR(slower.at("ratio").get<double>(), 1.1, 0.01);
  EXPECT_EQ(slower.at("ci95").size(), 2U);
  EXPECT_GT(slower.at("seconds"), 0);
  EXPECT_EQ(compared(b, a).at("verdict"), "FASTER");
  EXPECT_EQ(compared(a, a).at("verdict"), "SAME");
}

TEST_F(Measuring, ComparesInADuet) {
  const std::vector<std::string> words = {"compare",
                                          "zoo:squeezenet1_1",
                                          "zoo:squeezenet1_1",
                                          "--weights",
                                          "zero",
                                          "--runtime",
                                          "replay",
                                          "--runtime-option",
                                          recording("a.json", "[10, 10.01]"),
                                          "--runtime-option-b",
                                          recording("b.json", "[11, 11.01]"),
                                          "--duet"};
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "a duet needs two processors";
  const Json duet = json_of(words);
  EXPECT_EQ(duet.at("duet"), true);
  EXPECT_EQ(duet.at("processors").size(), 2U);
  EXPECT_EQ(duet.at("verdict"), "SLOWER");
}

TEST_F(Measuring, SaysWhatIsWrong) {
  EXPECT_NE(problem({"measure", "zoo:squeezenet1_1", "--runtime", "warp"})
                .find("--runtime warp: no such runtime (one of "),
            std::string::npos);
  EXPECT_EQ(problem({"measure", "zoo:squeezenet1_1", "--library", "/no/such.so", "--weights", "zero"})
                .find("foretime: /no/such.so: "),
            0U);
  EXPECT_NE(problem({"measure", "zoo:squeezenet1_1", "--input", "cat=cat.npy"})
                .find("--input cat: the model has no such input"),
            std::string::npos);
  EXPECT_EQ(run({"measure", "zoo:squeezenet1_1", "--budget", "soon"}).code, 2);
  const Json batch = json_of({"measure", "none.onnx", "zoo:squeezenet1_1", "--weights", "zero", "--runtime",
                              "replay", "--runtime-option", recording("r.json", "[1]")},
                             3);
  EXPECT_EQ(batch.at("measurements").size(), 1U);
  EXPECT_EQ(batch.at("failures").at(0).at("model"), "none.onnx");
}

TEST_F(Measuring, LibrariesThatAreNoGoodSayHowToGetABetterOne) {
  const auto with = [&](const std::string& runtime, const std::string& library) {
    return problem({"measure", "zoo:squeezenet1_1", "--weights", "zero", "--runtime", runtime, "--library",
                    library, "--budget", "1s"});
  };
  write(folder_ / "text.so", "no library");
  const std::string remedy = " (tools/runtimes.sh, or --library FILE)\n";
  EXPECT_EQ(with("onnxruntime", "./text.so"), "foretime: ./text.so: ./text.so: file too short" + remedy);
  EXPECT_EQ(with("onnxruntime", FORETIME_WRONG_LIBRARY),
            "foretime: " FORETIME_WRONG_LIBRARY ": the library has no function OrtGetApiBase" + remedy);
  EXPECT_EQ(with("tflite", FORETIME_WRONG_LIBRARY), "foretime: " FORETIME_WRONG_LIBRARY
                                                    ": the library has no function LiteRtCreateEnvironment" +
                                                        remedy);
  EXPECT_EQ(with("onnxruntime", FORETIME_OLD_LIBRARY),
            "foretime: " FORETIME_OLD_LIBRARY ": is ONNX Runtime 1.5.0 (1.12 or newer)\n");
  ::setenv("FORETIME_RUNTIMES", "/no/such", 1);
  ::setenv("XDG_CACHE_HOME", "/no/cache", 1);
  const std::string missing = problem({"measure", "zoo:squeezenet1_1", "--weights", "zero"});
  ::unsetenv("FORETIME_RUNTIMES");
  ::unsetenv("XDG_CACHE_HOME");
  if (missing.empty()) GTEST_SKIP() << "the system has an ONNX Runtime of its own";
  EXPECT_EQ(missing,
            "foretime: onnxruntime: its library libonnxruntime.so is neither in /no/such/onnxruntime, "
            "/no/cache/foretime/runtimes/onnxruntime, nor in the system" +
                remedy);
}

TEST_F(Measuring, AnOperatorTheRuntimeLacksIsAnErrorOfTheModelByItsName) {
  write(folder_ / "odd.graph", R"(graph "net" {
  opset "" 17
  input x: float32[1,8]
  y = FancyOp(x)
  output y
})");
  const std::string text = problem({"measure", "odd.graph", "--budget", "1s", "--quiet"});
  if (text.find("its library libonnxruntime.so is neither in") != std::string::npos) {
    GTEST_SKIP() << "needs ONNX Runtime: tools/runtimes.sh";
  }
  EXPECT_TRUE(text.starts_with("foretime: odd.graph: ONNX Runtime says: ")) << text;
  EXPECT_NE(text.find("FancyOp"), std::string::npos) << text;
}

TEST_F(Measuring, EnergyOfAWindowInAMetersTrace) {
  std::string trace = "time_s,power_w\n";
  for (int i = 0; i <= 600; ++i) {
    trace += std::to_string(i) + "e-2," + (i >= 200 && i < 400 ? "7" : "2") + "\n";
  }
  write(folder_ / "meter.csv", trace);
  std::vector<std::string> words = {"measure",          "zoo:squeezenet1_1",
                                    "--weights",        "zero",
                                    "--runtime",        "replay",
                                    "--runtime-option", recording("r.json", "[10]"),
                                    "--energy-trace",   "meter.csv",
                                    "--energy-window",  "2:4",
                                    "--energy-runs",    "100"};
  const Json row = json_of(words).at("measurements").at(0);
  EXPECT_NEAR(row.at("energy_mj").get<double>(), 100, 1);
  const Json& energy = row.at("energy");
  EXPECT_EQ(energy.at("sensor"), "meter.csv");
  EXPECT_NEAR(energy.at("gross_mj").get<double>(), 140, 1);
  EXPECT_NEAR(energy.at("idle_mw").get<double>(), 2000, 20);
  EXPECT_NEAR(energy.at("active_mw").get<double>(), 7000, 50);
  EXPECT_LE(energy.at("ci95_mj").at(0), row.at("energy_mj"));
  EXPECT_EQ(json_of({"measurements", "show", "1"}).at("details").at("energy").at("windows"), 5);
  const Outcome table = run(words);
  EXPECT_NE(table.out.find(" mJ per inference ("), std::string::npos) << table.out;
  EXPECT_NE(table.out.find(" mW idle (meter.csv; CSV, window given)"), std::string::npos) << table.out;
  words.erase(words.end() - 4, words.end());
  EXPECT_NE(problem(words).find("meter.csv: its times are not those of the day"), std::string::npos);
  EXPECT_EQ(run({"measure", "zoo:squeezenet1_1", "--energy-window", "4:2"}).code, 2);
  EXPECT_NE(
      problem({"measure", "zoo:squeezenet1_1", "--energy-runs", "4"}).find("--energy-trace FILE with it"),
      std::string::npos);
  words = {"measure",          "zoo:squeezenet1_1",         "--weights", "zero", "--runtime", "replay",
           "--runtime-option", recording("r.json", "[10]"), "--energy"};
  const Json without = json_of(words);
  EXPECT_TRUE(without.at("measurements").at(0).at("energy_mj").is_null());
  EXPECT_EQ(without.at("diagnostics").at(0).at("code"), "energy-not-measured");
}

TEST_F(Measuring, ASustainedRunHasACurve) {
  const std::vector<std::string> words = {"measure",          "zoo:squeezenet1_1",
                                          "--weights",        "zero",
                                          "--runtime",        "replay",
                                          "--runtime-option", recording("r.json", "[10, 11, 12]"),
                                          "--sustained",      "2s"};
  const Json sustained = json_of(words).at("measurements").at(0).at("sustained");
  EXPECT_EQ(sustained.at("verdict"), "steady");
  EXPECT_GE(sustained.at("slices").size(), 2U);
  EXPECT_EQ(sustained.at("slices").at(0).at("median_ms"), 11);
  EXPECT_EQ(json_of({"measurements", "show", "1"}).at("details").at("sustained").at("first_ms"), 11);
  const Outcome table = run(words);
  EXPECT_NE(table.out.find("Latency of the sustained run\n▁▁"), std::string::npos) << table.out;
  std::vector<std::string> page = words;
  page.insert(page.end(), {"--format", "html"});
  EXPECT_NE(run(page).out.find("<polyline class=\"curve\""), std::string::npos);
}

TEST_F(Measuring, OnnxRuntimeWithItsKernels) {
  write(folder_ / "net.graph", R"(graph "net" {
  opset "" 17
  input x: float32[batch,8,32,32]
  const w: float32[8,8,3,3] = omitted
  c = Conv(x, w) {pads = [1, 1, 1, 1]}
  r = Relu(c)
  s = Add(r, x)
  output s
})");
  const std::vector<std::string> words = {
      "measure", "net.graph",       "--kernels",   "--trace", "trace.json", "--dim",    "batch=2", "--budget",
      "3s",      "--check-against", "onnxruntime", "--db",    "none",       "--format", "json"};
  const Outcome outcome = run(words);
  if (outcome.err.find("its library libonnxruntime.so is neither in") != std::string::npos) {
    GTEST_SKIP() << "needs ONNX Runtime: tools/runtimes.sh";
  }
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json row = Json::parse(outcome.out).at("measurements").at(0);
  EXPECT_EQ(row.at("runtime").at("provider"), "CPU");
  EXPECT_TRUE(row.at("id").is_null());
  EXPECT_GT(row.at("latency_ms").at("median"), 0);
  std::vector<std::string> members;
  double share = 0;
  for (const Json& kernel : row.at("kernels")) {
    for (const Json& member : kernel.at("members")) members.push_back(member);
    share += kernel.at("share_percent").get<double>();
  }
  std::sort(members.begin(), members.end());
  EXPECT_EQ(members, (std::vector<std::string>{"c", "r", "s"}));
  EXPECT_NEAR(share, 100, 1e-6);
  EXPECT_GT(row.at("profile").at("peak_gflops"), 0);
  for (const Json& kernel : row.at("kernels")) {
    if (kernel.at("gflops").is_null() || kernel.at("gbytes_per_s").is_null()) continue;
    const double compute =
        kernel.at("gflops").get<double>() / row.at("profile").at("peak_gflops").get<double>();
    const double memory =
        kernel.at("gbytes_per_s").get<double>() / row.at("profile").at("peak_gbytes_per_s").get<double>();
    EXPECT_NEAR(kernel.at("roofline_percent").get<double>(), 100 * std::max(compute, memory), 1e-6);
    EXPECT_EQ(kernel.at("bound"), compute >= memory ? "compute" : "memory");
  }
  EXPECT_LE(row.at("profile").at("sum_ms").get<double>(),
            row.at("profile").at("plain_ms").get<double>() * (1 + 1e-9));
  bool agree = false;
  for (const Json& note : row.at("diagnostics")) agree = agree || note.at("code") == "outputs-agree";
  EXPECT_TRUE(agree) << row.at("diagnostics");
  EXPECT_EQ(Json::parse(read(folder_ / "trace.json")).at("traceEvents").size(), row.at("kernels").size());
}

TEST_F(Measuring, QuantisedNetworksRunOnIntegers) {
  const Outcome outcome = run({"measure", "zoo:squeezenet1_1?precision=int8", "--kernels", "--budget", "2s",
                               "--launches", "2", "--db", "none", "--quiet", "--format", "json"});
  if (outcome.err.find("its library libonnxruntime.so is neither in") != std::string::npos) {
    GTEST_SKIP() << "needs ONNX Runtime: tools/runtimes.sh";
  }
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json row = Json::parse(outcome.out).at("measurements").at(0);
  EXPECT_EQ(row.at("runtime").at("precision"), "int8");
  std::size_t convolutions = 0;
  for (const Json& kernel : row.at("kernels")) {
    if (kernel.at("kind") != "QLinearConv") continue;
    ++convolutions;
    EXPECT_FALSE(kernel.at("members").empty()) << kernel;
    EXPECT_GT(kernel.at("latency_ms"), 0);
  }
  EXPECT_EQ(convolutions, 26U);
}

}  // namespace
}  // namespace foretime::testing
