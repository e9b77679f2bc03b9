// foretime-worker: runs one model at a time for a parent that measures it (worker.h). Reads commands from
// standard input, answers on what was standard output; what libraries print goes to standard error.

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <new>
#include <optional>

#include "base/error.h"
#include "measure/cpu.h"
#include "measure/interference.h"
#include "measure/pinning.h"
#include "runtimes/worker_messages.h"

namespace foretime {
namespace {

/// "VmRSS" or "VmHWM" of this process.
Bytes resident(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return {std::stoll(line.substr(field.size() + 1)) * 1024};
  }
  return {0};
}

/// From here on the peak is that of what follows.
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

class Service {
 public:
  Json answer(const Json& question) {
    const std::string& command = question.at("do").get_ref<const std::string&>();
    const Json& with = question.at("with");
    if (command == "open") return open(messages::request_of(with));
    if (command == "warm_up") return messages::to_json(warm_up(iteration(), {with.get<double>()}));
    if (command == "block") return messages::to_json(run_block(iteration(), messages::plan_of(with)));
    if (command == "profile") return messages::to_json(session().profile(with.get<int>()));
    if (command == "outputs") return messages::to_json(session().outputs(), with.get<std::string>());
    if (command == "memory") return messages::to_json(memory());
    throw Error(command, "is no command of foretime-worker");
  }

 private:
  Json open(const WorkerRequest& asked) {
    session_.reset();
    if (!asked.processors.empty() && !pin_to(asked.processors)) {
      throw Error("--cpus", "this process may not run there", "processors that the system gives it");
    }
    know_fastest_beat(asked.fastest_beat);
    SessionRequest request{asked.model,   {},           asked.threads, asked.provider, asked.precision,
                           asked.options, asked.library};
    for (const InputPlan& plan : asked.inputs) request.inputs.push_back(fill_input(plan));
    session_ = open_session(runtime_named(asked.runtime), request);
    interference_buffer();  // is there before, so that it can be taken off what is resident
    forget_peak();
    after_load_ = {resident("VmRSS").value - interference_buffer().value};
    return messages::to_json(session_->description());
  }

  Session& session() {
    if (session_ == nullptr) throw Error("foretime-worker", "no model is open");
    return *session_;
  }

  Iteration iteration() {
    return [&running = session()] { return running.run(); };
  }

  WorkerMemory memory() {
    const Bytes peak{resident("VmHWM").value - interference_buffer().value};
    return {peak, {std::max(peak.value - after_load_.value, std::int64_t{0})}, session().arena()};
  }

  std::unique_ptr<Session> session_;
  Bytes after_load_;
};

Json answer_or_error(Service& service, const std::string& line) {
  try {
    return {{"result", service.answer(parse_json(line, "command"))}};
  } catch (const Error& error) {
    return {{"error", {error.where(), error.problem()}}};
  } catch (const std::bad_alloc&) {
    return {{"error", {"foretime-worker", "out of memory"}}};
  } catch (const std::exception& error) {
    return {{"error", {"foretime-worker", error.what()}}};
  }
}

int serve() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);                   // a parent that is killed leaves nobody behind
  std::ofstream("/proc/self/oom_score_adj") << "1000";  // when memory runs out, this process goes first
  const int out = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  std::FILE* answers = ::fdopen(out, "w");
  if (answers == nullptr) return 1;
  Service service;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string text =
        answer_or_error(service, line).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (std::fwrite(text.data(), 1, text.size(), answers) != text.size() || std::fflush(answers) != 0)
      return 1;
  }
  return 0;
}

}  // namespace
}  // namespace foretime

int main() {
  return foretime::serve();
}
