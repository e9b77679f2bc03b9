#pragma once

// Honest accuracy: how models fitted on a part of a data set predict the rest of it (docs/accuracy.md).

#include <optional>
#include <string>
#include <vector>

#include "calibrate/fitted.h"
#include "calibrate/known_devices.h"

namespace foretime {

enum class Protocol {
  networks,  // A: a random fifth of the networks is kept apart, equal structures together
  families,  // B: a family is kept apart, each in turn; then all but 3, and all but 10, of its networks
  few,       // N: 30, 100 and 300 random networks of A's fitting part, scored on A's test part
  devices,   // 10, 30 and 100 of them with models of other devices, and without
};

/// One line of a protocol's table.
struct ProtocolRow {
  std::string what;         // "all", a family, "30 networks"
  AccuracyFigures figures;  // of the scored part; means over draws where there are several
  // Of families: share within ±10 % with so many of the family known, means over five draws.
  std::optional<double> within_10_with_3;
  std::optional<double> within_10_with_10;
  std::optional<double> spread;  // standard deviation of within_10_percent over the draws
};

struct ProtocolResult {
  std::size_t fitted = 0;  // networks
  std::size_t scored = 0;
  std::vector<ProtocolRow> rows;  // of `families` the last one is the unweighted mean
  std::vector<Scored> networks;   // of `networks` and `few`'s test part: in the order of `scored_networks`
  Chosen scored_networks;
};

/// `seed` shifts the split and the draws. REQUIRES: networks of at least two families for `families`; not
/// `devices`.
ProtocolResult run_protocol(const Observations& observations, Protocol protocol, std::uint32_t seed,
                            const StepProgress& progress);

/// Protocol `devices`: for each number of networks a row for the best of all candidates, and one for the best
/// from scratch. Each is chosen by its held-out error, means of five draws. REQUIRES: as `candidates`.
ProtocolResult run_devices(std::span<const KnownDevice> devices, std::uint32_t seed,
                           const StepProgress& progress);

}  // namespace foretime
