#include "runtimes/worker.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "runtimes/testing.h"

namespace foretime {
namespace {

class InWorker : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("FORETIME_WORKER", FORETIME_WORKER, 1);
    request_.runtime = "onnxruntime";
    request_.model = folder_.file("m.onnx");
    testing::write_onnx(testing::kSmallNet, request_.model);
    InputPlan x;
    x.name = "x";
    x.dtype = DataType::float32;
    x.sizes = {1, 8, 4, 4};
    request_.inputs = {x};
    const SessionRequest probe{request_.model, {fill_input(x)}, 1, "", "", {}, ""};
    if (const std::string why = testing::missing("onnxruntime", probe); !why.empty()) GTEST_SKIP() << why;
  }

  TemporaryFolder folder_;
  WorkerRequest request_;
};

TEST_F(InWorker, MeasuresProfilesAndHandsOutOutputs) {
  Worker worker(request_);
  const RuntimeDescription description = worker.open();
  EXPECT_EQ(description.name, "onnxruntime");
  EXPECT_EQ(description.provider, "CPU");
  EXPECT_GT(worker.warm_up({200}).iterations, 10);
  const SampleBlock block = worker.block({.time = {20}});
  EXPECT_GT(block.ms.size(), 100U);
  EXPECT_EQ(block.disturbed.size(), block.ms.size());
  for (const double ms : block.ms) EXPECT_GT(ms, 0);
  EXPECT_GT(block.fastest.core_us, 1);
  EXPECT_GT(block.fastest.memory_us, 0.5);
  EXPECT_GT(block.counters.cpu_ms, 0);
  EXPECT_FALSE(worker.profile(4).kernels.empty());
  const auto outputs = worker.outputs();
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].bytes.size(), 512U);
  EXPECT_EQ(not_finite(outputs), "");
  const WorkerMemory memory = worker.memory();
  EXPECT_GT(memory.peak.value, 1 << 20);
  EXPECT_LE(memory.above_load.value, memory.peak.value);
  (void)worker.open();  // again, in the same process
  EXPECT_GT(worker.warm_up({50}).iterations, 0);
}

TEST_F(InWorker, ARuntimeThatDiesIsAnErrorOfTheModel) {
  Worker worker(request_);
  (void)worker.open();
  ::kill(worker.id(), SIGSEGV);
  try {
    (void)worker.block({});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("m.onnx: onnxruntime: its process ended: signal 11"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(InWorker, ARuntimeThatHangsIsStopped) {
  request_.timeout = {300};
  Worker worker(request_);
  (void)worker.open();
  ::kill(worker.id(), SIGSTOP);
  try {
    (void)worker.block({.time = {1}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(
        std::string(error.what()).find("gave no answer within 0 s and was stopped (a longer --timeout)"),
        std::string::npos)
        << error.what();
  }
}

TEST_F(InWorker, ErrorsKeepTheirPlace) {
  request_.model = folder_.file("none.onnx");
  Worker worker(request_);
  try {
    (void)worker.open();
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(request_.model + ": ONNX Runtime says: "))
        << error.what();
  }
}

TEST(WorkerProgram, MissingSaysWhereItShouldBe) {
  ::unsetenv("FORETIME_WORKER");
  try {
    Worker worker(WorkerRequest{});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("foretime-worker: the program that models run in is not there"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace foretime
