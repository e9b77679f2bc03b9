#include "runtimes/command/command.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"

namespace foretime {
namespace {

std::string problem(const SessionRequest& request, std::string_view runtime = "command") {
  try {
    return "took " + std::to_string(open_session(runtime_named(runtime), request)->run()->value);
  } catch (const Error& error) {
    return error.what();
  }
}

SessionRequest request_of(std::map<std::string, std::string> options) {
  SessionRequest request;
  request.model = "/tmp/it's here.onnx";
  request.threads = 3;
  request.options = std::move(options);
  return request;
}

TEST(Command, RunsAndFindsTheTime) {
  EXPECT_EQ(problem(request_of({{"command", "echo warm 9 ms; echo {model} -t {threads} 1.5 ms"},
                                {"pattern", "it's here.onnx -t 3 ([0-9.]+) ms"}})),
            "took 1.500000");
  EXPECT_EQ(problem(request_of({{"command", R"(echo log; echo '{"results": [{"mean": 250}]}')"},
                                {"json", "results.0.mean"},
                                {"unit", "us"}})),
            "took 0.250000");
}

TEST(Command, SaysWhatIsWrong) {
  EXPECT_EQ(problem(request_of({})), "--command: is missing (what to run, as in 'ssh board bench {model}')");
  EXPECT_EQ(problem(request_of({{"command", "true"}})),
            "--command: needs one way to find the time in what it prints (--runtime-option pattern=REGEX, or "
            "--runtime-option json=PATH)");
  EXPECT_EQ(problem(request_of({{"command", "echo no; exit 3"}, {"pattern", "x"}})),
            "--command: ended with exit code 3: no");
  EXPECT_EQ(
      problem(request_of({{"command", "sleep 100"}, {"pattern", "x"}, {"limit", "0.1"}, {"retries", "0"}})),
      "--command: took longer than 0 s (a longer --runtime-option limit)");
  EXPECT_NE(problem(request_of({{"command", "echo 1"}, {"pattern", "("}})).find("is no regular expression"),
            std::string::npos);
  EXPECT_NE(problem(request_of({{"command", "echo fast"}, {"pattern", "([0-9]+)"}})).find("finds no number"),
            std::string::npos);
  EXPECT_EQ(problem(request_of({{"command", "true"}, {"pattern", "x"}, {"unit", "day"}})),
            "--runtime-option unit: 'day' is not one of its values (ms, us, ns or s)");
}

TEST(Command, TriesAgain) {
  const TemporaryFolder folder;
  const std::string flag = folder.file("flag");
  EXPECT_EQ(
      problem(request_of({{"command", "test -e " + flag + " || { touch " + flag + "; exit 1; }; echo 7 ms"},
                          {"pattern", "([0-9]+) ms"}})),
      "took 7.000000");
}

TEST(Replay, GivesTheRecordedTimesInTurn) {
  const TemporaryFolder folder;
  SessionRequest request;
  request.options["recording"] = folder.file("r.json");
  write_file(folder.file("r.json"), R"({"version": "7", "samples_ms": [1, 2.5]})");
  const auto session = open_session(runtime_named("replay"), request);
  EXPECT_EQ(session->run()->value, 1);
  EXPECT_EQ(session->run()->value, 2.5);
  EXPECT_EQ(session->run()->value, 1);
  EXPECT_EQ(session->description().version, "7");
  write_file(folder.file("r.json"), R"({"samples_ms": []})");
  EXPECT_NE(problem(request, "replay").find("holds no recorded times"), std::string::npos);
  request.options.clear();
  EXPECT_NE(problem(request, "replay").find("--runtime-option recording: is missing"), std::string::npos);
}

}  // namespace
}  // namespace foretime
