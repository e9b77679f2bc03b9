#include "runtimes/openvino/openvino.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "runtimes/inputs.h"
#include "runtimes/testing.h"

namespace foretime {
namespace {

/// Skips where the library is not installed.
class Openvino : public ::testing::Test {
 protected:
  void SetUp() override {
    use(testing::kSmallNet, Weights::random);
    request_.precision = "fp32";
    if (const std::string why = testing::missing("openvino", request_); !why.empty()) GTEST_SKIP() << why;
  }

  void use(const char* text, Weights weights) {
    request_.model = folder_.file("m.onnx");
    testing::write_onnx(text, request_.model, weights);
    request_.inputs = {fill_input({"x", DataType::float32, {1, 8, 4, 4}, Fill::random, 1, ""})};
  }

  std::string problem() const {
    try {
      (void)open_session(runtime_named("openvino"), request_);
      return "opened";
    } catch (const Error& error) {
      return error.what();
    }
  }

  std::vector<TensorValue> results(const char* runtime) const {
    const auto session = open_session(runtime_named(runtime), request_);
    EXPECT_FALSE(session->run());
    EXPECT_FALSE(session->run());
    return session->outputs();
  }

  TemporaryFolder folder_;
  SessionRequest request_;
};

TEST_F(Openvino, ComputesWhatOnnxRuntimeComputes) {
  if (const std::string why = testing::missing("onnxruntime", request_); !why.empty()) GTEST_SKIP() << why;
  for (const int threads : {1, 2}) {
    request_.threads = threads;
    const auto ours = results("openvino");
    ASSERT_EQ(ours.size(), 1U);
    EXPECT_EQ(ours[0].name, "m");
    EXPECT_EQ(ours[0].sizes, (std::vector<std::int64_t>{1, 8, 4, 4}));
    EXPECT_LT(largest_difference(ours, results("onnxruntime")), 1e-5);
  }
}

TEST_F(Openvino, BindsSizesThatTheModelLeavesOpen) {
  use(R"(graph "net" {
  opset "" 17
  input x: float32[n,8,h,w]
  m: float32[n,8,h,w] = Relu(x)
  output m
})",
      Weights::zero);
  const auto values = results("openvino");
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].sizes, request_.inputs[0].sizes);
  EXPECT_EQ(values[0].bytes, request_.inputs[0].bytes);
}

TEST_F(Openvino, SaysWhatItComputesIn) {
  const auto session = open_session(runtime_named("openvino"), request_);
  EXPECT_EQ(session->description().name, "openvino");
  EXPECT_EQ(session->description().provider, "CPU");
  EXPECT_EQ(session->description().precision, "fp32");
  EXPECT_EQ(session->description().threads, 1);
  EXPECT_TRUE(session->description().version.starts_with("20")) << session->description().version;
  request_.options = {{"precision", "bf16"}};  // where the processor cannot, it stays with float32
  const std::string told = open_session(runtime_named("openvino"), request_)->description().precision;
  EXPECT_TRUE(told == "bf16" || told == "fp32") << told;
}

TEST_F(Openvino, ProfilesKernelsByTheNodesOfTheFile) {
  for (const int runs : {1, 6}) {
    const KernelProfile profile = open_session(runtime_named("openvino"), request_)->profile(runs);
    EXPECT_GE(profile.runs, 1);  // those that lost the processor are left out
    EXPECT_LE(profile.runs, runs);
    EXPECT_GT(profile.run.value, 0);
    EXPECT_GT(profile.plain.value, 0);
    std::vector<std::string> members;
    for (const ExecutedKernel& kernel : profile.kernels) {
      EXPECT_FALSE(kernel.kind.empty());
      members.insert(members.end(), kernel.members.begin(), kernel.members.end());
    }
    std::sort(members.begin(), members.end());
    EXPECT_EQ(members, (std::vector<std::string>{"c", "m", "r", "s"})) << runs;
  }
}

TEST_F(Openvino, TakesOptionsAndRefusesOthers) {
  request_.options = {{"hint", "throughput"}, {"streams", "2"}, {"pinning", "on"}};
  request_.threads = 2;
  request_.provider = "cpu";
  EXPECT_EQ(problem(), "opened");
  request_.options = {{"precision", "i4"}};
  EXPECT_EQ(problem(), "--runtime-option precision: 'i4' is not one of its values (f32, bf16 or f16)");
  request_.options = {{"streams", "no"}};
  EXPECT_EQ(problem(), "--runtime-option streams: 'no' is not one of its values (a whole number from 1)");
  request_.options.clear();
  request_.provider = "warp";
  EXPECT_NE(problem().find("was built without it (one of CPU"), std::string::npos) << problem();
}

TEST_F(Openvino, PassesOnWhyAModelIsRefused) {
  write_file(request_.model, "no model");
  EXPECT_TRUE(problem().starts_with(request_.model + ": OpenVINO says: Unable to read the model: "))
      << problem();
  request_.library = "/dev/null";
  EXPECT_NE(problem().find("(tools/runtimes.sh, or --library FILE)"), std::string::npos) << problem();
}

TEST_F(Openvino, NamesTheInputThatDoesNotFit) {
  request_.inputs[0].name = "y";
  EXPECT_TRUE(problem().starts_with(request_.model + ": input y: OpenVINO says: ")) << problem();
}

}  // namespace
}  // namespace foretime
