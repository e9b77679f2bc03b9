#include "calibrate/fitted.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "base/error.h"

namespace foretime {
namespace {

constexpr std::uint32_t kFolds = 5;
/// Steps of novelty; networks of known families lie in the first, as a rule.
constexpr std::array kSteps = {0.02, 0.1, 0.3, 0.6, 1.0};
/// Where no left-out family was as new as that: how far off a price by physics alone may be, a factor of 2
/// where nearly all is new. An assumption, as wide as the roofline's own interval.
constexpr std::array kAssumed = {0.05, 0.1, 0.2, 0.4, 0.7};
/// Fewer networks of a step say little about its quantile.
constexpr std::size_t kLeastOfStep = 20;
/// So few structures may share all but one fold by their hashes: they are dealt out in turn.
constexpr std::size_t kFewStructures = 100;
/// A family that was never measured is priced mostly by physics: its errors do not need all the trees.
constexpr int kFamilyRounds = 60;

Residual residual_of(const Observations& observations, const Fitted& fitted, std::uint32_t network) {
  const double time = network_time(fitted.model, observations.problem(), fitted.times, network);
  return {novelty(observations, fitted, network),
          std::abs(std::log(time / observations.problem().latencies[network])), time};
}

/// Steps of novelty that share a width.
struct Pool {
  std::vector<double> errors;
  double log_error = 0;
  std::size_t steps = 1;
};

/// More novelty is not predicted better: neighbours of which the errors say so are one (as isotonic
/// regression pools what violates the order: Ayer and others 1955).
void pool_violators(std::vector<Pool>& pools) {
  while (pools.size() > 1) {
    Pool& before = pools[pools.size() - 2];
    Pool& last = pools.back();
    if (last.log_error >= before.log_error) return;
    before.errors.insert(before.errors.end(), last.errors.begin(), last.errors.end());
    before.steps += last.steps;
    before.log_error = conformal_quantile(before.errors);
    pools.pop_back();
  }
}

std::vector<IntervalStep> steps_of(const std::vector<Residual>& at_home,
                                   const std::vector<Residual>& abroad) {
  std::vector<Pool> pools;
  double largest = 0;
  for (const auto* residuals : {&at_home, &abroad}) {
    for (const Residual& residual : *residuals) largest = std::max(largest, residual.log_error);
  }
  double low = -1;
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    std::vector<double> errors;
    const auto add = [&](const std::vector<Residual>& residuals) {
      for (const Residual& residual : residuals) {
        if (residual.novelty > low && residual.novelty <= kSteps[i]) errors.push_back(residual.log_error);
      }
    };
    add(at_home);
    // Families left out also look like home where they share all kernels; their bias is not that of networks
    // of known families.
    if (i > 0 || errors.size() < kLeastOfStep) add(abroad);
    low = kSteps[i];
    if (errors.size() >= kLeastOfStep) {
      const double own = conformal_quantile(errors);
      // Of families that are not known, errors say too little to narrow anything.
      const double least = pools.empty() || abroad.empty() ? 0 : pools.back().log_error;
      pools.push_back({std::move(errors), std::max(own, least)});
      pool_violators(pools);
      continue;
    }
    // In front there is no step to be at least as wide as: a few errors say that the largest may come again.
    const double before = pools.empty() ? largest : pools.back().log_error;
    pools.push_back({std::move(errors), std::max(before, kAssumed[i])});
  }
  std::vector<IntervalStep> steps;
  for (const Pool& pool : pools) {
    for (std::size_t i = 0; i < pool.steps; ++i)
      steps.push_back({kSteps[steps.size()], std::min(pool.log_error, kMostLogError)});
  }
  return steps;
}

/// Without trees nothing rests on kernels that were seen: one width for all, as wide as for families left
/// out.
std::vector<IntervalStep> one_step(const std::vector<Residual>& at_home,
                                   const std::vector<Residual>& abroad) {
  double widest = 0;
  for (const auto* residuals : {&at_home, &abroad}) {
    std::vector<double> errors;
    for (const Residual& residual : *residuals) errors.push_back(residual.log_error);
    if (!errors.empty()) widest = std::max(widest, conformal_quantile(std::move(errors)));
  }
  return {{1, std::min(widest, kMostLogError)}};
}

void add_interval(const Fitted& fitted, double novelty, Scored& scored) {
  const double error = log_error_at(fitted.intervals, novelty) * fitted.stretch.at(scored.predicted);
  scored.low = scored.predicted * std::exp(-error);
  scored.high = scored.predicted * std::exp(error);
}

/// Runs `work` for 0 … count − 1 on all processors.
void run_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto worker = [&] {
    for (std::size_t i; (i = next++) < count;) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
      }
    }
  };
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, count);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(worker);
  worker();
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

