#include "calibrate/choose.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "calibrate/adapt.h"
#include "measure/statistics.h"
#include "predictors/novelty.h"

namespace foretime {
namespace {

/// Standard deviations of the unknowns that a relative error is made of: how far off prices are before
/// anything is measured. Only how they compare matters (docs/accuracy.md says what was tried).
constexpr double kResource = 1;
constexpr double kColumn = 0.3;
constexpr double kKind = 0.2;
constexpr double kSort = 0.2;
constexpr double kCoarse = 0.14;
constexpr double kCell = 0.1;
/// Variance of what no kernel explains: noise, and what an additive model cannot say.
constexpr double kNoise = 4e-4;
/// How strongly a long time to measure counts against a network.
constexpr double kCostPower = 0.1;
/// Networks that a gain is judged on: so many stand for a large pool.
constexpr std::size_t kJudged = 1000;

/// A cell's kind, whatever its window and sizes; and the cell with sizes within a factor of about 8.
std::uint32_t kind_of_cell(std::uint32_t cell) {
  return sort_of_cell(cell) / (8 * 2 * 2 * 2);
}
std::uint32_t coarse_cell(std::uint32_t cell) {
  constexpr std::uint32_t kSizes = 22;  // of classes 0 … 63, by threes
  return (sort_of_cell(cell) * kSizes + cell / (64 * 8) % 64 / 3) * kSizes + cell / 8 % 64 / 3;
}

double dot(std::span<const Entry<double>> row, const std::vector<double>& dense) {
  double sum = 0;
  for (const auto& [index, value] : row) sum += value * dense[index];
  return sum;
}

/// What networks' errors are made of in one model's eyes, and what is known of it.
class Uncertainty {
 public:
  Uncertainty(const PoolView& view, const Chosen& pool);

  /// What measuring takes off the mean variance, as a share of the one in the beginning.
  double gain(std::size_t at) const { return gains_[at] / ((kNoise + variances_[at]) * prior_); }
  double left() const { return mean_variance() / prior_; }
  double time(std::size_t at) const { return times_[at]; }
  void measure(std::size_t at);

 private:
  void add_row(const PoolView& view, const std::vector<double>& kernel_times, std::uint32_t network);
  std::uint32_t number_of(std::uint64_t level, std::uint64_t what) {
    return numbers_.try_emplace(level << 32 | what, static_cast<std::uint32_t>(numbers_.size()))
        .first->second;
  }
  double mean_variance() const;
  /// P x, with P the covariance of the unknowns by now.
  void project(std::vector<double>& x) const;

