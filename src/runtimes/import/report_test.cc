#include "runtimes/import/report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "runtimes/onnxruntime/loaded.h"
#include "runtimes/testing.h"

namespace foretime::import {
namespace {

ReportedRun only(std::string_view text) {
  std::vector<ReportedRun> runs = read_report(text, "r");
  EXPECT_EQ(runs.size(), 1U);
  return runs.front();
}

std::string problem(std::string_view text) {
  try {
    (void)read_report(text, "r");
    return "read";
  } catch (const Error& error) {
    return error.what();
  }
}

/// "kind|name|ms" of each kernel.
std::vector<std::string> kernels_of(const ReportedRun& run) {
  std::vector<std::string> texts;
  for (const ExecutedKernel& kernel : run.kernels) {
    const auto thousandths = std::to_string(std::lround(kernel.latency.value * 1000));
    texts.push_back(kernel.kind + "|" + kernel.name + "|" + thousandths);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(OnnxRuntimeProfile, IsRunsAndTheirKernels) {
  const ReportedRun run = only(R"([
{"cat": "Session", "name": "session_initialization", "dur": 900, "ts": 1, "args": {}},
{"cat": "Node", "name": "c_kernel_time", "dur": 90, "ts": 10, "args": {"op_name": "Conv", "provider": "CPUExecutionProvider"}},
{"cat": "Session", "name": "model_run", "dur": 100, "ts": 9},
{"cat": "Node", "name": "c_fence_before", "dur": 1, "ts": 109},
{"cat": "Node", "name": "c_kernel_time", "dur": 40, "ts": 110, "args": {"op_name": "Conv"}},
{"cat": "Node", "name": "s_kernel_time", "dur": 5, "ts": 151, "args": {"op_name": "Add"}},
{"cat": "Session", "name": "model_run", "dur": 50, "ts": 109}])");
  EXPECT_EQ(run.samples_ms, (std::vector<double>{0.1, 0.05}));
  EXPECT_EQ(run.iterations, 2);
  EXPECT_EQ(run.runtime.name, "onnxruntime");
  EXPECT_EQ(kernels_of(run), (Texts{"Conv|c|41", "Add|s|6"}));  // of the second run, with what was cut off
  EXPECT_EQ(problem(R"([{"cat": "Node", "name": "a_kernel_time"}])"),
            "r: holds no event model_run (a profile of at least one run)");
}

TEST(OnnxRuntimeProfile, IsReadAsTheLibraryWritesIt) {
  const TemporaryFolder folder;
  SessionRequest request;
  request.model = folder.file("m.onnx");
  testing::write_onnx(testing::kSmallNet, request.model);
  request.inputs = {{"x", DataType::float32, {1, 8, 4, 4}, std::vector<std::byte>(512)}};
  if (const std::string why = testing::missing("onnxruntime", request); !why.empty()) GTEST_SKIP() << why;
  ort::Loaded loaded(std::make_shared<ort::Library>(""), request, {folder.file("profile"), ""});
  for (int i = 0; i < 5; ++i) loaded.run();
  const ReportedRun run = only(MappedFile::open(loaded.end_profile())->text());
  EXPECT_EQ(run.iterations, 5);
  EXPECT_EQ(run.runtime.provider, "CPU");
  EXPECT_FALSE(run.kernels.empty());
  for (const ExecutedKernel& kernel : run.kernels) EXPECT_GT(kernel.latency.value, 0) << kernel.name;
}

TEST(Trtexec, TimesAreSamples) {
  const ReportedRun run = only(R"([
  { "startH2dMs": 1.0, "endH2dMs": 1.2, "h2dMs": 0.2, "computeMs": 2.0, "d2hMs": 0.1, "latencyMs": 2.3 },
  { "startH2dMs": 5.0, "endH2dMs": 5.2, "h2dMs": 0.2, "computeMs": 2.2, "d2hMs": 0.1, "latencyMs": 2.5 }])");
  EXPECT_EQ(run.samples_ms, (std::vector<double>{2.3, 2.5}));
  EXPECT_DOUBLE_EQ(run.latency.median, 2.4);
  EXPECT_EQ(run.runtime.name, "tensorrt");
  EXPECT_EQ(problem(R"([{"latencyMs": "fast"}])"), "r: run 1 has no latencyMs (a number above 0)");
  EXPECT_NE(problem(R"([{"latencyMs": 1.5)").find("r:1:"), std::string::npos);
}

TEST(Trtexec, ProfileIsKernels) {
  const ReportedRun run = only(R"([
  { "count" : 800 },
  { "name" : "conv1 + relu1", "timeMs" : 160.0, "averageMs" : 0.2, "medianMs" : 0.2, "percentage" : 40 },
  { "name" : "fc", "timeMs" : 240.0, "averageMs" : 0.3, "medianMs" : 0.3, "percentage" : 60 }])");
  EXPECT_EQ(kernels_of(run), (Texts{"|conv1 + relu1|200", "|fc|300"}));
  EXPECT_TRUE(run.sum_of_kernels);
  EXPECT_DOUBLE_EQ(run.latency.median, 0.5);
  EXPECT_TRUE(std::isnan(run.latency.min));
  EXPECT_EQ(run.iterations, 800);
}

constexpr const char* kPrinted = R"(INFO: STARTING!
INFO: Num threads: [4]
INFO: Graph: [mobilenet.tflite]
INFO: Use xnnpack: [1]
INFO: count=20 first=18000 curr=9100 min=9000 max=18000 avg=9600 std=1900

INFO: count=50 first=9100 curr=9050 min=9000 max=9900 avg=9200 std=120 p5=9010 median=9150 p95=9800

INFO: Inference timings in us: Init: 5685, First inference: 18000, Warmup (avg): 9600, Inference (avg): 9200
INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Run Order ==============================
	             [node type]	  [first]	 [avg ms]	     [%]	  [cdf%]	  [mem KB]	[times called]	[Name]
	Convolution (NHWC, F32) IGEMM	    2.100	    2.000	 25.000%	 25.000%	     0.000	        1	Delegate/Convolution (NHWC, F32) IGEMM:0
	                 SOFTMAX	    3.100	    3.000	 75.000%	100.000%	     0.000	        2	[probs one]:31

============================== Top by Computation Time ==============================
	             [node type]	  [first]	 [avg ms]	     [%]	  [cdf%]	  [mem KB]	[times called]	[Name]
	                 SOFTMAX	    3.100	    3.000	 75.000%	 75.000%	     0.000	        2	[probs one]:31

Timings (microseconds): count=50 first=8100 curr=8000 min=7900 max=8600 avg=8000 std=90
Memory (bytes): count=0
)";

