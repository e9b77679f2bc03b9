#include "calibrate/additive_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "predictors/additive_parameters.h"
#include "regressors/nnls.h"

namespace foretime {
namespace {

/// A base below this share of the median one is no estimate: the kernel would be free whatever trees say.
constexpr double kFloorShare = 1e-3;

std::vector<double> base_times(const AdditiveModel& model, const AdditiveProblem& problem) {
  std::vector<double> times(problem.physics.size());
  for (std::uint32_t i = 0; i < times.size(); ++i) times[i] = base_time(model, problem, i);
  return times;
}

/// One sum that was measured: a network, or a part of one.
struct Sum {
  std::span<const Entry<float>> kernels;
  double latency;  // milliseconds
  double weight;
  bool whole;  // the network's overhead belongs to it
};

/// Shorter parts than this are timed no better than to it, milliseconds.
constexpr double kLeastTimed = 0.002;

std::vector<Sum> sums_of(const AdditiveProblem& problem, std::span<const std::uint32_t> chosen,
                         std::span<const double> weights, const AdditiveOptions& options) {
  std::vector<Sum> sums;
  std::vector<double> weight_of(problem.networks.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    sums.push_back({problem.networks[chosen[i]], problem.latencies[chosen[i]], weights[i], true});
    weight_of[chosen[i]] = weights[i];
  }
  std::vector<double> total(problem.networks.size());
  const auto raw_weight = [&](std::size_t part) {
    const double time = problem.part_latencies[part];
    return std::sqrt(time) * time / (time + kLeastTimed);
  };
  for (std::size_t part = 0; part < problem.parts.size(); ++part) {
    total[problem.network_of[part]] += raw_weight(part);
  }
  for (std::size_t part = 0; part < problem.parts.size(); ++part) {
    const std::uint32_t network = problem.network_of[part];
    const double weight = weight_of[network] * options.parts * raw_weight(part) / total[network];
    if (weight > 0) sums.push_back({problem.parts[part], problem.part_latencies[part], weight, false});
  }
  return sums;
}

/// The physical columns over all kernels of a sum, and 1 for the overhead.
void amounts_of(const AdditiveProblem& problem, const Sum& sum, std::vector<double>& row) {
  row.assign(problem.columns + 1, 0);
  for (const auto& [kernel, count] : sum.kernels) {
    for (const auto& [column, amount] : problem.physics[kernel])
      row[column] += amount * static_cast<double>(count);
  }
  row.back() = sum.whole ? 1 : 0;
}

/// The least squares of relative errors; with `prices`, those of logarithms as seen from there (a
/// Gauss-Newton step), which do not count what is predicted too low less than what is predicted too high.
NormalEquations equations_of(const AdditiveProblem& problem, const std::vector<Sum>& sums, double clip,
                             std::span<const double> prices) {
  NormalEquations equations(problem.columns + 1);
  std::vector<double> row;
  for (const Sum& sum : sums) {
    amounts_of(problem, sum, row);
    const double predicted = std::inner_product(prices.begin(), prices.end(), row.begin(), 0.0);
    const double unit = predicted > 0 ? predicted : sum.latency;
    double residual = std::log(unit / sum.latency);
    if (clip > 0) residual = std::clamp(residual, -clip, clip);
    for (double& value : row) value /= unit;
    equations.add(row, 1 - residual, sum.weight);
  }
  return equations;
}

void fit_base(const AdditiveProblem& problem, const std::vector<Sum>& sums, const AdditiveOptions& options,
              AdditiveModel& model) {
  NormalEquations equations = equations_of(problem, sums, options.clip, {});
  // The overhead is a resource of its own; of ratio 0 it stays out.
  std::vector<double> ratios = problem.ratios;
  std::vector<std::uint32_t> resources = problem.resources;
  ratios.push_back(options.overhead ? 1 : 0);
  resources.push_back(resources.empty() ? 0 : *std::max_element(resources.begin(), resources.end()) + 1);
  const std::vector<double> prior = equations.prior_of(ratios, resources);
  std::vector<double> strengths(prior.size(), options.prior);
  model.coefficients = equations.non_negative(prior, strengths);
  for (int round = 1; round < options.base_rounds; ++round) {
    // A price far above its prior is held by how far off the prior is of it.
    for (std::size_t i = 0; i < prior.size(); ++i) {
      const double share = std::min(prior[i] / std::max(model.coefficients[i], 1e-300), 1.0);
      strengths[i] = options.prior * share * share;
    }
    model.coefficients =
        equations_of(problem, sums, options.clip, model.coefficients).non_negative(prior, strengths);
  }
  model.overhead = model.coefficients.back();
  model.coefficients.pop_back();
  std::vector<double> times = base_times(model, problem);
  std::erase_if(times, [](double time) { return time <= 0; });
  if (times.empty()) return;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  model.floor = *middle * kFloorShare;
}

/// The kernels that the sums are made of, renumbered: the others teach nothing.
struct Used {
  std::vector<std::uint32_t> kernels;  // their numbers in the problem
  std::vector<float> rows;
  SparseRows<float> sums;
};

Used used_of(const AdditiveProblem& problem, const std::vector<Sum>& sums) {
  Used used;
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> number(problem.physics.size(), kNone);
  for (const Sum& sum : sums) {
    for (const auto& [kernel, count] : sum.kernels) {
      if (number[kernel] == kNone) {
        number[kernel] = static_cast<std::uint32_t>(used.kernels.size());
        used.kernels.push_back(kernel);
        const float* row = problem.rows.data() + kernel * problem.features;
        used.rows.insert(used.rows.end(), row, row + problem.features);
      }
      used.sums.entries.push_back({number[kernel], count});
    }
    used.sums.close();
  }
  return used;
}

/// One round's derivatives by kernel.
void derive(const Used& used, const std::vector<Sum>& sums, std::span<const double> times, double overhead,
            double clip, std::vector<double>& first, std::vector<double>& second) {
  std::fill(first.begin(), first.end(), 0);
  std::fill(second.begin(), second.end(), 0);
  for (std::size_t n = 0; n < sums.size(); ++n) {
    double total = sums[n].whole ? overhead : 0;
    for (const auto& [kernel, count] : used.sums[n]) total += times[kernel] * static_cast<double>(count);
    double residual = std::log(total / sums[n].latency);
    if (clip > 0) residual = std::clamp(residual, -clip, clip);
    const double share = sums[n].weight / total;
    for (const auto& [kernel, count] : used.sums[n]) {
      first[kernel] += static_cast<double>(count) * share * residual;
      second[kernel] += static_cast<double>(count) * share;
    }
  }
}

void boost(const AdditiveProblem& problem, const std::vector<Sum>& sums, const AdditiveOptions& options,
           const FitProgress& progress, AdditiveModel& model) {
  const Used used = used_of(problem, sums);
  std::vector<double> base;
  for (const std::uint32_t kernel : used.kernels) base.push_back(base_time(model, problem, kernel));

  BoostedTrees trees(used.rows, problem.features, options.boost);
  std::vector<double> times = base;
  std::vector<double> first(times.size());
  std::vector<double> second(times.size());
  std::vector<float> gradient(times.size());
  std::vector<float> hessian(times.size());
  for (int round = 0; round < options.rounds; ++round) {
    derive(used, sums, times, model.overhead, options.clip, first, second);
    for (std::size_t k = 0; k < times.size(); ++k) {
      gradient[k] = static_cast<float>(times[k] * first[k]);
      hessian[k] = static_cast<float>(times[k] * second[k]);
    }
    trees.boost(gradient, hessian);
    const std::span<const float> added = trees.sums();
    for (std::size_t k = 0; k < times.size(); ++k) {
      times[k] =
          base[k] * std::exp(std::clamp(static_cast<double>(added[k]), -kMostCorrection, kMostCorrection));
    }
    if (progress) progress(round + 1);
  }
  model.corrections = TreeEnsemble(problem.features, trees.trees(), "XGBoost");
}

}  // namespace

double base_time(const AdditiveModel& model, const AdditiveProblem& problem, std::uint32_t kernel) {
  double sum = 0;
  for (const auto& [column, amount] : problem.physics[kernel]) sum += model.coefficients[column] * amount;
  return std::max(sum, model.floor);
}

namespace {

/// The base times of these kernels become what trees make of them. `rows` are the kernels' own.
void correct(const AdditiveModel& model, std::span<const float> rows, std::span<double> times) {
  if (model.corrections.trees() == 0) return;
  std::vector<double> sums(times.size());
  model.corrections.predict(rows, sums);
  for (std::size_t k = 0; k < times.size(); ++k) {
    times[k] *= std::exp(std::clamp(sums[k], -kMostCorrection, kMostCorrection));
  }
}

}  // namespace

std::vector<double> kernel_times(const AdditiveModel& model, const AdditiveProblem& problem) {
  std::vector<double> times = base_times(model, problem);
  correct(model, problem.rows, times);
  return times;
}

std::vector<double> kernel_times(const AdditiveModel& model, const AdditiveProblem& problem,
                                 std::span<const std::uint32_t> networks) {
  std::vector<std::uint32_t> kernels;
  for (const std::uint32_t network : networks) {
    for (const auto& [kernel, count] : problem.networks[network]) kernels.push_back(kernel);
  }
  std::sort(kernels.begin(), kernels.end());
  kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
  std::vector<float> rows;
  std::vector<double> some;
  for (const std::uint32_t kernel : kernels) {
    const float* row = problem.rows.data() + kernel * problem.features;
    rows.insert(rows.end(), row, row + problem.features);
    some.push_back(base_time(model, problem, kernel));
  }
  correct(model, rows, some);
  std::vector<double> times(problem.physics.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) times[kernels[i]] = some[i];
  return times;
}

double network_time(const AdditiveModel& model, const AdditiveProblem& problem, std::span<const double> times,
                    std::size_t network) {
  double total = model.overhead;
  for (const auto& [kernel, count] : problem.networks[network])
    total += times[kernel] * static_cast<double>(count);
  return total;
}

AdditiveOptions options_for(std::size_t networks, const Physics& physics) {
  constexpr std::size_t kMany = 1000;
  const bool many = networks >= kMany;
  const double count = static_cast<double>(std::max<std::size_t>(1, networks));
  AdditiveOptions options;
  if (physics.repeatable) {
    options.prior = std::max(1e-4, 3e-2 / count);
    options.rounds = many ? 600 : 300;
    options.boost.rate = many ? 0.3 : 0.15;
    options.boost.ridge = many ? 0.1 : 0.3;
    options.boost.min_child_weight = many ? 0.1 : 0.05;
    options.boost.columns_per_split = 0.5;
    return options;
  }
  options.prior = std::max(1e-5, 3e-3 / count);
  options.rounds = many ? 400 : 60;
  options.boost.rate = many ? 0.3 : 0.2;
  options.boost.ridge = 10;
  options.boost.min_child_weight = std::clamp(count / 40, 2.0, 20.0);
  options.boost.bins = 128;
  return options;
}

AdditiveModel fit_additive(const AdditiveProblem& problem, std::span<const std::uint32_t> chosen,
                           std::span<const double> weights, const AdditiveOptions& options,
                           const FitProgress& progress) {
  const std::vector<Sum> sums = sums_of(problem, chosen, weights, options);
  AdditiveModel model;
  fit_base(problem, sums, options, model);
  if (options.rounds > 0) boost(problem, sums, options, progress, model);
  return model;
}

}  // namespace foretime
