#include "runtimes/onnxruntime/onnxruntime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "formats/onnx/onnx_writer.h"
#include "runtimes/native_library.h"
#include "runtimes/testing.h"

namespace foretime {
namespace {

TensorValue ones(std::string name, std::vector<std::int64_t> sizes) {
  std::size_t count = 1;
  for (const std::int64_t size : sizes) count *= static_cast<std::size_t>(size);
  const std::vector<float> values(count, 1.0F);
  TensorValue value{std::move(name), DataType::float32, std::move(sizes), std::vector<std::byte>(count * 4)};
  std::memcpy(value.bytes.data(), values.data(), value.bytes.size());
  return value;
}

/// Skips where the library is not installed.
class OnnxRuntime : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.model = folder_.file("m.onnx");
    testing::write_onnx(testing::kSmallNet, request_.model);
    request_.inputs = {ones("x", {1, 8, 4, 4})};
    if (const std::string why = testing::missing("onnxruntime", request_); !why.empty()) GTEST_SKIP() << why;
  }

  std::string problem() const {
    try {
      (void)open_session(runtime_named("onnxruntime"), request_);
      return "opened";
    } catch (const Error& error) {
      return error.what();
    }
  }

  TemporaryFolder folder_;
  SessionRequest request_;
};

TEST_F(OnnxRuntime, RunsAndHandsOutItsOutputs) {
  const auto session = open_session(runtime_named("onnxruntime"), request_);
  EXPECT_FALSE(session->run());
  EXPECT_FALSE(session->run());
  const auto outputs = session->outputs();
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].name, "m");
  EXPECT_EQ(outputs[0].sizes, (std::vector<std::int64_t>{1, 8, 4, 4}));
  std::vector<float> values(128);
  ASSERT_EQ(outputs[0].bytes.size(), values.size() * 4);
  std::memcpy(values.data(), outputs[0].bytes.data(), outputs[0].bytes.size());
  for (const float value : values) EXPECT_NEAR(value, 0.25F, 1e-6F);  // a softmax over four equal numbers
  EXPECT_EQ(session->description().provider, "CPU");
  EXPECT_FALSE(session->description().version.empty());
}

TEST_F(OnnxRuntime, ProfilesKernelsByTheNodesOfTheFile) {
  for (const char* level : {"all", "extended", "none"}) {
    request_.options = {{"optimization", level}};
    const KernelProfile profile = open_session(runtime_named("onnxruntime"), request_)->profile(6);
    EXPECT_GT(profile.run.value, 0) << level;
    EXPECT_GT(profile.plain.value, 0) << level;
    std::vector<std::string> members;
    for (const ExecutedKernel& kernel : profile.kernels) {
      EXPECT_GT(kernel.latency.value, 0) << kernel.name;
      members.insert(members.end(), kernel.members.begin(), kernel.members.end());
    }
    std::sort(members.begin(), members.end());
    EXPECT_EQ(members, (std::vector<std::string>{"c", "m", "r", "s"})) << level;
  }
}

TEST_F(OnnxRuntime, TellsFusedNodesApartThatItGivesNumbers) {
  testing::write_onnx(R"(graph "net" {
  opset "" 17
  input x: float32[1,8,4,4]
  const w: float32[8,8,3,3] = omitted
  const b: float32[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}
  const root: float32[] = {1.4142135}
  const one: float32[] = {1.0}
  const half: float32[] = {0.5}
  c: float32[1,8,4,4] = Conv(x, w, b) {pads = [1, 1, 1, 1]}
  c1: float32[1,8,4,4] = Div(c, root)
  c2: float32[1,8,4,4] = Erf(c1)
  c3: float32[1,8,4,4] = Add(c2, one)
  c4: float32[1,8,4,4] = Mul(c, c3)
  c5: float32[1,8,4,4] = Mul(c4, half)
  d: float32[1,8,4,4] = Conv(c5, w, b) {pads = [1, 1, 1, 1]}
  d1: float32[1,8,4,4] = Div(d, root)
  d2: float32[1,8,4,4] = Erf(d1)
  d3: float32[1,8,4,4] = Add(d2, one)
  d4: float32[1,8,4,4] = Mul(d, d3)
  d5: float32[1,8,4,4] = Mul(d4, half)
  output d5
})",
                      request_.model);
  std::vector<std::vector<std::string>> members;
  for (const ExecutedKernel& kernel :
       open_session(runtime_named("onnxruntime"), request_)->profile(6).kernels) {
    if (kernel.kind == "Conv" || kernel.kind == "Gelu") members.push_back(kernel.members);
  }
  EXPECT_EQ(members, (std::vector<std::vector<std::string>>{
                         {"c"}, {"c1", "c2", "c3", "c4", "c5"}, {"d"}, {"d1", "d2", "d3", "d4", "d5"}}));
}

