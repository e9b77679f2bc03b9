#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "calibrate/additive_model.h"
#include "calibrate/stacked_model.h"
#include "datasets/measured_network.h"
#include "kernels/detector.h"
#include "kernels/features.h"
#include "kernels/physics.h"

namespace foretime {

/// What a model of one device is learnt from: how networks are cut into kernels, and what is known of a
/// kernel.
struct ModelDesign {
  std::string fusion_rules;  // text
  std::string physics;       // name
  std::vector<std::string> features;
  ModelKind kind = ModelKind::additive;
  Precision precision = {"fp32", 32, 32};  // at which stacked kinds count bytes
};

/// A network that was measured, as far as fitting and scoring need it.
struct Observation {
  std::string id;
  std::string family;
  std::uint64_t structure = 0;  // of equal networks the same
  double latency = 0;           // milliseconds
  double deviation = 0;         // of single runs, milliseconds; 0: not known
  int threads = 1;
};

/// Kernels of a network that were timed by themselves.
struct TimedPart {
  std::string name;  // of the first one's layer that gives it its work
  Kind kind = Kind::none;
};

Observation observation_of(const MeasuredNetwork& network, const MeasuredLatency& latency);

/// Measured networks cut into kernels, each distinct one once.
class Observations {
 public:
  /// Error: rules, physics or features that do not exist.
  explicit Observations(const ModelDesign& design);

  /// A network cut into kernels, not yet among the others.
  struct Cut {
    Observation network;
    std::vector<std::pair<RooflineKernel, float>> kernels;  // each with how often it runs
    struct Part {
      std::vector<std::uint32_t> kernels;  // by their place above
      double latency = 0;                  // milliseconds, all together
      TimedPart what;
    };
    std::vector<Part> parts;  // that were timed by themselves
  };

  /// Several threads may cut at the same time.
  /// Error: the network has no kernel that costs anything, or one whose sizes are not known.
  Cut cut(const MeasuredNetwork& network, const MeasuredLatency& latency) const;
  void add(const Cut& cut);

  const AdditiveProblem& problem() const { return problem_; }
  const std::vector<Observation>& networks() const { return networks_; }
  /// By part of the problem; empty where only whole networks were timed.
  const std::vector<TimedPart>& parts() const { return parts_; }
  /// By kernel: its kind.
  const std::vector<Kind>& kinds() const { return kinds_; }
  /// By kernel: what kernels resemble it (predictors/additive_parameters.h).
  const std::vector<std::uint32_t>& cells() const { return cells_; }
  /// By kernel, of stacked kinds; empty of the additive one.
  const std::vector<RooflineKernel>& kernels() const { return kernels_; }
  const ModelDesign& design() const { return design_; }
  const Physics& physics() const { return physics_; }

 private:
  std::uint32_t number_of(const RooflineKernel& kernel);
  std::uint32_t number_of_new(const RooflineKernel& kernel);

  ModelDesign design_;
  Detector detector_;
  const Physics& physics_;
  std::vector<const Feature*> features_;
  AdditiveProblem problem_;
  std::vector<Observation> networks_;
  std::vector<TimedPart> parts_;
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> cells_;
  struct Hash {
    std::size_t operator()(const RooflineKernel& kernel) const { return KernelConfigHash()(kernel.config); }
  };
  std::vector<RooflineKernel> kernels_;
  std::unordered_map<RooflineKernel, std::uint32_t, Hash> met_;
  std::unordered_map<std::string, std::uint32_t>
      numbers_;  // of kernels, by the bytes of what is known of them
};

}  // namespace foretime
