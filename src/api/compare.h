#pragma once

#include <functional>
#include <string>

#include "api/measure.h"
#include "measure/comparison.h"

namespace foretime::api {

/// One side of a comparison.
struct Contender {
  std::string model;
  RunRequest run;
};

struct CompareRequest {
  Contender a;
  Contender b;
  Bindings bindings;
  double same_within_percent = 1;
  Milliseconds budget{60'000};
  bool duet = false;  // both at the same time, on processors of their own
  std::function<void(int done, int all, const std::string& what)> progress;
};

struct ComparedSide {
  std::string model;
  std::string model_hash;
  RuntimeDescription runtime;
};

struct CompareResult {
  ComparedSide a;
  ComparedSide b;
  ComparisonResult comparison;
  double same_within_percent = 1;
  bool duet = false;
  Context context;
  Milliseconds time;
  Diagnostics diagnostics;
};

/// Is B faster than A on this machine? Error: as measure, of either; no undisturbed sample.
CompareResult compare(const CompareRequest& request);

}  // namespace foretime::api