TEST(TfliteBenchmark, IsWhatItPrints) {
  const ReportedRun run = only(kPrinted);
  EXPECT_EQ(run.model, "mobilenet.tflite");
  EXPECT_EQ(run.runtime.provider, "XNNPACK");
  EXPECT_EQ(run.runtime.threads, 4);
  EXPECT_EQ(run.iterations, 50);
  EXPECT_DOUBLE_EQ(run.latency.mean, 9.2);
  EXPECT_DOUBLE_EQ(run.latency.median, 9.15);
  EXPECT_DOUBLE_EQ(run.latency.min, 9.0);
  EXPECT_DOUBLE_EQ(run.latency.stddev, 0.12);
  EXPECT_TRUE(std::isnan(run.latency.p90));
  EXPECT_EQ(kernels_of(run),
            (Texts{"Convolution (NHWC, F32) IGEMM|Delegate/Convolution (NHWC, F32) IGEMM:0|2000",
                   "SOFTMAX|[probs one]:31|6000"}));  // called twice in a run
}

TEST(TfliteBenchmark, IsItsOperatorProfile) {
  // With a column more, as older ones have, and a type with a comma.
  const ReportedRun run = only(
      "============================== Run Order ==============================\n"
      "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
      "Convolution (NHWC, F32), 0.000, 2.1, 2.0, 25%, 25%, 0, 0, conv:0\n"
      "SOFTMAX, 2.0, 3.1, 6.0, 75%, 100%, 0, 0, probs:1\n\n"
      "============================== Summary by node type ==============================\n"
      "node type, count, avg_ms, avg %, cdf %, mem KB, times called\n"
      "SOFTMAX, 1, 6.0, 75%, 75%, 0, 0\n");
  EXPECT_EQ(kernels_of(run), (Texts{"Convolution (NHWC, F32)|conv:0|2000", "SOFTMAX|probs:1|6000"}));
  EXPECT_TRUE(run.sum_of_kernels);
  EXPECT_DOUBLE_EQ(run.latency.median, 8);
  EXPECT_EQ(problem("node type, first\n"),
            "r: holds neither \"Inference (avg):\" nor operators in a table \"Run Order\"");
  EXPECT_EQ(problem("Inference (avg): 0"), "r: a report of TFLite benchmark_model without times above 0");
}

