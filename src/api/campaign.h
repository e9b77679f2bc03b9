#pragma once

// Measuring networks nobody has, one after the other, to learn a device from: which one next, how long it
// takes, and a table on disk that survives being killed between any two bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/brief_measurement.h"
#include "api/measure.h"
#include "api/sampling.h"
#include "base/json.h"
#include "base/stopwatch.h"
#include "calibrate/observations.h"

namespace foretime::api {

/// Families of the networks that are measured (zoo/random.h).
constexpr std::string_view kSmallNetworks = "random_blocks";
constexpr std::string_view kWholeNetworks = "random_network";
constexpr std::string_view kSingleKernels = "random_kernel";

struct CampaignOptions {
  std::string table;   // file, JSON Lines (docs/data-sets.md); continued if it is there
  std::string device;  // column of the table
  RunRequest run;
  std::vector<int> threads;  // every network is measured with each of these
  bool kernels = true;       // ask the runtime's profiler, too
  Sampling sampling = Sampling::active;
  std::string database;  // of measurements (store/store.h); empty: none

  /// Networks are quantised: QuantizeLinear and DequantizeLinear between operators.
  bool quantized() const { return run.precision == "int8"; }
};

/// Option of a single kernel that is like another seed's.
constexpr std::string_view kAround = "&around=";

/// A network that was measured in a campaign.
struct CampaignRow {
  std::string family;
  std::uint64_t seed = 0;
  double seconds = 0;        // since the campaign began, pauses between runs of the program left out
  std::string options = {};  // of the network, besides the seed
};

/// What a look at the measurements so far says about the next ones.
struct Lessons {
  std::unordered_map<std::uint32_t, double> worth;  // by sort of kernels; of others 1
  std::vector<std::uint64_t> bad;                   // seeds of single kernels that are predicted badly
};

class Campaign {
 public:
  /// Error: the table was made for something else, or cannot be read or written.
  Campaign(CampaignOptions options, const ModelDesign& design);

  const std::vector<CampaignRow>& rows() const { return rows_; }
  /// Spent on all rows, this run of the program and those before.
  Milliseconds spent() const { return {spent_.value + watch_.elapsed().value}; }
  /// How often the machine was too busy to measure, this run of the program.
  int pauses() const { return pauses_; }
  int refused() const { return refused_; }
  /// Why measurements are not in the database; empty: they are.
  const std::string& database_error() const { return database_error_; }
  void learn(Lessons lessons);

  /// Measures some more networks in turns, as many as fit into `left`, one at least; each takes about `most`
  /// at the longest. Error: a hundred networks in a row could not be run.
  void step(Milliseconds most, Milliseconds left);

 private:
  struct Candidate {
    std::string family;
    std::uint64_t seed = 0;
    std::string options;  // of the network, besides the seed: "&key=value"
    std::vector<std::uint32_t> cells;
    std::int64_t weight_bytes = 0;
    double gmacs = 0;        // billions of multiply-accumulates
    double expected_ms = 0;  // of one run
    double worth = 0;
  };
  /// A network with a number of threads.
  struct Trial {
    const Candidate* candidate;
    int threads;
    std::optional<std::size_t> visits;  // its place among them; nothing: it could not be prepared
    std::string error;
  };
  std::string model_of(const Candidate& candidate) const {
    return candidate.family + "?seed=" + std::to_string(candidate.seed) + candidate.options +
           (options_.quantized() ? "&precision=int8" : "");
  }
  RunRequest run_with(int threads) const;
  void drop_torn_line() const;
  void read_rows();
  std::string family_of_next() const;
  Candidate choose(Milliseconds most);
  Candidate candidate(const std::string& family, std::uint64_t seed, const std::string& options = {}) const;
  std::vector<Candidate> choose_some(Milliseconds most, Milliseconds left);
  int measure(const std::vector<Candidate>& chosen, Milliseconds most, Milliseconds left);
  void learn(const Candidate& candidate, const BriefMeasurement& measured);
  void append(const std::string& line);
  void keep(const Trial& trial, const PreparedModel& prepared, const BriefMeasurement& measured);

  CampaignOptions options_;
  Json setting_;                                          // what all rows of a table have in common
  std::unordered_map<int, std::vector<int>> processors_;  // by number of threads
  Detector detector_;
  CalmBeats calm_;
  Stopwatch watch_;
  Milliseconds spent_;
  std::vector<CampaignRow> rows_;
  std::uint64_t next_seed_ = 0;
  std::unordered_map<std::uint32_t, int> met_;  // cells
  Lessons lessons_;
  std::size_t next_bad_ = 0;
  double whole_seconds_ = 0;  // spent on whole networks
  double small_seconds_ = 0;
  double& seconds_of(const std::string& family) {
    return family == kWholeNetworks ? whole_seconds_ : small_seconds_;
  }
  double ms_per_gmac_ = 20;
  int pauses_ = 0;
  int refused_ = 0;
  std::string database_error_;
};

}  // namespace foretime::api
