// What LiteRT computes through our declarations is, bit by bit, what its own Python interpreter computes. The
// interpreter is looked for in the oracle's virtual environment (tests/oracle/setup.sh).

#include "runtimes/tflite/tflite.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "formats/tflite/tflite_writer.h"
#include "runtimes/testing.h"
#include "runtimes/tflite/compiled.h"

namespace foretime {
namespace {

constexpr const char* kNet = R"(graph net {
  input x: float32[1,8,6,6]
  const w: float32[16,8,3,3] = omitted
  const d: float32[16,1,3,3] = omitted
  const p: float32[16,10] = omitted
  c: float32[1,16,6,6] = Conv(x, w) {pads = [1, 1, 1, 1]}
  r: float32[1,16,6,6] = Relu(c)
  e: float32[1,16,6,6] = Conv(r, d) {pads = [1, 1, 1, 1], group = 16}
  s: float32[1,16,6,6] = Add(e, r)
  g: float32[1,16,1,1] = GlobalAveragePool(s)
  f: float32[1,16] = Flatten(g)
  y: float32[1,10] = MatMul(f, p)
  output y
})";

class Tflite : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.model = folder_.file("m.tflite");
    tflite::write_tflite(parse_text(kNet, "test"), request_.model, {.weights = Weights::random});
    TensorValue x{"x", DataType::float32, {1, 8, 6, 6}, std::vector<std::byte>(288 * sizeof(float))};
    std::vector<float> values(288);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 16;
    std::memcpy(x.bytes.data(), values.data(), x.bytes.size());
    request_.inputs = {x};
    try {
      (void)litert::open(request_);
    } catch (const Error& error) {
      GTEST_SKIP() << "LiteRT is not installed: " << error.what();
    }
  }

  std::vector<TensorValue> results(const char* provider, int threads) {
    request_.provider = provider;
    request_.threads = threads;
    const auto session = litert::open(request_);
    EXPECT_FALSE(session->run());
    EXPECT_FALSE(session->run());
    return session->outputs();
  }

  std::string problem() const {
    try {
      (void)open_session(runtime_named("tflite"), request_);
      return "opened";
    } catch (const Error& error) {
      return error.what();
    }
  }

  TemporaryFolder folder_;
  SessionRequest request_;
};

std::string hex_of(const std::vector<std::byte>& bytes) {
  std::string text;
  char digits[3];
  for (const std::byte byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
    text += digits;
  }
  return text;
}

/// What the interpreter computes of the file and the input, or nothing when there is none.
std::string interpreted(const std::string& python, const std::string& model, const std::string& input) {
  const std::string program =
      "import sys, numpy as np\n"
      "from ai_edge_litert.interpreter import Interpreter\n"
      "i = Interpreter(model_path=sys.argv[1], num_threads=1)\n"
      "i.allocate_tensors()\n"
      "d = i.get_input_details()[0]\n"
      "i.set_tensor(d['index'], np.fromfile(sys.argv[2], dtype=np.float32).reshape(d['shape']))\n"
      "i.invoke()\n"
      "print(i.get_tensor(i.get_output_details()[0]['index']).tobytes().hex())\n";
  const std::string command = python + " -c \"" + program + "\" " + model + " " + input + " 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string text;
  char piece[256];
  while (std::fgets(piece, sizeof piece, pipe) != nullptr) text += piece;
  ::pclose(pipe);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

TEST_F(Tflite, IsBitForBitWhatTheInterpreterComputes) {
  const char* root = std::getenv("FORETIME_ORACLE");
  const char* home = std::getenv("HOME");
  const std::string oracle =
      root != nullptr ? root : std::string(home == nullptr ? "" : home) + "/.cache/foretime/oracle";
  const std::string python = oracle + "/venv/bin/python";
  if (!std::filesystem::exists(python))
    GTEST_SKIP() << "there is no " << python << " (tests/oracle/setup.sh)";
  const std::vector<std::byte> last = litert::fitted(request_.inputs[0], {1, 6, 6, 8});
  const std::string input = folder_.file("x.bin");
  write_file(input, {reinterpret_cast<const char*>(last.data()), last.size()});
  const std::string theirs = interpreted(python, request_.model, input);
  if (theirs.empty()) GTEST_SKIP() << "LiteRT's interpreter is not installed in " << oracle;
  const auto ours = results("XNNPACK", 1);
  ASSERT_EQ(ours.size(), 1U);
  EXPECT_EQ(hex_of(ours[0].bytes), theirs);
}

TEST_F(Tflite, ComputesTheSameOnBuiltinKernelsAndWithThreads) {
  std::vector<std::vector<float>> all;
  for (const auto& [provider, threads] :
       {std::pair("XNNPACK", 1), std::pair("XNNPACK", 2), std::pair("CPU", 1)}) {
    const auto outputs = results(provider, threads);
    ASSERT_EQ(outputs.size(), 1U);
    EXPECT_EQ(outputs[0].name, "y");
    EXPECT_EQ(outputs[0].sizes, (std::vector<std::int64_t>{1, 10}));
    std::vector<float> values(10);
    ASSERT_EQ(outputs[0].bytes.size(), 40U);
    std::memcpy(values.data(), outputs[0].bytes.data(), 40);
    all.push_back(values);
  }
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(all[0][i], all[1][i], 1e-5);
    EXPECT_NEAR(all[0][i], all[2][i], 1e-5);
  }
}

