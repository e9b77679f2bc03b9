#include "calibrate/known_devices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <tuple>

#include "calibrate/adapt.h"
#include "calibrate/mixture.h"

namespace foretime {
namespace {

constexpr std::size_t kMostFolds = 10;
/// 95 % quantiles of Student's t with 1 … 8 degrees of freedom: two-sided 90 %.
constexpr std::array kStudent = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860};

/// `few` in folds, equal structures together.
std::vector<Chosen> folds_of(const Observations& observations, const Chosen& few) {
  std::map<std::uint64_t, Chosen> structures;
  for (const std::uint32_t network : few)
    structures[observations.networks()[network].structure].push_back(network);
  std::vector<Chosen> folds(std::min(kMostFolds, structures.size()));
  std::size_t next = 0;
  for (const auto& [structure, networks] : structures) {
    Chosen& fold = folds[next++ % folds.size()];
    fold.insert(fold.end(), networks.begin(), networks.end());
  }
  for (Chosen& fold : folds) std::sort(fold.begin(), fold.end());
  return folds;
}

double log_error(const Scored& scored) {
  return std::abs(std::log(scored.predicted / scored.measured));
}

double mean_log_error(const std::vector<Scored>& held_out) {
  double sum = 0;
  for (const Scored& scored : held_out) sum += log_error(scored);
  return sum / static_cast<double>(held_out.size());
}

/// The known device's steps, none narrower than what was seen here.
std::vector<IntervalStep> steps_of(const std::vector<IntervalStep>& known, double seen) {
  std::vector<IntervalStep> steps = known;
  for (IntervalStep& step : steps) step.log_error = std::max(step.log_error, seen);
  return steps;
}

/// A model made by `model_of` from the networks it is given.
Candidate moved(const Observations& observations, const Chosen& few,
                const std::function<Fitted(const Chosen&)>& model_of) {
  Candidate candidate;
  candidate.fitted = model_of(few);
  candidate.held_out.resize(few.size());
  std::vector<double> errors;
  for (const Chosen& fold : folds_of(observations, few)) {
    Chosen rest;
    std::set_difference(few.begin(), few.end(), fold.begin(), fold.end(), std::back_inserter(rest));
    Fitted without = model_of(rest);
    without.intervals.clear();
    for (const std::uint32_t network : fold) {
      const Scored scored = predict(observations, without, network);
      errors.push_back(log_error(scored));
      candidate.held_out[std::lower_bound(few.begin(), few.end(), network) - few.begin()] = scored;
    }
  }
  candidate.fitted.intervals = steps_of(candidate.fitted.intervals, log_error_of(std::move(errors)));
  for (std::size_t i = 0; i < few.size(); ++i) {
    const double error =
        log_error_at(candidate.fitted.intervals, novelty(observations, candidate.fitted, few[i]));
    candidate.held_out[i].low = candidate.held_out[i].predicted * std::exp(-error);
    candidate.held_out[i].high = candidate.held_out[i].predicted * std::exp(error);
  }
  candidate.log_error = mean_log_error(candidate.held_out);
  return candidate;
}

Candidate transferred(const KnownDevice& device, const Chosen& few) {
  Candidate candidate = moved(device.observations, few, [&](const Chosen& networks) {
    return transfer(device.observations, device.fitted, networks);
  });
  candidate.what = "from " + device.name;
  return candidate;
}

/// The first three, and how many others.
std::string names_of(std::span<const KnownDevice> devices, const std::vector<std::size_t>& members) {
  constexpr std::size_t kNamed = 3;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, members.size()); ++i)
    names += (i == 0 ? "" : ", ") + devices[members[i]].name;
  return members.size() > kNamed ? names + " and " + std::to_string(members.size() - kNamed) + " others"
                                 : names;
}

Candidate mixed(std::span<const KnownDevice> devices, const std::vector<std::size_t>& members,
                const Chosen& few) {
  const Observations& observations = devices[members[0]].observations;
  std::vector<const Fitted*> known;
  for (const std::size_t member : members) known.push_back(&devices[member].fitted);
  Candidate candidate =
      moved(observations, few, [&](const Chosen& networks) { return mix(observations, known, networks); });
  candidate.what = "mixture of " + names_of(devices, members);
  candidate.device = members[0];
  return candidate;
}