TEST(OpenvinoBenchmark, CountersAreKernels) {
  const std::string table =
      "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)\n"
      "input;Status.NOT_RUN;Parameter;unknown_f32;0.000;0.000\n"
      "conv1;Status.EXECUTED;Convolution;brgconv_avx2_f32;2.000;2.000\n"
      "relu1;Status.NOT_RUN;Relu;undef;0.000;0.000\n"
      "fc;Status.EXECUTED;FullyConnected;gemm_mlas_f32;1.000;1.000\n"
      "Total;;;;3.000;3.000\n\n";
  std::string other = table;
  other.replace(other.find("2.000"), 5, "4.000");
  const ReportedRun run = only(table + other);  // one for each request
  EXPECT_EQ(kernels_of(run),
            (Texts{"Convolution (brgconv_avx2_f32)|conv1|3000", "FullyConnected (gemm_mlas_f32)|fc|1000"}));
  EXPECT_DOUBLE_EQ(run.latency.median, 4);
  EXPECT_EQ(run.runtime.name, "openvino");
  EXPECT_EQ(problem("layerName;execStatus;layerType\nconv1;EXECUTED\n"),
            "r:2: has 2 fields (layerName;execStatus;layerType;execType;realTime;cpuTime)");
  EXPECT_EQ(problem("layerName;execStatus\na;EXECUTED;b;c;soon;1\n"),
            "r:2: realTime is 'soon' (a number from 0)");
}

TEST(OpenvinoBenchmark, ReportIsTheWhole) {
  const ReportedRun run = only(
      "Command line parameters\n-m;net.onnx\n-d;CPU\n-nthreads;2\n\nConfiguration setup\ntarget "
      "device;CPU\n\n"
      "Execution results\nread model time (ms);106.72\ntotal number of iterations;5\nlatency (ms);26.31\n"
      "avg latency;26.72\nmin latency;25.26\nmax latency;30.12\nthroughput;37.14\n");
  EXPECT_EQ(run.model, "net.onnx");
  EXPECT_EQ(run.runtime.provider, "CPU");
  EXPECT_EQ(run.runtime.threads, 2);
  EXPECT_EQ(run.iterations, 5);
  EXPECT_DOUBLE_EQ(run.latency.median, 26.31);
  EXPECT_DOUBLE_EQ(run.latency.min, 25.26);
  EXPECT_EQ(problem("Execution results\nthroughput;1\n"),
            "r: its execution results have no latency (ms) (a run with -report_type and latencies)");
}

