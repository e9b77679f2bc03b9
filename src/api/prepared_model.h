#pragma once

#include <string>
#include <vector>

#include "api/measure.h"
#include "base/temporary_folder.h"
#include "measure/protocol.h"

namespace foretime::api {

/// A model as a runtime wants it: a file in its format, and what to feed it.
struct PreparedModel {
  Model model;
  std::string file;
  std::string hash;  // of the file
  std::string precision;
  std::vector<InputPlan> inputs;
};

/// Reads the model, binds its sizes, and writes it into `folder` if it is not in the runtime's format
/// already, lacks weights, or others are asked for. `label` tells files of one folder apart. Error: as
/// load_model; the format cannot express it; an input file for an input it does not have.
PreparedModel prepare(const std::string& spec, const Bindings& bindings, const RunRequest& run,
                      const TemporaryFolder& folder, const std::string& label = "model");

/// What the worker is asked for.
WorkerRequest worker_request(const PreparedModel& prepared, const RunRequest& run);

/// Processors to stay on: those asked for, else the least busy ones over a moment; empty: any.
std::vector<int> choose_processors(const RunRequest& run);

/// A model in worker processes, one after the other.
class WorkerSubject final : public Subject {
 public:
  WorkerSubject(WorkerRequest request, const RunRequest& run) : request_(std::move(request)), run_(run) {}

  void launch() override;
  void open() override { description_ = worker_->open(); }
  WarmUp warm_up(Milliseconds most) override { return worker_->warm_up(most); }
  SampleBlock block(const BlockPlan& plan) override;
  void move_to(const std::vector<int>& processors) override;

  /// Another process stays on these from the next launch on.
  void stay_on(std::vector<int> processors) { run_.processors = std::move(processors); }
  /// REQUIRES: launched.
  Worker& worker() { return *worker_; }
  const RuntimeDescription& description() const { return description_; }
  /// All that were used.
  const std::vector<int>& processors() const { return processors_; }

 private:
  WorkerRequest request_;
  RunRequest run_;
  std::unique_ptr<Worker> worker_;
  RuntimeDescription description_;
  std::vector<int> processors_;
};

}  // namespace foretime::api