/// Networks kept apart together: the positions of one fold, or of one family, in `chosen`.
struct Group {
  std::string what;
  bool family = false;
  Chosen rest;
  std::vector<std::size_t> apart;
};

Group group_of(const Observations& observations, const Chosen& chosen, std::string what, bool family,
               const std::function<bool(const Observation&)>& is_apart) {
  Group group{std::move(what), family, {}, {}};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (is_apart(observations.networks()[chosen[i]])) {
      group.apart.push_back(i);
    } else {
      group.rest.push_back(chosen[i]);
    }
  }
  return group;
}

/// The fold of every structure. Error: there are fewer than two.
std::map<std::uint64_t, std::uint64_t> folds_of(const Observations& observations, const Chosen& chosen) {
  std::map<std::uint64_t, std::uint64_t> folds;
  for (const std::uint32_t network : chosen) {
    // Not the digits of the hash that protocols split by.
    const std::uint64_t structure = observations.networks()[network].structure;
    folds[structure] = (structure >> 20) % kFolds;
  }
  if (folds.size() < 2) {
    throw Error("fit", std::to_string(chosen.size()) + " measured networks, no two of them different",
                "at least two different networks on the device");
  }
  std::uint64_t next = 0;
  if (folds.size() > kFewStructures) return folds;
  for (auto& [structure, fold] : folds) fold = next++ % kFolds;
  return folds;
}

std::vector<Group> groups_of(const Observations& observations, const Chosen& chosen) {
  std::vector<Group> groups;
  const std::map<std::uint64_t, std::uint64_t> folds = folds_of(observations, chosen);
  for (std::uint64_t fold = 0; fold < kFolds; ++fold) {
    groups.push_back(
        group_of(observations, chosen, "fold " + std::to_string(fold + 1), false,
                 [&](const Observation& network) { return folds.at(network.structure) == fold; }));
  }
  std::set<std::string> families;
  for (const std::uint32_t network : chosen) families.insert(observations.networks()[network].family);
  if (families.size() > 2) {
    for (const std::string& family : families) {
      groups.push_back(group_of(observations, chosen, family, true,
                                [&](const Observation& network) { return network.family == family; }));
    }
  }
  std::erase_if(groups, [](const Group& group) { return group.apart.empty() || group.rest.empty(); });
  return groups;
}

/// Times of those parts that are the network's, into `times`, by part.
void predict_parts(const Observations& observations, const Fitted& fitted, std::uint32_t network,
                   std::vector<double>& times) {
  const AdditiveProblem& problem = observations.problem();
  const auto [begin, end] = std::equal_range(problem.network_of.begin(), problem.network_of.end(), network);
  for (auto part = begin; part != end; ++part) {
    const auto at = static_cast<std::size_t>(part - problem.network_of.begin());
    for (const auto& [kernel, count] : problem.parts[at])
      times[at] += fitted.times[kernel] * static_cast<double>(count);
  }
}

