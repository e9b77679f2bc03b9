#include "calibrate/stacked_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "regressors/nnls.h"

namespace foretime {
namespace {

constexpr int kTurns = 8;               // of finding sides and rates; the best turn counts
constexpr int kScanTurns = 2;           // while scanning, from the rates before
constexpr double kPrior = 1e-5;         // strength of equal rates, as of the additive model's ratios …
constexpr double kPriorOfFew = 3e-3;    // … by the number of networks
constexpr double kWorthwhile = 0.995;   // a step must take this much off the mean square error
constexpr std::size_t kScanned = 1500;  // networks to scan on
constexpr double kFastest = 1e21;       // what a profile may hold; a side that costs nothing
constexpr std::array kSteps = {2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0};
/// Classes whose arithmetic is laid out over parallel units.
constexpr std::array<std::string_view, 3> kParallel = {"conv", "depthwise_conv", "gemm"};
/// Classes that move data and compute nothing.
constexpr std::array<std::string_view, 2> kMoving = {"data_movement", "other"};

/// Columns by class: operations, bytes, launches.
constexpr std::size_t kSides = 3;
using Prices = std::vector<double>;  // milliseconds per unit, by column

template <typename Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::size_t class_named(std::string_view name) {
  const std::span<const KernelClass> classes = kernel_classes();
  const auto found = std::find_if(classes.begin(), classes.end(),
                                  [&](const KernelClass& each) { return each.name == name; });
  return static_cast<std::size_t>(found - classes.begin());
}

class Fitter {
 public:
  Fitter(ModelKind kind, const AdditiveProblem& problem, std::span<const RooflineKernel> kernels,
         std::vector<std::uint32_t> chosen)
      : linear_(kind == ModelKind::statistical),
        problem_(problem),
        kernels_(kernels),
        chosen_(std::move(chosen)) {
    const std::span<const KernelClass> classes = kernel_classes();
    columns_ = classes.size() * kSides;
    for (std::size_t i = 0; i < columns_; ++i) resources_.push_back(static_cast<std::uint32_t>(i % kSides));
    for (const RooflineKernel& kernel : kernels) {
      class_of_.push_back(class_named(info(kernel.config.kind).kernel_class));
      operations_.push_back(kernel.amounts.operations);
    }
    used_.resize(classes.size());
    std::vector<bool> met(kernels.size());
    for (const std::uint32_t network : chosen_) {
      for (const auto& [kernel, count] : problem.networks[network]) {
        if (!met[kernel]) used_[class_of_[kernel]].push_back(kernel);
        met[kernel] = true;
      }
    }
    strength_ = std::max(kPrior, kPriorOfFew / static_cast<double>(std::max<std::size_t>(1, chosen_.size())));
  }

  void set(const Refinement& refinement) {
    for (std::size_t number = 0; number < used_.size(); ++number) set(refinement, number);
  }
  /// Where only the steps of one class changed.
  void set(const Refinement& refinement, std::size_t kernel_class) {
    for (const std::uint32_t k : used_[kernel_class])
      operations_[k] = kernels_[k].amounts.operations / efficiency(refinement, kernels_[k].config);
  }

  /// The best of so many turns from these prices; without any, from both sides together. Its mean square
  /// error.
  double fit(Prices& prices, int turns) const {
    Prices next = prices;
    double best = prices.empty() ? std::numeric_limits<double>::infinity() : error_of(prices);
    for (int turn = 0; turn < turns; ++turn) {
      next = fitted(next);
      const double error = error_of(next);
      if (error < best) {
        best = error;
        prices = next;
      }
      if (linear_) break;
    }
    if (prices.empty()) prices = next;  // errors that are no numbers
    return best;
  }

  double time_of(const Prices& prices, std::size_t kernel) const {
    const double* own = prices.data() + class_of_[kernel] * kSides;
    const double work = own[0] * operations_[kernel];
    const double moved = own[1] * kernels_[kernel].amounts.bytes;
    return own[2] + (linear_ ? (moves(kernel) ? moved : work) : std::max(work, moved));
  }

  Roofline roofline_of(const Prices& prices) const;

 private:
  bool moves(std::size_t kernel) const { return is_among(kMoving, kernel_classes()[class_of_[kernel]].name); }

  Prices fitted(const Prices& sides) const {
    NormalEquations equations(columns_);
    std::vector<double> row(columns_);
    for (const std::uint32_t network : chosen_) {
      std::fill(row.begin(), row.end(), 0);
      for (const auto& [kernel, count] : problem_.networks[network])
        add(sides, kernel, static_cast<double>(count), row);
      for (double& value : row) value /= problem_.latencies[network];
      equations.add(row, 1);
    }
    const std::vector<double> ratios(columns_, 1);
    return equations.non_negative(equations.prior_of(ratios, resources_), strength_);
  }

  void add(const Prices& sides, std::size_t kernel, double count, std::vector<double>& row) const {
    const std::size_t first = class_of_[kernel] * kSides;
    const double bytes = kernels_[kernel].amounts.bytes;
    bool works = true;
    bool moving = sides.empty();
    if (linear_) {
      moving = moves(kernel);
      works = !moving;
    } else if (!sides.empty()) {
      moving = sides[first + 1] * bytes > sides[first] * operations_[kernel];
      works = !moving;
    }
    if (works) row[first] += operations_[kernel] * count;
    if (moving) row[first + 1] += bytes * count;
    row[first + 2] += count;
  }

  double error_of(const Prices& prices) const {
    std::vector<double> times(kernels_.size(), -1);
    double squares = 0;
    for (const std::uint32_t network : chosen_) {
      double sum = 0;
      for (const auto& [kernel, count] : problem_.networks[network]) {
        if (times[kernel] < 0) times[kernel] = time_of(prices, kernel);
        sum += times[kernel] * static_cast<double>(count);
      }
      const double off = sum / problem_.latencies[network] - 1;
      squares += off * off;
    }
    return squares / static_cast<double>(std::max<std::size_t>(1, chosen_.size()));
  }

