#include "runtimes/worker.h"

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "runtimes/worker_messages.h"

namespace foretime {
namespace {

constexpr Milliseconds kPatience{10'000};  // for one that was told to end, or has ended

std::string worker_path() {
  if (const char* set = std::getenv("FORETIME_WORKER"); set != nullptr && *set != '\0') return set;
  const std::filesystem::path beside = std::filesystem::path(own_path()).parent_path() / "foretime-worker";
  std::error_code ignored;
  if (std::filesystem::exists(beside, ignored)) return beside.string();
  throw Error(beside.string(), "the program that models run in is not there", "FORETIME_WORKER=PATH");
}

/// "; it said: …": the last that LiteRT marks as an error. Its API gives numbers only.
std::string last_error(const std::string& words) {
  constexpr std::string_view kMark = "ERROR: ";
  const std::size_t start = words.rfind(kMark);
  return start == std::string::npos ? "" : "; it said: " + words.substr(start + kMark.size());
}

}  // namespace

Worker::Worker(const WorkerRequest& request) : request_(request), process_({worker_path()}) {}

/// The answer's text. Error: what the worker says is wrong, or how it ended.
std::string Worker::ask(const std::string& question, Milliseconds expected) {
  process_.write_line(question);
  const auto answer = process_.read_line(expected + request_.timeout);
  if (!answer) {
    const std::string where =
        (request_.name.empty() ? request_.model : request_.name) + ": " + request_.runtime;
    if (process_.timed_out()) {
      throw Error(where,
                  "gave no answer within " + std::to_string(static_cast<int>(request_.timeout.value / 1e3)) +
                      " s and was stopped",
                  "a longer --timeout");
    }
    std::string ended = process_.finish(kPatience);
    if (ended.starts_with("signal 9")) ended += ", as the system does when memory runs out";
    const std::string words = process_.last_words();
    throw Error(where, "its process ended: " + ended + (words.empty() ? "" : "; its last words: " + words));
  }
  const Json json = parse_json(*answer, "foretime-worker");
  if (json.contains("error")) {
    // The file may have been written for the occasion: users know the model by another name.
    std::string where = json.at("error").at(0);
    if (!request_.name.empty() && where.starts_with(request_.model)) {
      where.replace(0, request_.model.size(), request_.name);
    }
    throw Error(where, json.at("error").at(1).get<std::string>() + last_error(process_.last_words()));
  }
  return *answer;
}

namespace {

std::string command(const char* name, Json arguments) {
  return Json{{"do", name}, {"with", std::move(arguments)}}.dump(-1, ' ', false,
                                                                 Json::error_handler_t::replace);
}

Json result(const std::string& answer) {
  return parse_json(answer, "foretime-worker").at("result");
}

}  // namespace

RuntimeDescription Worker::open() {
  return messages::description_of(result(ask(command("open", messages::to_json(request_)), {0})));
}

WarmUp Worker::warm_up(Milliseconds most) {
  return messages::warm_up_of(result(ask(command("warm_up", most.value), most)));
}

SampleBlock Worker::block(const BlockPlan& plan) {
  return messages::block_of(result(ask(command("block", messages::to_json(plan)), plan.time)));
}

KernelProfile Worker::profile(int runs) {
  return messages::profile_of(result(ask(command("profile", runs), {0})));
}

std::vector<TensorValue> Worker::outputs() {
  const TemporaryFolder folder;
  return messages::values_of(result(ask(command("outputs", folder.path()), {0})));
}

WorkerMemory Worker::memory() {
  return messages::memory_of(result(ask(command("memory", Json()), {0})));
}

}  // namespace foretime
