#pragma once

// Every measurement is a row in a database of the user's (SQLite): what was measured, under which
// circumstances, what came out, and all samples.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "measure/statistics.h"

struct sqlite3;

namespace foretime {

struct StoredMeasurement {
  std::int64_t id = 0;  // given by the database
  std::string time;     // UTC, "2026-11-21T20:15:51Z"
  std::string model;    // as it was given
  std::string model_hash;
  std::string structure_hash;
  std::string cpu_signature;
  std::string runtime;
  std::string version;
  std::string provider;
  std::string precision;
  int threads = 1;              // 0: not known
  Summary latency;              // ms; what is not known is not a number
  ConfidenceInterval ci95;      // ms
  std::int64_t iterations = 0;  // 0, also of what follows: not known
  int sessions = 0;
  int launches = 0;
  std::string verdict;
  std::string details;         // JSON: reasons, options, context
  std::vector<float> samples;  // ms, all, in the order they were taken; of `get` only
};

/// Verdict of what was measured for a fraction of a second: one of many, for others to learn from.
constexpr const char* kBrief = "brief";

/// $FORETIME_HOME/measurements.db, else where the user's other data lies; empty: no such place is known.
std::string user_database();

/// One open database. Several processes may write to it; a process that is killed loses at most the row it
/// was writing.
class Store {
 public:
  /// For another program that holds the database: a writer does so for milliseconds; more means that it
  /// hangs.
  static constexpr Milliseconds kPatience{10'000};

  /// Opens the file, made if need be. Error: it cannot be opened; it is no database, or damaged, or of a
  /// newer program (it is left as it is).
  explicit Store(const std::string& path, Milliseconds patience = kPatience);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  /// The new row's id. Error: the disk is full; another program holds the database for longer than
  /// `patience`.
  std::int64_t add(const StoredMeasurement& row);
  /// All, oldest first, without samples.
  std::vector<StoredMeasurement> list() const;
  /// Details of the latest ones of that processor and number of threads, `most` at most.
  std::vector<std::string> latest_details(const std::string& cpu_signature, int threads,
                                          std::size_t most) const;
  /// With samples. Error: there is none.
  StoredMeasurement get(std::int64_t id) const;
  /// Removes what is older than `time` (as StoredMeasurement::time); how many.
  std::int64_t prune(const std::string& time);

 private:
  void run(const char* sql);
  [[noreturn]] void fail() const;

  std::string path_;
  sqlite3* database_ = nullptr;
};

}  // namespace foretime