  bool linear_;  // one side by class, no maximum
  const AdditiveProblem& problem_;
  std::span<const RooflineKernel> kernels_;
  std::vector<std::uint32_t> chosen_;
  std::size_t columns_ = 0;
  std::vector<std::uint32_t> resources_;
  std::vector<std::size_t> class_of_;             // by kernel
  std::vector<double> operations_;                // by kernel, over its efficiency
  std::vector<std::vector<std::uint32_t>> used_;  // kernels of the chosen networks, by class
  double strength_ = 0;
};

double rate_of(double price) {
  return std::clamp(price > 0 ? 1e3 / price : kFastest, 1.0, kFastest);
}

Roofline Fitter::roofline_of(const Prices& prices) const {
  const std::span<const KernelClass> classes = kernel_classes();
  Roofline roofline;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double* own = prices.data() + i * kSides;
    const bool moving = is_among(kMoving, classes[i].name);
    ClassRates rates;
    rates.ops_per_s = linear_ && moving ? kFastest : rate_of(own[0]);
    rates.bytes_per_s = linear_ && !moving ? kFastest : rate_of(own[1]);
    rates.overhead_ms = own[2];
    roofline.classes.emplace(classes[i].name, rates);
    if (classes[i].name == "conv") {
      roofline.peak_ops_per_s = *rates.ops_per_s;
      roofline.kernel_overhead_ms = own[2];
    }
    if (classes[i].name == "data_movement") roofline.peak_bytes_per_s = *rates.bytes_per_s;
  }
  return roofline;
}

/// Every k-th, such that not many more than kScanned are left.
std::vector<std::uint32_t> sample(std::span<const std::uint32_t> chosen) {
  const std::size_t stride = std::max<std::size_t>(1, chosen.size() / kScanned);
  std::vector<std::uint32_t> some;
  for (std::size_t i = 0; i < chosen.size(); i += stride) some.push_back(chosen[i]);
  return some;
}

/// Steps along one dimension of one class after the other; each stays that lowers the error.
class Scanner {
 public:
  Scanner(Fitter& fitter, Refinement& refinement) : fitter_(fitter), refinement_(refinement) {
    error_ = fitter_.fit(prices_, kTurns);
  }

  void run() {
    for (int round = 0; round < 2; ++round) {
      for (const std::string_view name : kParallel) {
        for (std::size_t dimension = 0; dimension < kDimensionNames.size(); ++dimension)
          scan(name, dimension);
      }
    }
    std::erase_if(refinement_.classes, [](const auto& each) { return each.second == ClassSteps{}; });
  }

 private:
  void scan(std::string_view name, std::size_t dimension) {
    class_ = class_named(name);
    ParallelSteps& steps = refinement_.classes[std::string(name)][dimension];
    ParallelSteps best = steps;
    for (const double par : kSteps) {
      for (const double alpha : {1.0, 0.5}) attempt({par, alpha}, steps, best);
    }
    if (best.par > 1) {
      const double par = best.par;
      for (int tenth = 1; tenth <= 10; ++tenth) attempt({par, tenth / 10.0}, steps, best);
    }
    steps = best;
    fitter_.set(refinement_, class_);
  }

  void attempt(const ParallelSteps& steps, ParallelSteps& place, ParallelSteps& best) {
    place = steps;
    fitter_.set(refinement_, class_);
    Prices prices = prices_;
    const double error = fitter_.fit(prices, kScanTurns);
    if (error >= error_ * kWorthwhile) return;
    error_ = error;
    prices_ = prices;
    best = steps;
  }

  Fitter& fitter_;
  Refinement& refinement_;
  std::size_t class_ = 0;  // at hand
  Prices prices_;
  double error_ = 0;
};

}  // namespace

std::vector<double> base_times(const StackedBase& base, std::span<const RooflineKernel> kernels) {
  std::vector<double> times;
  times.reserve(kernels.size());
  for (const RooflineKernel& kernel : kernels) {
    const KernelRates rates = rates_of(base.roofline, info(kernel.config.kind).kernel_class);
    const double time = roofline_ms(kernel.amounts, rates, efficiency(base.refinement, kernel.config));
    times.push_back(std::max(time, base.floor_ms));
  }
  return times;
}

void scale(StackedBase& base, double factor) {
  for (auto& [name, rates] : base.roofline.classes) {
    rates = {rate_of(factor * 1e3 / *rates.ops_per_s), rate_of(factor * 1e3 / *rates.bytes_per_s),
             factor * *rates.overhead_ms};
  }
}

Refinement scan_steps(ModelKind kind, const AdditiveProblem& problem, std::span<const RooflineKernel> kernels,
                      std::span<const std::uint32_t> chosen) {
  Refinement refinement;
  if (kind != ModelKind::refined && kind != ModelKind::mixed) return refinement;
  Fitter fitter(kind, problem, kernels, sample(chosen));
  Scanner(fitter, refinement).run();
  return refinement;
}

StackedBase fit_base(ModelKind kind, const AdditiveProblem& problem, std::span<const RooflineKernel> kernels,
                     std::span<const std::uint32_t> chosen, const Refinement* known) {
  StackedBase base;
  base.refinement = known != nullptr ? *known : scan_steps(kind, problem, kernels, chosen);
  Fitter fitter(kind, problem, kernels, {chosen.begin(), chosen.end()});
  fitter.set(base.refinement);
  Prices prices;
  fitter.fit(prices, kTurns);
  base.roofline = fitter.roofline_of(prices);
  return base;
}

}  // namespace foretime