TEST_F(Tflite, ProfilesEveryOperatorOfTheFile) {
  for (const char* provider : {"XNNPACK", "CPU"}) {
    request_.provider = provider;
    const KernelProfile profile = litert::open(request_)->profile(4);
    EXPECT_GE(profile.runs, 1);  // those that lost the processor are left out
    EXPECT_LE(profile.runs, 4);
    EXPECT_GT(profile.run.value, 0);
    EXPECT_GT(profile.plain.value, 0);
    std::vector<std::string> members;
    for (const ExecutedKernel& kernel : profile.kernels) {
      members.insert(members.end(), kernel.members.begin(), kernel.members.end());
    }
    // XNNPACK reshapes once more than the file, so its reshapes are nobody's.
    std::erase(members, "f");
    EXPECT_EQ(members, (std::vector<std::string>{"r", "e", "s", "g", "y"})) << provider;
  }
}

TEST_F(Tflite, RunsOperatorsThatItKnowsByALaterVersion) {
  tflite::write_tflite(parse_text(R"(graph {
    input x: float32[1,8,6,1]
    const sizes: int64[4] = {1, 8, 6, 5}
    y: float32[1,8,6,5] = Expand(x, sizes)
    output y
  })",
                                  "test"),
                       request_.model, {.weights = Weights::random});
  request_.inputs = {{"x", DataType::float32, {1, 8, 6, 1}, std::vector<std::byte>(48 * sizeof(float))}};
  EXPECT_EQ(results("CPU", 1)[0].bytes.size(), 240 * sizeof(float));
}

TEST_F(Tflite, SaysWhatDoesNotFit) {
  request_.provider = "TPU";
  EXPECT_EQ(problem(), "--provider TPU: LiteRT has no such provider (XNNPACK, CPU)");
  request_.provider = "";
  request_.inputs[0].sizes = {1, 8, 5, 6};
  EXPECT_EQ(problem(), "input x: has sizes [1,8,5,6] ([1,6,6,8], or that with the channels in front)");
  write_file(request_.model, "no model");
  EXPECT_NE(problem().find("LiteRT cannot read the model"), std::string::npos) << problem();
  request_.library = folder_.file("m.tflite");
  EXPECT_NE(problem().find("m.tflite"), std::string::npos) << problem();
}

TEST(TfliteInputs, MoveChannelsToTheEnd) {
  TensorValue value{"x", DataType::uint8, {1, 2, 3}, {}};
  for (int i = 0; i < 6; ++i) value.bytes.push_back(static_cast<std::byte>(i));
  std::vector<std::byte> expected;
  for (const int i : {0, 3, 1, 4, 2, 5}) expected.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(litert::fitted(value, {1, 3, 2}), expected);
  EXPECT_EQ(litert::fitted(value, {1, 2, 3}), value.bytes);
  EXPECT_THROW((void)litert::fitted(value, {3, 2, 1}), Error);
}

}  // namespace
}  // namespace foretime
