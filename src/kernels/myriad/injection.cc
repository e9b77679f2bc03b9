#include "kernels/myriad/injection.h"

#include <algorithm>
#include <set>
#include <vector>

#include "kernels/myriad/engine.h"
#include "kernels/quantities.h"

namespace foretime::myriad {
namespace {

using Number = std::uint32_t;  // of a kernel

bool runs_on_engine(const Kernel& kernel) {
  return is_engine_kind(kernel.kind());
}
bool can_be_hosted(const Kernel& kernel) {
  const Kind kind = kernel.kind();
  return kind == Kind::elementwise || kind == Kind::broadcast || kind == Kind::normalization ||
         kind == Kind::transpose || kind == Kind::split;
}

/// The kernels as stages, two of which may have become one.
class Stages {
 public:
  explicit Stages(const KernelGraph& graph)
      : next_(graph.kernels.size()), previous_(graph.kernels.size()), gone_(graph.kernels.size()) {
    for (const Flow& flow : graph.flows) {
      next_[flow.from].insert(flow.to);
      previous_[flow.to].insert(flow.from);
    }
    for (Number i = 0; i < gone_.size(); ++i) gone_[i] = graph.kernels[i].kind() == Kind::none;
    sort();
  }

  /// Place in the order of execution.
  Number place(Number stage) const { return place_[stage]; }
  bool are_independent(Number host, Number guest) const;
  /// The guest becomes a part of the host.
  void merge(Number host, Number guest);

 private:
  void sort();
  /// Depth first; stages are appended to `done` after all that read them.
  void visit(Number first, std::vector<bool>& seen, std::vector<Number>& done) const;

  std::vector<std::set<Number>> next_;
  std::vector<std::set<Number>> previous_;
  std::vector<bool> gone_;
  std::vector<Number> place_;
};

void Stages::visit(Number first, std::vector<bool>& seen, std::vector<Number>& done) const {
  // The last reader is visited first and so ends up last.
  struct Step {
    Number stage;
    std::set<Number>::const_reverse_iterator reader;
  };
  std::vector<Step> path = {{first, next_[first].rbegin()}};
  seen[first] = true;
  while (!path.empty()) {
    Step& step = path.back();
    if (step.reader == next_[step.stage].rend()) {
      done.push_back(step.stage);
      path.pop_back();
      continue;
    }
    const Number reader = *step.reader++;
    if (seen[reader]) continue;
    seen[reader] = true;
    path.push_back({reader, next_[reader].rbegin()});
  }
}

void Stages::sort() {
  std::vector<Number> done;
  std::vector<bool> seen = gone_;
  for (Number i = static_cast<Number>(next_.size()); i-- > 0;) {
    if (!seen[i] && previous_[i].empty()) visit(i, seen, done);
  }
  place_.assign(next_.size(), 0);
  for (std::size_t i = 0; i < done.size(); ++i) place_[done[i]] = static_cast<Number>(done.size() - 1 - i);
}

bool Stages::are_independent(Number host, Number guest) const {
  const auto before = [&](Number stage) {
    return [this, stage](Number other) { return place_[other] < place_[stage]; };
  };
  const bool later = place_[guest] > place_[host];
  const std::set<Number>& needed = previous_[later ? guest : host];
  return std::all_of(needed.begin(), needed.end(), before(later ? host : guest));
}

void Stages::merge(Number host, Number guest) {
  for (const Number other : previous_[guest]) {
    next_[other].erase(guest);
    if (other == host) continue;
    next_[other].insert(host);
    previous_[host].insert(other);
  }
  for (const Number other : next_[guest]) {
    previous_[other].erase(guest);
    if (other == host) continue;
    previous_[other].insert(host);
    next_[host].insert(other);
  }
  next_[guest].clear();
  previous_[guest].clear();
  gone_[guest] = true;
  sort();
}

/// Kernels for which `chosen` holds, in the order of execution.
template <typename Chosen>
std::vector<Number> in_order(const KernelGraph& graph, const Stages& stages, const Chosen& chosen) {
  std::vector<Number> numbers;
  for (Number i = 0; i < graph.kernels.size(); ++i) {
    if (chosen(graph.kernels[i])) numbers.push_back(i);
  }
  std::sort(numbers.begin(), numbers.end(),
            [&](Number a, Number b) { return stages.place(a) < stages.place(b); });
  return numbers;
}

std::int64_t whole(double amount) {
  return static_cast<std::int64_t>(std::min(amount, 1e18));
}

void pair(KernelConfig& host, KernelConfig& guest) {
  guest.hosted = true;
  guest.host_macs = whole(macs(host));
  host.hosted_kind = guest.kind;
  host.hosted_elements = whole(out_elements(guest));
}

}  // namespace

void host_software(KernelGraph& graph, int /*threads*/) {
  if (graph.kernels.size() > kMostKernels || graph.flows.size() > 4 * kMostKernels) return;
  Stages stages(graph);
  const std::vector<Number> hosts = in_order(graph, stages, runs_on_engine);
  std::vector<Number> guests = in_order(graph, stages, can_be_hosted);
  for (const Number host : hosts) {
    const auto guest = std::find_if(guests.begin(), guests.end(),
                                    [&](Number each) { return stages.are_independent(host, each); });
    if (guest == guests.end()) continue;
    stages.merge(host, *guest);
    pair(graph.kernels[host].config, graph.kernels[*guest].config);
    guests.erase(guest);
  }
}

}  // namespace foretime::myriad