TEST_F(OnnxRuntime, TellsNodesApartThatItGivesNoNames) {
  for (const char* level : {"all", "extended"}) {
    request_.options = {{"optimization", level}};
    testing::write_onnx(R"(graph "net" {
  opset "" 17
  input x: float32[1,8,4,4]
  const w: float32[8,8,3,3] = omitted
  c: float32[1,8,4,4] = Conv(x, w) {pads = [1, 1, 1, 1]}
  h: float32[1,8,4,4] = HardSwish(c)
  d: float32[1,8,4,4] = Conv(h, w) {pads = [1, 1, 1, 1]}
  i: float32[1,8,4,4] = HardSwish(d)
  output i
})",
                        request_.model);
    std::vector<std::string> members;  // the convolution in blocks takes the first one in
    for (const ExecutedKernel& kernel :
         open_session(runtime_named("onnxruntime"), request_)->profile(6).kernels) {
      for (const std::string& member : kernel.members) members.push_back(kernel.kind + " " + member);
    }
    const bool blocks = request_.options["optimization"] == "all";
    EXPECT_EQ(members,
              (std::vector<std::string>{"Conv c", blocks ? "Conv h" : "Mul h", "Conv d", "Mul i"}))
        << level;
  }
}

TEST_F(OnnxRuntime, ProfilesModelsWhoseWeightsAreInAnotherFile) {
  onnx::write_onnx(parse_text(testing::kSmallNet, "test"), request_.model,
                   {.weights = Weights::zero, .most_bytes_inside = 100});
  ASSERT_TRUE(std::filesystem::exists(request_.model + ".data"));
  const KernelProfile profile = open_session(runtime_named("onnxruntime"), request_)->profile(6);
  EXPECT_TRUE(std::any_of(profile.kernels.begin(), profile.kernels.end(), [](const ExecutedKernel& kernel) {
    return kernel.members == std::vector<std::string>{"c", "r"};
  }));
}

TEST_F(OnnxRuntime, TakesOptionsAndRefusesOthers) {
  request_.options = {{"arena", "off"}, {"spinning", "off"}, {"mem-pattern", "off"}, {"inter-threads", "2"}};
  EXPECT_EQ(problem(), "opened");
  request_.options = {{"arena", "perhaps"}};
  EXPECT_EQ(problem(), "--runtime-option arena: 'perhaps' is not one of its values (on or off)");
  request_.options = {{"speed", "high"}};
  EXPECT_TRUE(problem().starts_with("--runtime-option speed: is no option of onnxruntime (optimization: "))
      << problem();
  request_.options.clear();
  request_.provider = "cpu";
  EXPECT_EQ(problem(), "opened");
  request_.provider = "warp";
  EXPECT_NE(problem().find("was built without it (one of "), std::string::npos) << problem();
}

TEST_F(OnnxRuntime, PassesOnWhyAModelIsRefused) {
  request_.model = folder_.file("gone.onnx");
  EXPECT_NE(problem().find("ONNX Runtime says: "), std::string::npos) << problem();
  request_.library = "/dev/null";
  EXPECT_NE(problem().find("/dev/null: "), std::string::npos) << problem();
  EXPECT_NE(problem().find("(tools/runtimes.sh, or --library FILE)"), std::string::npos) << problem();
}

TEST(NativeLibrary, SaysWhereItLooked) {
  try {
    const NativeLibrary library("", {"none", "libnone-of-ours.so", "libnone-of-ours.so.1", "by mail"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("none: its library libnone-of-ours.so is neither in "),
              std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("(by mail)"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace foretime
