#include "report/predict_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/printers.h"
#include "report/testing.h"

namespace foretime::report {
namespace {

using ::testing::HasSubstr;
using testing::prediction;

api::PredictResult one_model() {
  api::PredictResult result;
  result.predictions = {prediction("net.onnx", "ncs2", 12.5), prediction("net.onnx", "host", 0.75)};
  return result;
}

TEST(PredictJson, FollowsTheContract) {
  api::PredictResult result = one_model();
  result.failures = {{"bad.onnx", "bad.onnx: is empty"}};
  const auto json = nlohmann::json::parse(predict_json(result));
  EXPECT_EQ(json["schema"], "foretime.predict/1");
  EXPECT_EQ(json["failures"],
            (nlohmann::json::parse(R"([{"model": "bad.onnx", "error": "bad.onnx: is empty"}])")));
  EXPECT_TRUE(json["diagnostics"].is_array());
  EXPECT_EQ(json["predictions"][1], nlohmann::json::parse(R"({
      "model": "net.onnx", "device": "host", "latency_ms": 0.75, "interval90_ms": [0.375, 2.25], "overhead_ms": 0.25,
      "coverage": {"kernels_percent": 0.0, "time_percent": 0.0}, "basis": "analytic roofline",
      "kernels": [
        {"kind": "conv", "name": "conv", "members": ["conv", "relu"], "latency_ms": 0.5, "source": "analytic",
         "config": {"macs": 27648}},
        {"kind": "none", "name": "view", "members": ["view"], "latency_ms": 0, "source": "rule", "config": {}}],
      "diagnostics": [{"severity": "info", "code": "batch-assumed", "message": "'n' is 1", "where": "x"}]})"));
}

TEST(PredictTable, HasARowPerDevice) {
  EXPECT_EQ(print_terminal(predict_document(one_model(), false), {}), R"(net.onnx

device   latency  90 % interval    kernels  kernels learnt  time learnt  basis
──────────────────────────────────────────────────────────────────────────────────────────
ncs2     12.5 ms  6.25 … 37.5 ms         2           0.0 %        0.0 %  analytic roofline
host    0.750 ms  0.375 … 2.25 ms        2           0.0 %        0.0 %  analytic roofline

Nine in ten networks are expected inside the interval. Learnt: priced by models trained on kernels like these; the rest by the device's roofline.
)");
}

TEST(PredictTable, PutsDevicesSideBySideForSeveralModels) {
  api::PredictResult result = one_model();
  result.predictions.push_back(prediction("zoo:tiny", "ncs2", 1));
  const std::string text = print_terminal(predict_document(result, false), {});
  EXPECT_THAT(text, HasSubstr(R"(Latency
model        ncs2  90 % interval        host  90 % interval
─────────────────────────────────────────────────────────────
net.onnx  12.5 ms  6.25 … 37.5 ms   0.750 ms  0.375 … 2.25 ms
zoo:tiny  1.00 ms  0.500 … 3.00 ms      ?
)"));
}

TEST(PredictTable, ListsKernelsWithTheirShare) {
  const std::string text = print_terminal(predict_document(one_model(), true), {});
  EXPECT_THAT(text, HasSubstr("Kernels of net.onnx on host (and 0.250 ms overhead)\n"));
  EXPECT_THAT(text, HasSubstr("conv    conv       2  27.6 K  0.500 ms  100.0 %  analytic\n"));
}

TEST(PredictCsv, HoldsPredictionsOrAllKernels) {
  EXPECT_EQ(
      print_csv(predict_document(one_model(), false)),
      "model,device,latency_ms,interval90_low_ms,interval90_high_ms,overhead_ms,kernels,kernels_percent,"
      "time_percent,basis\r\n"
      "net.onnx,ncs2,12.5,6.25,37.5,0.25,2,0,0,analytic roofline\r\n"
      "net.onnx,host,0.75,0.375,2.25,0.25,2,0,0,analytic roofline\r\n");
  EXPECT_THAT(print_csv(predict_document(one_model(), true)),
              HasSubstr("net.onnx,host,conv,conv,\"conv, relu\",2,27648,0.5,100,analytic\r\n"));
}

TEST(PredictNotes, AreNotRepeatedForEveryDevice) {
  EXPECT_EQ(predict_document(one_model(), false).diagnostics.size(), 1u);
}

}  // namespace
}  // namespace foretime::report
