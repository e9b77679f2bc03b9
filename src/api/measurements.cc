#include "api/measurements.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <filesystem>

#include "api/measured_energy.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "measure/cpu.h"

namespace foretime::api {
namespace {

std::string existing(const std::string& asked) {
  const std::string path = asked.empty() ? user_database() : asked;
  std::error_code ignored;
  if (!path.empty() && std::filesystem::exists(path, ignored)) return path;
  throw Error(path.empty() ? "measurements" : path, "there is no such database: nothing was measured yet",
              "foretime measure MODEL, or --db FILE");
}

/// What has no column of its own.
std::string details_of(const MeasuredModel& m) {
  const Disturbance& d = m.measurement.disturbance;
  Json json = {{"reasons", m.measurement.reasons},
               {"system", m.context.kernel},
               {"tool_version", m.context.tool_version},
               {"processors", m.context.processors},
               {"launch_medians_ms", m.measurement.launch_medians},
               {"excluded_iterations", m.measurement.excluded},
               {"excluded_percent", d.excluded_percent},
               {"displaced_percent", d.displaced_percent},
               {"calm_percent", d.calm_percent},
               {"waiting_percent", d.waiting_percent},
               {"steal_percent", d.steal_percent},
               {"clock_percent", d.clock_percent},
               {"slowed_percent", d.slowed_percent},
               {"fastest_run_ms", d.fastest_run_ms},
               {"calm_integers_us", d.fastest.core_us},
               {"calm_memory_us", d.fastest.memory_us},
               {"calm_message_us", d.fastest.message_us},
               {"memory_percent", d.memory_percent},
               {"launches_percent", d.launches_percent},
               {"peak_rss_bytes", m.memory.peak.value},
               {"library", m.runtime.library}};
  if (m.kernels) {
    std::vector<ExecutedKernel> kernels;
    for (const MeasuredKernel& kernel : m.kernels->kernels)
      kernels.push_back({kernel.kind, kernel.name, kernel.members, kernel.latency});
    json["kernels"] = kernels_json(kernels);
  }
  if (m.energy) json["energy"] = to_json(*m.energy);
  if (m.sustained) json["sustained"] = to_json(*m.sustained);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

StoredMeasurement row_of(const MeasuredModel& m) {
  StoredMeasurement row;
  row.time = m.context.time;
  row.model = m.model;
  row.model_hash = m.model_hash;
  row.structure_hash = m.structure_hash;
  row.cpu_signature = m.context.cpu_signature;
  row.runtime = m.runtime.name;
  row.version = m.runtime.version;
  row.provider = m.runtime.provider;
  row.precision = m.runtime.precision;
  row.threads = m.runtime.threads;
  row.latency = m.measurement.latency;
  row.ci95 = m.measurement.ci95;
  row.iterations = static_cast<std::int64_t>(m.measurement.iterations);
  row.sessions = m.measurement.sessions;
  row.launches = m.measurement.launches;
  row.verdict = name_of(m.measurement.verdict);
  row.details = details_of(m);
  row.samples = m.samples;
  return row;
}

/// A CSV field, quoted where it must be (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// Where a model lies as a table beside it should say: absolute, unless it is no file (built in, imported).
std::string model_field(const std::string& model) {
  std::error_code ignored;
  return std::filesystem::exists(model, ignored) ? std::filesystem::absolute(model).string() : model;
}

std::string device_field(const StoredMeasurement& row) {
  std::string text;
  const std::string threads = row.threads > 0 ? std::to_string(row.threads) : "";
  for (const std::string& part : {row.cpu_signature, row.runtime, row.version, threads})
    text += (text.empty() || part.empty() ? "" : " ") + part;
  return text;
}

}  // namespace

BeatTimes calm_beat(const std::string& database, int threads) {
  // Of so many measurements the quantile: the least would sink for ever, by luck alone.
  constexpr std::size_t kMost = 400;
  constexpr double kCalm = 0.25;
  std::error_code ignored;
  if (database.empty() || !std::filesystem::exists(database, ignored)) return {};
  std::vector<double> core;
  std::vector<double> memory;
  std::vector<double> message;
  try {
    constexpr Milliseconds kPatience{100};  // for who writes to it: it is worth no more
    const Store store(database, kPatience);
    for (const std::string& text : store.latest_details(cpu_signature(describe_cpu()), threads, kMost)) {
      const Json details = parse_json(text, database);
      core.push_back(details.value("calm_integers_us", 0.0));
      memory.push_back(details.value("calm_memory_us", 0.0));
      message.push_back(details.value("calm_message_us", 0.0));
    }
  } catch (const Error&) {
    return {};  // what is wrong with it is said when the measurement is to be kept
  }
  const auto calm = [](std::vector<double>& us) {
    std::erase(us, 0.0);  // not known
    std::sort(us.begin(), us.end());
    return us.empty() ? 0 : quantile(us, kCalm);
  };
  return {calm(core), calm(memory), calm(message)};
}

std::string database_for(const std::string& asked) {
  if (asked == "none") return "";
  if (asked.empty()) return user_database();
  const Store opened(asked);
  return asked;
}

Json kernels_json(const std::vector<ExecutedKernel>& kernels) {
  Json list = Json::array();
  for (const ExecutedKernel& kernel : kernels) {
    list.push_back({{"kind", kernel.kind},
                    {"name", kernel.name},
                    {"members", kernel.members},
                    {"latency_ms", kernel.latency.value}});
  }
  return list;
}

void keep(const std::string& database, MeasuredModel& measured) {
  if (database.empty()) return;
  try {
    measured.id = Store(database).add(row_of(measured));
  } catch (const Error& error) {
    measured.diagnostics.push_back({Severity::warning, "measurement-not-kept", error.what(), measured.model});
  }
}

std::vector<StoredMeasurement> list_measurements(const std::string& database) {
  return Store(existing(database)).list();
}

StoredMeasurement show_measurement(const std::string& database, const std::string& id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) {
    throw Error(id, "is no id of a measurement", "a number that foretime measurements list shows");
  }
  return Store(existing(database)).get(number);
}

ExportedMeasurements export_measurements(const std::string& database, const std::string& output) {
  const bool csv = output.ends_with(".csv");
  if (!csv && !output.ends_with(".jsonl")) throw Error(output, "its suffix names no table", ".jsonl or .csv");
  std::string text = csv ? "id,family,model,device,runtime,latency_ms,std_ms,repeats\n" : "";
  ExportedMeasurements result{output, 0};
  for (const StoredMeasurement& row : list_measurements(database)) {
    const Json json = {{"id", std::to_string(row.id)},
                       {"family", ""},
                       {"model", model_field(row.model)},
                       {"device", device_field(row)},
                       {"runtime", row.version.empty() ? row.runtime : row.runtime + " " + row.version},
                       {"latency_ms", row.latency.median},
                       {"std_ms", std::isfinite(row.latency.stddev) ? Json(row.latency.stddev) : Json()},
                       {"repeats", row.iterations > 0 ? Json(row.iterations) : Json()}};
    if (csv) {
      std::string line;
      for (const auto& [key, value] : json.items()) {
        line += (line.empty() ? "" : ",") + csv_field(value.is_string() ? value.get<std::string>()
                                                      : value.is_null() ? ""
                                                                        : value.dump());
      }
      text += line + "\n";
    } else {
      text += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    ++result.rows;
  }
  write_file(output, text);
  return result;
}

std::int64_t prune_measurements(const std::string& database, Milliseconds age) {
  const std::time_t limit = std::time(nullptr) - static_cast<std::time_t>(age.value / 1e3);
  std::tm parts{};
  ::gmtime_r(&limit, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return Store(existing(database)).prune(text.data());
}

}  // namespace foretime::api