TEST(Snpe, HasAGroupOfColumnsForEachRuntime) {
  const std::vector<ReportedRun> runs = read_report(
      "SNPE SDK version:,1.51\nModel,alexnet\n\n"
      ",GPU_timing,,,DSP_timing,,,CPU_timing,,\n"
      ",avg (us),max (us),min (us),avg (us),max (us),min (us),avg (us),max (us),min (us)\n"
      "Init,1000,1100,900,N/A,N/A,N/A,500,500,500\n"
      "Total Inference Time,12000,14000,11000,N/A,N/A,N/A,90000,95000,89000\n"
      "layer_000 (Name:conv1 Type:convolutional),8000,8100,7900,,,,60000,61000,59000\n"
      "layer_001 (Name:fc 6 Type:fully_connected),3000,3100,2900,,,,20000,21000,19000\n",
      "r");
  ASSERT_EQ(runs.size(), 2U);  // the DSP could not run it
  EXPECT_EQ(runs[0].runtime.provider, "GPU");
  EXPECT_EQ(runs[0].model, "alexnet");
  EXPECT_DOUBLE_EQ(runs[0].latency.median, 12);
  EXPECT_DOUBLE_EQ(runs[0].latency.min, 11);
  EXPECT_DOUBLE_EQ(runs[0].latency.max, 14);
  EXPECT_EQ(kernels_of(runs[0]), (Texts{"convolutional|conv1|8000", "fully_connected|fc 6|3000"}));
  EXPECT_EQ(runs[1].runtime.provider, "CPU");
  EXPECT_DOUBLE_EQ(runs[1].latency.median, 90);
  EXPECT_EQ(problem("Total Inference Time,1,2\n"),
            "r: has no row of columns with avg (runtimes in one row, avg, max and min below)");
}

TEST(Ncnn, HasALineForEachNetwork) {
  const std::vector<ReportedRun> runs = read_report(
      "[0 Adreno (TM) 640]  queueC=0[3]\nloop_count = 8\nnum_threads = 4\npowersave = 2\ngpu_device = -1\n"
      "cooling_down = 1\n"
      "          squeezenet  min =    8.84  max =    8.89  avg =    8.87\n"
      "     squeezenet_int8  min =   11.86  max =   11.98  avg =   11.89\n",
      "r");
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].model, "squeezenet_int8");
  EXPECT_DOUBLE_EQ(runs[1].latency.min, 11.86);
  EXPECT_DOUBLE_EQ(runs[1].latency.mean, 11.89);
  EXPECT_DOUBLE_EQ(runs[1].latency.max, 11.98);
  EXPECT_EQ(runs[1].iterations, 8);
  EXPECT_EQ(runs[1].runtime.threads, 4);
  EXPECT_EQ(runs[1].runtime.provider, "CPU");
  EXPECT_EQ(only("gpu_device = 0\n a min = 1 max = 2 avg = 1.5").runtime.provider, "Vulkan");
  EXPECT_EQ(problem("net min = 1 max = 2 avg = slow"),
            "r:1: is no line of a network (NAME min = MS max = MS avg = MS)");
}

TEST(Mvnc, HasALineForEachLayer) {
  const ReportedRun run = only(
      "USB: Myriad Execution Finished\nNetwork Summary\n\nDetailed Per Layer Profile\n"
      "                                              Bandwidth   time\n"
      "#    Name                              MFLOPs  (MB/s)    (ms)\n"
      "===============================================================\n"
      "0    data                                 0.0222998.7   0.005\n"
      "1    scale1                             173.4  1183.0   8.738\n"
      "---------------------------------------------------------------\n"
      "             Total inference time                          8.74\n"
      "---------------------------------------------------------------\n");
  EXPECT_EQ(kernels_of(run), (Texts{"|data|5", "|scale1|8738"}));
  EXPECT_DOUBLE_EQ(run.latency.median, 8.74);
  EXPECT_EQ(run.runtime.provider, "MYRIAD");
  EXPECT_TRUE(only("Detailed Per Layer Profile\n0 a 1.0 2.0 3.5\n").sum_of_kernels);  // cut off
  EXPECT_EQ(problem("Detailed Per Layer Profile\n"), "r: a report of mvNCProfile without times above 0");
}

TEST(Report, NamesWhatItKnows) {
  const std::string why = problem("so long, and thanks");
  EXPECT_TRUE(why.starts_with("r: is no report of a tool that is known (ONNX Runtime: events with ")) << why;
  for (const ReportFormat& format : report_formats())
    EXPECT_NE(why.find(std::string(format.tool)), std::string::npos) << format.tool;
  EXPECT_NE(problem("").find("is no report"), std::string::npos);
}

}  // namespace
}  // namespace foretime::import