Candidate from_scratch(const KnownDevice& device, const Chosen& few) {
  const Observations& observations = device.observations;
  const AdditiveOptions options = options_for(few.size(), observations.physics());
  Candidate candidate;
  candidate.what = "from scratch as " + device.name;
  candidate.from_scratch = true;
  Calibrated calibrated = fit_with_intervals(observations, few, options, options, {});
  candidate.fitted = std::move(calibrated.fitted);
  candidate.held_out = std::move(calibrated.held_out);
  candidate.log_error = mean_log_error(candidate.held_out);
  return candidate;
}

bool has_two_structures(const Observations& observations, const Chosen& few) {
  std::set<std::uint64_t> structures;
  for (const std::uint32_t network : few) structures.insert(observations.networks()[network].structure);
  return structures.size() > 1;
}

/// The best one first. Of ten networks one fit from scratch in three looks better than a sibling's model that
/// is far better on all others (docs/accuracy.md): where the best design is also that of a device that was
/// fitted on many networks, the error of its moved model counts n / (n + kTrust) of what it is.
void sort_by_trust(std::span<const KnownDevice> devices, std::size_t networks, std::vector<Candidate>& all) {
  constexpr double kTrust = 10;
  const auto by_error = [](const Candidate& a, const Candidate& b) { return a.log_error < b.log_error; };
  std::stable_sort(all.begin(), all.end(), by_error);
  const auto scratch =
      std::find_if(all.begin(), all.end(), [](const Candidate& each) { return each.from_scratch; });
  const std::size_t best = scratch == all.end() ? all.front().device : scratch->device;
  const ModelDesign design = devices[best].observations.design();
  const auto weighed = [&](const Candidate& each) {
    const ModelDesign& own = devices[each.device].observations.design();
    const bool sibling =
        !each.from_scratch && own.fusion_rules == design.fusion_rules && own.physics == design.physics;
    const double count = static_cast<double>(networks);
    return each.log_error * luck(each.rivals, networks) * (sibling ? count / (count + kTrust) : 1);
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Candidate& a, const Candidate& b) { return weighed(a) < weighed(b); });
}

}  // namespace

std::vector<Candidate> candidates(std::span<const KnownDevice> devices, const Chosen& few) {
  std::vector<Candidate> all;
  std::set<std::pair<std::string, std::string>> designs;
  std::map<std::tuple<std::string, std::string, std::vector<std::string>>, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const ModelDesign& design = devices[i].observations.design();
    if (devices[i].moves) {
      alike[{design.fusion_rules, design.physics, design.features}].push_back(i);
    }
    if (!designs.emplace(design.fusion_rules, design.physics).second) continue;
    if (!has_two_structures(devices[i].observations, few)) continue;
    all.push_back(from_scratch(devices[i], few));
    all.back().device = i;
  }
  for (Candidate& each : all) each.rivals = all.size();
  for (const auto& [design, members] : alike) {
    for (const std::size_t member : members) {
      all.push_back(transferred(devices[member], few));
      all.back().device = member;
      all.back().rivals = members.size();
    }
    if (members.size() > 1) all.push_back(mixed(devices, members, few));
  }
  sort_by_trust(devices, few.size(), all);
  return all;
}

double luck(std::size_t candidates, std::size_t networks) {
  constexpr double kLeast = 0.05;
  const double spread = std::sqrt((std::numbers::pi / 2 - 1) / static_cast<double>(networks));
  return 1 / std::max(kLeast, 1 - spread * std::sqrt(2 * std::log(static_cast<double>(candidates))));
}

double log_error_of(std::vector<double> errors) {
  const double largest = conformal_quantile(errors);
  if (errors.size() > kStudent.size()) return largest;
  const double squares = std::inner_product(errors.begin(), errors.end(), errors.begin(), 0.0);
  return std::max(largest,
                  kStudent[errors.size() - 1] * std::sqrt(squares / static_cast<double>(errors.size())));
}

}  // namespace foretime
