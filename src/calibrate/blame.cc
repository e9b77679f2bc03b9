#include "calibrate/blame.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace foretime {
namespace {

constexpr std::size_t kBlamed = 3;  // kernels of a network

struct Sums {
  std::size_t kernels = 0;
  double measured = 0;
  double predicted = 0;
  double error = 0;   // relative, weighted
  double weight = 0;  // ms
};

/// The parts that are the network's: from, to.
std::pair<std::size_t, std::size_t> parts_of(const AdditiveProblem& problem, std::uint32_t network) {
  const auto [begin, end] = std::equal_range(problem.network_of.begin(), problem.network_of.end(), network);
  return {begin - problem.network_of.begin(), end - problem.network_of.begin()};
}

void add(Sums& sums, double weight, double measured, double predicted) {
  ++sums.kernels;
  sums.measured += weight * measured;
  sums.predicted += weight * predicted;
  sums.error += weight * std::abs(predicted - measured);
  sums.weight += weight * measured;
}

}  // namespace

std::vector<KindError> errors_by_kind(const Observations& observations, const Fitted& fitted,
                                      const Chosen& chosen, const Calibrated& calibrated) {
  const AdditiveProblem& problem = observations.problem();
  std::map<Kind, Sums> by_kind;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const std::uint32_t network = chosen[i];
    const auto [begin, end] = parts_of(problem, network);
    for (std::size_t part = begin; part < end; ++part) {
      add(by_kind[observations.parts()[part].kind], 1, problem.part_latencies[part],
          calibrated.held_out_parts[part]);
    }
    if (begin < end) continue;
    std::map<Kind, double> shares;
    for (const auto& [kernel, count] : problem.networks[network]) {
      shares[observations.kinds()[kernel]] += fitted.times[kernel] * static_cast<double>(count);
    }
    const Scored& times = calibrated.held_out[i];
    for (const auto& [kind, time] : shares)
      add(by_kind[kind], time / times.predicted, times.measured, times.predicted);
  }
  double all = 0;
  for (const auto& [kind, sums] : by_kind) all += sums.predicted;
  std::vector<KindError> errors;
  for (const auto& [kind, sums] : by_kind) {
    errors.push_back({kind, sums.kernels, 100 * sums.predicted / all, 100 * sums.error / sums.weight,
                      100 * (sums.predicted / sums.measured - 1)});
  }
  std::sort(errors.begin(), errors.end(),
            [](const KindError& a, const KindError& b) { return a.share_percent > b.share_percent; });
  return errors;
}

std::vector<BlamedNetwork> worst_networks(const Observations& observations, const Chosen& chosen,
                                          const Calibrated& calibrated, std::size_t most) {
  const AdditiveProblem& problem = observations.problem();
  std::vector<std::size_t> order(chosen.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto error = [&](std::size_t i) {
    return std::abs(std::log(calibrated.held_out[i].predicted / calibrated.held_out[i].measured));
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return error(a) > error(b); });
  order.resize(std::min(order.size(), most));
  std::vector<BlamedNetwork> worst;
  for (const std::size_t i : order) {
    BlamedNetwork network{observations.networks()[chosen[i]].id, calibrated.held_out[i], {}};
    const double sign = network.times.predicted > network.times.measured ? 1 : -1;
    const auto [begin, end] = parts_of(problem, chosen[i]);
    for (std::size_t part = begin; part < end; ++part) {
      network.kernels.push_back(
          {observations.parts()[part], problem.part_latencies[part], calibrated.held_out_parts[part]});
    }
    std::sort(network.kernels.begin(), network.kernels.end(),
              [&](const BlamedKernel& a, const BlamedKernel& b) {
                return sign * (a.predicted - a.measured) > sign * (b.predicted - b.measured);
              });
    network.kernels.resize(std::min(network.kernels.size(), kBlamed));
    worst.push_back(std::move(network));
  }
  return worst;
}

}  // namespace foretime
