#include "api/design.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/devices.h"
#include "base/error.h"
#include "base/mapped_file.h"

namespace foretime::api {
namespace {

/// What runtimes of CPUs fuse, as a rule: normalisations into convolutions, activations into what makes their
/// input.
constexpr std::string_view kCpuRules = R"(remove Identity Dropout
set cut = Relu Clip LeakyRelu PRelu
set fusing = conv depthwise_conv gemm Add Mul max_pool average_pool BatchNormalization
fuse conv + BatchNormalization
fuse depthwise_conv + BatchNormalization
fuse fusing + cut
)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPhysicsOfProcessor = {
    {{"cpu", "cpu"}, {"gpu", "gpu"}, {"vpu", "myriad"}}};

std::string physics_of(const FitRequest& request, const DeviceProfile& like) {
  if (!request.physics.empty()) return request.physics;
  const auto found = std::find_if(kPhysicsOfProcessor.begin(), kPhysicsOfProcessor.end(),
                                  [&](const auto& row) { return row.first == like.processor; });
  return std::string(found == kPhysicsOfProcessor.end() ? "cpu" : found->second);
}

}  // namespace

DeviceProfile profile_like(const FitRequest& request) {
  const std::string name = request.name.empty() ? request.column : request.name;
  std::string like = request.like;
  if (like.empty()) {
    const std::vector<std::string> ids = profile_ids();
    if (std::find(ids.begin(), ids.end(), name) != ids.end()) like = name;
  }
  if (!like.empty()) return load_profile(like);
  DeviceProfile profile;
  profile.device = request.column;
  profile.processor = "cpu";
  profile.precision = {"fp32", 32, 32};
  profile.provenance.source = "measured networks: " + request.data_sets[0];
  profile.provenance.licence = "unstated";
  return profile;
}

ModelDesign design_of(const FitRequest& request, const DeviceProfile& like) {
  ModelDesign design;
  design.kind = request.kind;
  design.precision = like.precision;
  design.fusion_rules = !request.rules.empty()       ? std::string(MappedFile::open(request.rules)->text())
                        : !like.fusion_rules.empty() ? like.fusion_rules
                                                     : std::string(kCpuRules);
  if (!design.fusion_rules.ends_with('\n')) design.fusion_rules += '\n';
  if (!request.rules.empty()) parse_rules(design.fusion_rules, request.rules);
  design.physics = physics_of(request, like);
  physics_named(design.physics, "--physics");
  // Stacked kinds know a kernel by its sizes only, whatever computes it.
  design.features = feature_names(request.kind == ModelKind::additive ? design.physics : "");
  return design;
}

KnownModel known_model(const std::string& id_or_path) {
  KnownModel known;
  known.profile = show_device(id_or_path);
  const DeviceProfile& profile = known.profile;
  if (profile.predictor.kind != kAdditiveKind) {
    throw Error(profile.id, "its predictor, of kind " + profile.predictor.kind + ", cannot be adapted",
                "a profile that was fitted on networks (kind " + std::string(kAdditiveKind) + ")");
  }
  known.parameters = parse_additive_parameters(profile.predictor, profile.id);
  known.design = {profile.fusion_rules, known.parameters.physics, known.parameters.features};
  known.model = {known.parameters.coefficients, known.parameters.overhead_ms, known.parameters.floor_ms,
                 known.parameters.corrections};
  return known;
}

}  // namespace foretime::api
