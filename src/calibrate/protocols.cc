#include "calibrate/protocols.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <set>

#include "base/error.h"
#include "calibrate/adapt.h"
#include "calibrate/choose.h"

namespace foretime {
namespace {

constexpr int kDraws = 5;
constexpr int kQuickRounds = 60;

bool is_test(const Observation& network, std::uint32_t seed) {
  return (network.structure + seed) % 5 == 0;
}

std::vector<std::string> families_of(const Observations& observations, const Chosen& chosen) {
  std::set<std::string> names;
  for (const std::uint32_t network : chosen) names.insert(observations.networks()[network].family);
  return {names.begin(), names.end()};
}

/// `count` of them, by a generator that is the same everywhere.
Chosen draw(Chosen from, std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < std::min(count, from.size()); ++i) {
    std::swap(from[i], from[i + random() % (from.size() - i)]);
  }
  from.resize(std::min(count, from.size()));
  std::sort(from.begin(), from.end());
  return from;
}

std::vector<Scored> predict_all(const Observations& observations, const Fitted& fitted,
                                const Chosen& networks) {
  std::vector<Scored> rows;
  for (const std::uint32_t network : networks) rows.push_back(predict(observations, fitted, network));
  return rows;
}

Chosen without(const Chosen& all, const Chosen& some) {
  Chosen rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

struct Split {
  Chosen fitting;
  Chosen test;
};

Split split_networks(const Observations& observations, std::uint32_t seed) {
  Split split;
  for (std::uint32_t i = 0; i < observations.networks().size(); ++i) {
    (is_test(observations.networks()[i], seed) ? split.test : split.fitting).push_back(i);
  }
  if (split.test.empty() || split.fitting.empty()) {
    throw Error("data set", "has too few networks to keep some apart", "a hundred or more");
  }
  return split;
}

ProtocolResult by_networks(const Observations& observations, std::uint32_t seed,
                           const StepProgress& progress) {
  const Split split = split_networks(observations, seed);
  const AdditiveOptions options = options_for(split.fitting.size(), observations.physics());
  const Fitted fitted = fit_with_intervals(observations, split.fitting, options, options, progress).fitted;
  ProtocolResult result;
  result.fitted = split.fitting.size();
  result.scored = split.test.size();
  result.scored_networks = split.test;
  result.networks = predict_all(observations, fitted, split.test);
  result.rows.push_back({"all", score(result.networks), {}, {}, {}});
  for (const std::string& family : families_of(observations, split.test)) {
    std::vector<Scored> rows;
    for (std::size_t i = 0; i < split.test.size(); ++i) {
      if (observations.networks()[split.test[i]].family == family) rows.push_back(result.networks[i]);
    }
    result.rows.push_back({family, score(rows), {}, {}, {}});
  }
  return result;
}

/// Mean share within ±10 % when the model knows `count` of the family.
double with_few(const Observations& observations, const Fitted& fitted, const Chosen& family,
                std::size_t count, std::uint32_t seed) {
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const Chosen few = draw(family, count, seed + 100 * static_cast<std::uint32_t>(i));
    const Fitted adapted = adapt(observations, fitted, few);
    sum += *score(predict_all(observations, adapted, without(family, few))).within_10_percent;
  }
  return sum / kDraws;
}

/// The unweighted mean of the rows' figures.
ProtocolRow mean_of(const std::vector<ProtocolRow>& rows) {
  ProtocolRow mean;
  mean.what = "mean";
  const auto average = [&](const auto& get) -> std::optional<double> {
    double sum = 0;
    int count = 0;
    for (const ProtocolRow& row : rows) {
      const std::optional<double> value = get(row);
      if (!value) continue;
      sum += *value;
      ++count;
    }
    return count == 0 ? std::nullopt : std::optional(sum / count);
  };
  for (const auto member :
       {&AccuracyFigures::mape_percent, &AccuracyFigures::rmspe_percent, &AccuracyFigures::within_5_percent,
        &AccuracyFigures::within_10_percent, &AccuracyFigures::within_15_percent, &AccuracyFigures::spearman,
        &AccuracyFigures::interval90_coverage_percent}) {
    mean.figures.*member = average([&](const ProtocolRow& row) { return row.figures.*member; });
  }
  mean.within_10_with_3 = average([](const ProtocolRow& row) { return row.within_10_with_3; });
  mean.within_10_with_10 = average([](const ProtocolRow& row) { return row.within_10_with_10; });
  for (const ProtocolRow& row : rows) mean.figures.networks += row.figures.networks;
  return mean;
}

ProtocolResult by_families(const Observations& observations, std::uint32_t seed,
                           const StepProgress& progress) {
  Chosen all(observations.networks().size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  const std::vector<std::string> families = families_of(observations, all);
  if (families.size() < 2)
    throw Error("data set", "has networks of one family only", "at least two families");
  ProtocolResult result;
  result.scored = all.size();
  int done = 0;
  for (const std::string& family : families) {
    Chosen apart;
    for (const std::uint32_t network : all) {
      if (observations.networks()[network].family == family) apart.push_back(network);
    }
    const Chosen rest = without(all, apart);
    const AdditiveOptions options = options_for(rest.size(), observations.physics());
    // What the intervals of an unknown family rest on are families left out, which take few trees anyway.
    AdditiveOptions quick = options;
    quick.rounds = std::min(quick.rounds, kQuickRounds);
    const Fitted fitted = fit_with_intervals(observations, rest, options, quick, {}).fitted;
    ProtocolRow row{family, score(predict_all(observations, fitted, apart)), {}, {}, {}};
    if (apart.size() > 10) {
      row.within_10_with_3 = with_few(observations, fitted, apart, 3, seed + 1);
      row.within_10_with_10 = with_few(observations, fitted, apart, 10, seed + 2);
    }
    result.rows.push_back(row);
    if (progress) progress(++done, static_cast<int>(families.size()), family);
  }
  result.rows.push_back(mean_of(result.rows));
  return result;
}

/// The mean of the draws' rows, with the spread between them.
ProtocolRow mean_of_draws(const std::vector<ProtocolRow>& draws, std::string what, std::size_t scored) {
  ProtocolRow row = mean_of(draws);
  row.what = std::move(what);
  row.figures.networks = static_cast<int>(scored);
  double squares = 0;
  for (const ProtocolRow& each : draws) {
    const double off = *each.figures.within_10_percent - *row.figures.within_10_percent;
    squares += off * off;
  }
  row.spread = std::sqrt(squares / kDraws);
  return row;
}

/// The first `count` of a choice, ascending.
Chosen first_of(const std::vector<Choice>& choices, std::size_t count) {
  Chosen chosen;
  for (std::size_t i = 0; i < std::min(count, choices.size()); ++i) chosen.push_back(choices[i].network);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

ProtocolResult by_few(const Observations& observations, std::uint32_t seed, const StepProgress& progress) {
  const Split split = split_networks(observations, seed);
  ProtocolResult result;
  result.fitted = split.fitting.size();
  result.scored = split.test.size();
  const PoolView view{observations, neutral_model(observations, split.fitting)};
  const std::vector<Choice> choices = choose({&view, 1}, split.fitting, {}, 300);
  const auto scored = [&](const Chosen& few) {
    const AdditiveOptions options = options_for(few.size(), observations.physics());
    const Fitted fitted = fit_with_intervals(observations, few, options, options, {}).fitted;
    return ProtocolRow{"", score(predict_all(observations, fitted, split.test)), {}, {}, {}};
  };
  int done = 0;
  for (const std::size_t count : {30, 100, 300}) {
    const std::string what = std::to_string(count) + " networks";
    std::vector<ProtocolRow> draws;
    for (std::uint32_t i = 0; i < kDraws; ++i) {
      draws.push_back(scored(draw(split.fitting, count, seed + 1000 + i)));
      if (progress) progress(++done, 3 * (kDraws + 1), what);
    }
    result.rows.push_back(mean_of_draws(draws, what, split.test.size()));
    result.rows.push_back(scored(first_of(choices, count)));
    result.rows.back().what = what + ", chosen";
    if (progress) progress(++done, 3 * (kDraws + 1), what);
  }
  return result;
}

ProtocolResult by_devices(std::span<const KnownDevice> devices, std::uint32_t seed,
                          const StepProgress& progress) {
  const Split split = split_networks(devices[0].observations, seed);
  ProtocolResult result;
  result.fitted = split.fitting.size();
  result.scored = split.test.size();
  std::vector<PoolView> views;
  for (const KnownDevice& device : devices) {
    if (device.moves) views.push_back({device.observations, device.fitted.model});
  }
  const std::vector<Choice> choices = choose(views, split.fitting, {}, 100);
  const auto scored = [&](const Candidate& candidate) {
    const Observations& observations = devices[candidate.device].observations;
    return ProtocolRow{"", score(predict_all(observations, candidate.fitted, split.test)), {}, {}, {}};
  };
  int done = 0;
  for (const std::size_t count : {10, 30, 100}) {
    const std::string what = std::to_string(count) + " networks";
    std::vector<ProtocolRow> best;
    std::vector<ProtocolRow> from_scratch;
    const auto add = [&](const Chosen& few) {
      const std::vector<Candidate> all = candidates(devices, few);
      best.push_back(scored(all.front()));
      from_scratch.push_back(scored(*std::find_if(
          all.begin(), all.end(), [](const Candidate& candidate) { return candidate.from_scratch; })));
      if (progress) progress(++done, 3 * (kDraws + 1), what);
    };
    for (std::uint32_t i = 0; i < kDraws; ++i) add(draw(split.fitting, count, seed + 1000 + i));
    result.rows.push_back(mean_of_draws(best, what, split.test.size()));
    result.rows.push_back(mean_of_draws(from_scratch, what + ", from scratch", split.test.size()));
    add(first_of(choices, count));
    for (auto* rows : {&best, &from_scratch}) result.rows.push_back(rows->back());
    result.rows[result.rows.size() - 2].what = what + ", chosen";
    result.rows.back().what = what + ", chosen, from scratch";
  }
  return result;
}

}  // namespace

ProtocolResult run_protocol(const Observations& observations, Protocol protocol, std::uint32_t seed,
                            const StepProgress& progress) {
  switch (protocol) {
    case Protocol::networks:
      return by_networks(observations, seed, progress);
    case Protocol::families:
      return by_families(observations, seed, progress);
    case Protocol::few:
      return by_few(observations, seed, progress);
    case Protocol::devices:
      break;
  }
  throw Error("protocol", "is unknown");
}

ProtocolResult run_devices(std::span<const KnownDevice> devices, std::uint32_t seed,
                           const StepProgress& progress) {
  return by_devices(devices, seed, progress);
}

}  // namespace foretime