  SparseRows<double> rows_;  // by network of the pool: its share of each unknown, in standard deviations
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  // of unknowns
  std::vector<double> times_;
  std::vector<std::size_t> judged_;
  std::vector<double> variances_;              // xᵀ P x
  std::vector<double> gains_;                  // xᵀ P A P x, with A the mean of x xᵀ over those judged on
  std::vector<std::vector<double>> measured_;  // P = 1 − Σ m mᵀ
  double prior_ = 0;
};

Uncertainty::Uncertainty(const PoolView& view, const Chosen& pool) {
  const std::vector<double> kernels = kernel_times(view.model, view.observations.problem());
  for (const std::uint32_t network : pool) add_row(view, kernels, network);
  const std::size_t step = (pool.size() + kJudged - 1) / kJudged;
  for (std::size_t at = 0; at < pool.size(); at += step) judged_.push_back(at);
  variances_.resize(pool.size());
  gains_.resize(pool.size());
  for (std::size_t at = 0; at < pool.size(); ++at) {
    for (const auto& [index, value] : rows_[at]) variances_[at] += value * value;
  }
  std::vector<double> dense(numbers_.size());
  for (const std::size_t judge : judged_) {
    for (const auto& [index, value] : rows_[judge]) dense[index] = value;
    for (std::size_t at = 0; at < pool.size(); ++at) {
      const double shared = dot(rows_[at], dense);
      gains_[at] += shared * shared / static_cast<double>(judged_.size());
    }
    for (const auto& [index, value] : rows_[judge]) dense[index] = 0;
  }
  prior_ = std::max(mean_variance(), kNoise);
}

void Uncertainty::add_row(const PoolView& view, const std::vector<double>& kernel_times,
                          std::uint32_t network) {
  const AdditiveProblem& problem = view.observations.problem();
  std::unordered_map<std::uint32_t, double> row;
  const Parts parts = parts_of(problem, view.model, kernel_times, network);
  for (std::size_t j = 0; j < problem.columns; ++j) {
    if (parts.columns[j] == 0) continue;
    row[number_of(0, problem.resources[j])] += kResource * parts.columns[j];
    row[number_of(1, j)] += kColumn * parts.columns[j];
  }
  double total = 0;
  for (const auto& [kernel, count] : problem.networks[network]) {
    const double time = kernel_times[kernel] * static_cast<double>(count);
    const std::uint32_t cell = view.observations.cells()[kernel];
    total += time;
    row[number_of(2, kind_of_cell(cell))] += kKind * time;
    row[number_of(3, sort_of_cell(cell))] += kSort * time;
    row[number_of(4, coarse_cell(cell))] += kCoarse * time;
    row[number_of(5, cell)] += kCell * time;
  }
  times_.push_back(total);
  std::vector<Entry<double>> entries;
  for (const auto& [index, value] : row) {
    if (value > 0) entries.push_back({index, value / total});
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  rows_.entries.insert(rows_.entries.end(), entries.begin(), entries.end());
  rows_.close();
}

double Uncertainty::mean_variance() const {
  double sum = 0;
  for (const std::size_t at : judged_) sum += variances_[at];
  return sum / static_cast<double>(judged_.size());
}

void Uncertainty::project(std::vector<double>& x) const {
  // Each direction is measured as P was before it: they are taken off together, from x as it came.
  std::vector<double> along;
  for (const std::vector<double>& each : measured_)
    along.push_back(std::inner_product(each.begin(), each.end(), x.begin(), 0.0));
  for (std::size_t i = 0; i < measured_.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] -= along[i] * measured_[i][j];
  }
}

/// P' = P − v vᵀ / s with v = P x, s = noise + xᵀ P x, for all that is kept of P.
void Uncertainty::measure(std::size_t at) {
  std::vector<double> v(numbers_.size());
  for (const auto& [index, value] : rows_[at]) v[index] = value;
  project(v);
  const double s = kNoise + variances_[at];
  std::vector<double> w(numbers_.size());  // first A v, then P A v
  double vav = 0;
  for (const std::size_t judge : judged_) {
    const double along = dot(rows_[judge], v) / static_cast<double>(judged_.size());
    for (const auto& [index, value] : rows_[judge]) w[index] += along * value;
  }
  vav = std::inner_product(v.begin(), v.end(), w.begin(), 0.0);
  project(w);
  for (std::size_t each = 0; each < variances_.size(); ++each) {
    const double xv = dot(rows_[each], v);
    const double xw = dot(rows_[each], w);
    variances_[each] = std::max(0.0, variances_[each] - xv * xv / s);
    gains_[each] = std::max(0.0, gains_[each] - 2 * xv * xw / s + vav * xv * xv / (s * s));
  }
  for (double& value : v) value /= std::sqrt(s);
  measured_.push_back(std::move(v));
}

/// How much of each network's time is in cells that were met.
class Met {
 public:
  Met(const PoolView& view, const Chosen& pool)
      : view_(view), pool_(pool), times_(kernel_times(view.model, view.observations.problem())) {}

