#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/convert.h"
#include "api/fit.h"
#include "api/inspect.h"
#include "api/measure.h"
#include "api/sampling.h"
#include "base/error.h"
#include "report/selection.h"

namespace foretime::cli {

/// The command line is wrong (exit code 2), as opposed to a request that failed (1).
class UsageError : public Error {
 public:
  using Error::Error;
};

enum class OutputFormat { table, json, csv, markdown, html };
enum class Color { automatic, always, never };

/// What the flags of all verbs say. A verb takes those that its line in commands.cc lists.
struct Arguments {
  std::vector<std::string> operands;  // what stands without a flag

  OutputFormat format = OutputFormat::table;
  std::string output;  // empty or "-": stdout
  Color color = Color::automatic;
  bool quiet = false;  // no notes on stderr
  bool stats = false;  // our own time on stderr
  report::Selection selection;

  api::Bindings bindings;
  api::Rules rules = api::Rules::standard;
  std::string nn_meter_device;  // of --rules nn-meter:DEVICE
  bool alias = true;
  bool kernels = false;
  std::vector<std::string> devices;
  std::string compat;     // the predecessor whose predictions are wanted; empty: ours
  std::string mapping;    // its mapping model
  std::string layers;     // its layer model
  bool original = false;  // results in its own form

  std::string to;
  std::optional<Weights> weights;
  std::uint64_t seed = 0;

  // Of fit and evaluate.
  std::string name;
  std::string like;
  std::string fusion_rules;
  std::string physics;
  ModelKind kind = ModelKind::additive;
  std::string profile_out;
  std::string column;
  std::optional<Protocol> protocol;
  std::vector<std::string> from;      // profiles that --protocol devices starts from
  std::optional<std::size_t> choose;  // of adapt: so many networks to measure
  bool rows = false;

  std::vector<int> threads;  // of measure.run, and of calibrate further ones
  api::Sampling sampling = api::Sampling::active;
  bool black_box = false;
  bool go_on = false;
  bool probe_fusion = false;

  // Of measure and compare: what they ask for, and of the second run what differs.
  api::MeasureRequest measure;
  std::optional<Milliseconds> budget;
  std::string runtime_b;
  std::optional<int> threads_b;
  std::string provider_b;
  std::string library_b;
  std::map<std::string, std::string> options_b;
  double same_within_percent = 1;
  bool duet = false;
  // Of measurements.
  std::string model;  // that a report is of
  std::optional<Milliseconds> older_than;
};

}  // namespace foretime::cli
