#pragma once

// A measured model runs in a process of its own, foretime-worker: whatever a runtime does to itself there (a
// crash, a hang, all memory eaten) is an Error of that model here. The two speak JSON, one object a line; a
// block of samples is one exchange, so nothing is said while the clock runs.

#include <memory>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "measure/block.h"
#include "runtimes/inputs.h"
#include "runtimes/runtime.h"

namespace foretime {

/// What to open in the worker: SessionRequest, with plans for inputs instead of their contents.
struct WorkerRequest {
  std::string runtime;
  std::string model;  // file
  std::string name;   // what the user calls it, for messages; empty: as the file
  std::vector<InputPlan> inputs;
  int threads = 1;
  std::string provider;
  std::string precision;
  std::map<std::string, std::string> options;
  std::string library;
  std::vector<int> processors;    // to stay on; empty: any
  BeatTimes fastest_beat;         // that was seen on this machine before; 0: not known
  Milliseconds timeout{300'000};  // for one answer beyond the time it was asked to spend
};

struct WorkerMemory {
  Bytes peak;                  // resident, of the whole process, since the session was opened
  Bytes above_load;            // of it, what came on top of what was resident then
  std::optional<Bytes> arena;  // most that the runtime's arena handed out
};

class Worker {
 public:
  /// Starts the program: $FORETIME_WORKER, else foretime-worker beside this one. Error: there is none.
  explicit Worker(const WorkerRequest& request);

  /// Loads the model, again if it was loaded before. Error: the runtime's; it crashed, hung, or was killed.
  RuntimeDescription open();
  WarmUp warm_up(Milliseconds most);
  SampleBlock block(const BlockPlan& plan);
  KernelProfile profile(int runs);
  /// Of the latest run. REQUIRES: a run.
  std::vector<TensorValue> outputs();
  WorkerMemory memory();
  int id() const { return process_.id(); }

 private:
  std::string ask(const std::string& question, Milliseconds expected);

  WorkerRequest request_;
  Subprocess process_;
};

}  // namespace foretime