/// What each network counts.
std::vector<double> weights_of(const Observations& observations, const Chosen& chosen,
                               const AdditiveOptions& options) {
  std::vector<double> weights;
  for (const std::uint32_t network : chosen) {
    const Observation& measured = observations.networks()[network];
    const double deviation = options.noise > 0 ? measured.deviation / measured.latency / options.noise : 0;
    weights.push_back(1 / (1 + deviation * deviation));
  }
  return weights;
}

/// Trees correct a base that is the only column of the additive model.
void fit_stacked(const Observations& observations, const Chosen& chosen, const AdditiveOptions& options,
                 const Refinement* known, Fitted& fitted) {
  const ModelKind kind = observations.design().kind;
  fitted.base = fit_base(kind, observations.problem(), observations.kernels(), chosen, known);
  fitted.times = base_times(*fitted.base, observations.kernels());
  if (!has_trees(kind)) return;
  AdditiveProblem corrected = observations.problem();
  corrected.columns = 1;
  corrected.ratios = {1};
  corrected.resources = {kWorkResource};
  corrected.physics = {};
  for (const double time : fitted.times) {
    corrected.physics.entries.push_back({0, time});
    corrected.physics.close();
  }
  fitted.model = fit_additive(corrected, chosen, weights_of(observations, chosen, options), options);
  scale(*fitted.base, fitted.model.coefficients[0]);
  fitted.base->floor_ms = fitted.model.floor;
  fitted.times = kernel_times(fitted.model, corrected);
}

}  // namespace

Fitted fit(const Observations& observations, const Chosen& chosen, const AdditiveOptions& options,
           const Refinement* known, const Chosen* needed) {
  const AdditiveProblem& problem = observations.problem();
  Fitted fitted;
  if (observations.design().kind == ModelKind::additive) {
    fitted.model = fit_additive(problem, chosen, weights_of(observations, chosen, options), options);
    fitted.times = needed == nullptr ? kernel_times(fitted.model, problem)
                                     : kernel_times(fitted.model, problem, *needed);
  } else {
    fit_stacked(observations, chosen, options, known, fitted);
  }
  std::map<std::uint32_t, int> networks_of;
  for (const std::uint32_t network : chosen) {
    std::set<std::uint32_t> cells;
    for (const auto& [kernel, count] : problem.networks[network]) cells.insert(observations.cells()[kernel]);
    for (const std::uint32_t cell : cells) ++networks_of[cell];
  }
  for (const auto& [cell, count] : networks_of) {
    if (count >= Fitted::kLeastNetworks) fitted.known.insert(cell);
  }
  return fitted;
}

Calibrated fit_with_intervals(const Observations& observations, const Chosen& chosen,
                              const AdditiveOptions& options, const AdditiveOptions& apart,
                              const StepProgress& progress) {
  const std::vector<Group> groups = groups_of(observations, chosen);
  Calibrated result;
  result.held_out.resize(chosen.size());
  result.held_out_parts.resize(observations.parts().size());
  result.residuals.resize(chosen.size());
  std::mutex mutex;
  int done = 0;
  // Few numbers for thousands of networks: what a fold would find differs by little.
  const Refinement parallelism =
      scan_steps(observations.design().kind, observations.problem(), observations.kernels(), chosen);
  const Refinement* known = &parallelism;
  const auto step = [&](const std::string& what) {
    ++done;
    if (progress) progress(done, static_cast<int>(groups.size() + 1), what);
  };
  const auto fit_all = [&] {
    Fitted fitted = fit(observations, chosen, options, known);
    const std::lock_guard lock(mutex);
    result.fitted = std::move(fitted);
    step("all networks");
  };
  const auto fit_without = [&](const Group& group) {
    AdditiveOptions own = apart;
    if (group.family) own.rounds = std::min(own.rounds, kFamilyRounds);
    const Fitted model = fit(observations, group.rest, own, known, &chosen);
    const std::lock_guard lock(mutex);
    for (const std::size_t at : group.apart) {
      const Residual residual = residual_of(observations, model, chosen[at]);
      if (group.family) {
        result.abroad.push_back(residual);
        continue;
      }
      result.residuals[at] = residual;
      result.held_out[at] = predict(observations, model, chosen[at]);
      predict_parts(observations, model, chosen[at], result.held_out_parts);
    }
    step(group.what);
  };
  // The longest first, so that the last processor to finish does not finish much later.
  run_parallel(groups.size() + 1, [&](std::size_t i) { i == 0 ? fit_all() : fit_without(groups[i - 1]); });
  std::vector<std::size_t> all(chosen.size());
  std::iota(all.begin(), all.end(), 0U);
  set_intervals(observations, all, result);
  return result;
}

