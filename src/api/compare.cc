#include "api/compare.h"

#include <algorithm>
#include <array>

#include "api/prepared_model.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "measure/pinning.h"

namespace foretime::api {
namespace {

/// Both stay on the same processors; the one with fewer threads on some of them.
void share_processors(const CompareRequest& request, WorkerSubject& a, WorkerSubject& b, Context& context) {
  RunRequest wider = request.a.run.threads >= request.b.run.threads ? request.a.run : request.b.run;
  const std::vector<int> all = choose_processors(wider);
  const auto part = [&](const RunRequest& run) {
    const auto count = std::min(all.size(), static_cast<std::size_t>(run.threads));
    return std::vector<int>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
  };
  a.stay_on(part(request.a.run));
  b.stay_on(part(request.b.run));
  context.processors = all;
}

/// Two places, each as wide as the side with more threads.
std::array<std::vector<int>, 2> duet_places(const CompareRequest& request, Context& context) {
  const int wide = std::max(request.a.run.threads, request.b.run.threads);
  RunRequest both = request.a.run;
  both.threads = 2 * wide;
  std::vector<int> all = choose_processors(both);
  if (all.empty()) all = allowed_processors();
  if (all.size() < static_cast<std::size_t>(both.threads)) {
    throw Error(
        "--duet",
        "needs " + std::to_string(both.threads) + " processors, and has " + std::to_string(all.size()),
        "without it both take turns");
  }
  all.resize(static_cast<std::size_t>(both.threads));
  context.processors = all;
  return {std::vector<int>(all.begin(), all.begin() + wide), std::vector<int>(all.begin() + wide, all.end())};
}

}  // namespace

CompareResult compare(const CompareRequest& request) {
  const Stopwatch watch;
  const TemporaryFolder folder;
  PreparedModel a = prepare(request.a.model, request.bindings, request.a.run, folder, "a");
  PreparedModel b = prepare(request.b.model, request.bindings, request.b.run, folder, "b");
  CompareResult result;
  check_bindings(request.bindings, {a.model.used_bindings, b.model.used_bindings}, result.diagnostics);
  WorkerSubject subject_a(worker_request(a, request.a.run), request.a.run);
  WorkerSubject subject_b(worker_request(b, request.b.run), request.b.run);
  result.context = begin_context(0);

  CompareOptions options;
  if (request.duet) {
    options.duet = duet_places(request, result.context);
    subject_a.stay_on(options.duet[0]);
    subject_b.stay_on(options.duet[1]);
  } else {
    share_processors(request, subject_a, subject_b, result.context);
  }
  options.budget = request.budget;
  options.same_within_percent = request.same_within_percent;
  options.threads_a = request.a.run.threads;
  options.threads_b = request.b.run.threads;
  options.self_timed =
      runtime_named(request.a.run.runtime).self_timed || runtime_named(request.b.run.runtime).self_timed;
  const Step step = [&](double share, const std::string& what) {
    constexpr int kSteps = 100;
    if (request.progress) request.progress(static_cast<int>(share * kSteps), kSteps, what);
  };
  result.comparison = foretime::compare(
      subject_a, subject_b, options, [&] { return watch.elapsed(); }, step);
  result.same_within_percent = request.same_within_percent;
  result.duet = request.duet;
  result.a = {request.a.model, a.hash, subject_a.description()};
  result.b = {request.b.model, b.hash, subject_b.description()};
  result.time = watch.elapsed();
  for (PreparedModel* prepared : {&a, &b}) {
    for (Diagnostic& note : prepared->model.diagnostics) result.diagnostics.push_back(std::move(note));
  }
  return result;
}

}  // namespace foretime::api