  /// Share of a network's time in cells that were not met.
  double new_share(std::uint32_t network) const {
    double sum = 0;
    double fresh = 0;
    for (const auto& [kernel, count] : view_.observations.problem().networks[network]) {
      const double time = times_[kernel] * static_cast<double>(count);
      sum += time;
      if (!met_.contains(view_.observations.cells()[kernel])) fresh += time;
    }
    return sum > 0 ? fresh / sum : 0;
  }
  void meet(std::uint32_t network) {
    for (const auto& [kernel, count] : view_.observations.problem().networks[network])
      met_.insert(view_.observations.cells()[kernel]);
  }
  double of_pool() const {
    double sum = 0;
    for (const std::uint32_t network : pool_) sum += 1 - new_share(network);
    return sum / static_cast<double>(pool_.size());
  }

 private:
  const PoolView& view_;
  const Chosen& pool_;
  std::vector<double> times_;
  KnownCells met_;
};

}  // namespace

AdditiveModel neutral_model(const Observations& observations, const Chosen& pool) {
  const AdditiveProblem& problem = observations.problem();
  std::vector<std::vector<double>> amounts;  // by resource, of networks that need any of it
  for (const std::uint32_t network : pool) {
    std::vector<double> sums;
    for (const auto& [kernel, count] : problem.networks[network]) {
      for (const auto& [column, amount] : problem.physics[kernel]) {
        sums.resize(std::max<std::size_t>(sums.size(), problem.resources[column] + 1));
        sums[problem.resources[column]] += problem.ratios[column] * amount * static_cast<double>(count);
      }
    }
    amounts.resize(std::max(amounts.size(), sums.size()));
    for (std::size_t resource = 0; resource < sums.size(); ++resource) {
      if (sums[resource] > 0) amounts[resource].push_back(sums[resource]);
    }
  }
  AdditiveModel model;
  model.coefficients.resize(problem.columns);
  for (std::size_t j = 0; j < problem.columns; ++j) {
    const std::uint32_t resource = problem.resources[j];
    if (resource < amounts.size() && !amounts[resource].empty())
      model.coefficients[j] = problem.ratios[j] / median(amounts[resource]);
  }
  return model;
}

std::vector<Choice> choose(std::span<const PoolView> views, const Chosen& pool, const Chosen& known,
                           std::size_t count) {
  std::vector<Uncertainty> uncertainties;
  for (const PoolView& view : views) uncertainties.emplace_back(view, pool);
  Met coverage(views[0], pool);
  std::vector<bool> taken(pool.size());
  const auto take = [&](std::size_t at) {
    taken[at] = true;
    for (Uncertainty& each : uncertainties) each.measure(at);
    coverage.meet(pool[at]);
  };
  for (std::size_t at = 0; at < pool.size(); ++at) {
    if (std::binary_search(known.begin(), known.end(), pool[at])) take(at);
  }
  std::vector<double> costs;
  for (std::size_t at = 0; at < pool.size(); ++at) costs.push_back(uncertainties[0].time(at));
  const double usual = costs.empty() ? 0 : median(costs);
  for (double& cost : costs) cost = usual > 0 ? std::pow(1 + cost / usual, kCostPower) : 1;

  std::vector<Choice> choices;
  const std::size_t open = static_cast<std::size_t>(std::count(taken.begin(), taken.end(), false));
  while (choices.size() < std::min(count, open)) {
    std::size_t best = pool.size();
    double most = -1;
    for (std::size_t at = 0; at < pool.size(); ++at) {
      if (taken[at]) continue;
      double gain = 0;
      for (const Uncertainty& each : uncertainties) gain += each.gain(at);
      gain /= costs[at];
      if (gain > most) {
        most = gain;
        best = at;
      }
    }
    Choice choice{pool[best], uncertainties[0].time(best), coverage.new_share(pool[best])};
    take(best);
    choice.covered = coverage.of_pool();
    for (const Uncertainty& each : uncertainties)
      choice.uncertainty += each.left() / static_cast<double>(views.size());
    choices.push_back(choice);
  }
  return choices;
}

}  // namespace foretime
