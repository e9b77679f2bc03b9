#include "api/choose.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "api/design.h"
#include "base/error.h"
#include "calibrate/choose.h"
#include "datasets/data_set.h"

namespace foretime::api {
namespace {

/// The pool, as each of the models cuts it into kernels.
struct Pool {
  std::vector<Observations> views;
  Chosen known;
  std::vector<Failure> failures;

  /// Error: as Observations::cut, of any view; none has it then.
  void add(const MeasuredNetwork& network, bool measured) {
    std::vector<Observations::Cut> cuts;
    for (const Observations& view : views) cuts.push_back(view.cut(network, {}));
    if (measured) known.push_back(static_cast<std::uint32_t>(views[0].networks().size()));
    for (std::size_t i = 0; i < views.size(); ++i) views[i].add(cuts[i]);
  }
};

/// A network is a row of each device that it was measured on, or a row for all of them.
void add_data_set(const ChooseRequest& request, Pool& pool) {
  const ModelLoader load = [](const std::string& model) { return load_model(model, {}).graph; };
  const std::vector<std::string> files = data_set_files(request.pool);
  std::set<std::pair<std::string, std::string>> measured;
  if (!request.column.empty()) {
    for (const std::string& file : files) {
      read_data_set(file, load, [&](MeasuredNetwork&& network) {
        if (network.latencies.contains(request.column)) measured.emplace(file, network.id);
      });
    }
    if (measured.empty())
      throw Error(request.pool, "no network was measured on '" + request.column + "'", "no --device");
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::set<std::string> seen;
    read_data_set(files[i], load, [&](MeasuredNetwork&& network) {
      if (seen.insert(network.id).second) pool.add(network, measured.contains({files[i], network.id}));
    });
    if (request.progress)
      request.progress(static_cast<int>(i) + 1, static_cast<int>(files.size()), "reading " + files[i]);
  }
}

void add_models(const ChooseRequest& request, Pool& pool) {
  if (!request.column.empty())
    throw Error("--device " + request.column, "needs a table that says what was measured on it",
                "no --device");
  const Inputs inputs = expand_inputs({request.pool});
  int done = 0;
  for (const std::string& path : inputs.models) {
    try {
      MeasuredNetwork network;
      network.where = network.id = path;
      network.graph = load_model(path, {}).graph;
      pool.add(network, false);
    } catch (const Error& error) {
      if (!inputs.batch) throw;
      pool.failures.push_back({path, error.what()});
    }
    if (request.progress) request.progress(++done, static_cast<int>(inputs.models.size()), "reading " + path);
  }
}

}  // namespace

ChooseResult choose(const ChooseRequest& request) {
  ChooseResult result;
  std::vector<AdditiveModel> models;
  Pool pool;
  for (const std::string& profile : request.profiles) {
    const KnownModel known = known_model(profile);
    pool.views.emplace_back(known.design);
    models.push_back(known.model);
    result.basis += (result.basis.empty() ? "" : ", ") + known.profile.id;
  }
  if (request.profiles.empty()) {
    FitRequest fit = request.fit;
    fit.data_sets = {request.pool};
    fit.column = request.column;
    const ModelDesign design = design_of(fit, profile_like(fit));
    pool.views.emplace_back(design);
    result.basis = "physics " + design.physics;
  }
  is_data_set(request.pool) ? add_data_set(request, pool) : add_models(request, pool);
  const std::vector<Observation>& networks = pool.views[0].networks();
  if (networks.empty()) throw Error(request.pool, "no model of it can be read", pool.failures[0].error);
  Chosen all(networks.size());
  std::iota(all.begin(), all.end(), 0U);
  if (models.empty()) models.push_back(neutral_model(pool.views[0], all));

  std::vector<PoolView> views;
  for (std::size_t i = 0; i < models.size(); ++i) views.push_back({pool.views[i], models[i]});
  for (const Choice& choice : foretime::choose(views, all, pool.known, request.count)) {
    ChosenNetwork& row = result.chosen.emplace_back();
    row.id = networks[choice.network].id;
    row.family = networks[choice.network].family;
    if (!request.profiles.empty()) row.predicted = Milliseconds{choice.time};
    row.new_time_percent = 100 * choice.new_share;
    row.covered_percent = 100 * choice.covered;
    row.uncertainty_percent = 100 * choice.uncertainty;
  }
  result.networks = networks.size();
  result.known = pool.known.size();
  result.failures = std::move(pool.failures);
  if (result.chosen.size() < request.count) {
    result.diagnostics.push_back({Severity::warning, "pool-small",
                                  "networks to choose from: " + std::to_string(result.chosen.size()),
                                  request.pool});
  }
  return result;
}

}  // namespace foretime::api