void set_stretch(std::span<const std::size_t> places, Calibrated& calibrated) {
  constexpr std::size_t kLeast = 40;
  constexpr double kMostExponent = 0.5;
  calibrated.fitted.stretch = {};
  if (places.size() < kLeast) return;
  std::vector<Residual> residuals;
  for (const std::size_t place : places) residuals.push_back(calibrated.residuals[place]);
  std::sort(residuals.begin(), residuals.end(),
            [](const Residual& a, const Residual& b) { return a.milliseconds < b.milliseconds; });
  const std::size_t half = residuals.size() / 2;
  struct Half {
    double error;         // mean
    double milliseconds;  // median
  };
  const auto half_of = [](std::span<const Residual> part) {
    double sum = 0;
    for (const Residual& residual : part) sum += residual.log_error;
    return Half{sum / static_cast<double>(part.size()), part[part.size() / 2].milliseconds};
  };
  const Half shorter = half_of(std::span(residuals).first(half));
  const Half longer = half_of(std::span(residuals).subspan(half));
  if (longer.error <= 0 || shorter.error <= longer.error || shorter.milliseconds >= longer.milliseconds) return;
  const double exponent =
      std::log(shorter.error / longer.error) / std::log(longer.milliseconds / shorter.milliseconds);
  calibrated.fitted.stretch = {residuals[half].milliseconds, std::min(exponent, kMostExponent)};
}

void set_intervals(const Observations& observations, std::span<const std::size_t> places,
                   Calibrated& calibrated) {
  Fitted& fitted = calibrated.fitted;
  const auto scaled = [&](Residual residual) {
    residual.log_error /= fitted.stretch.at(residual.milliseconds);
    return residual;
  };
  std::vector<Residual> at_home;
  for (const std::size_t place : places) at_home.push_back(scaled(calibrated.residuals[place]));
  std::vector<Residual> abroad;
  for (const Residual& residual : calibrated.abroad) abroad.push_back(scaled(residual));
  fitted.intervals =
      has_trees(observations.design().kind) ? steps_of(at_home, abroad) : one_step(at_home, abroad);
  for (std::size_t i = 0; i < calibrated.held_out.size(); ++i)
    add_interval(fitted, calibrated.residuals[i].novelty, calibrated.held_out[i]);
}

Scored predict(const Observations& observations, const Fitted& fitted, std::uint32_t network) {
  Scored scored;
  scored.measured = observations.problem().latencies[network];
  scored.predicted = network_time(fitted.model, observations.problem(), fitted.times, network);
  if (!fitted.intervals.empty())
    add_interval(fitted, novelty(observations, fitted, network), scored);
  return scored;
}

double novelty(const Observations& observations, const Fitted& fitted, std::uint32_t network) {
  double known = 0;
  double sum = 0;
  for (const auto& [kernel, count] : observations.problem().networks[network]) {
    const double time = fitted.times[kernel] * static_cast<double>(count);
    sum += time;
    if (fitted.known.contains(observations.cells()[kernel])) known += time;
  }
  return sum > 0 ? 1 - known / sum : 1;
}

}  // namespace foretime
