#include "cli/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "api/annette.h"
#include "api/nn_meter.h"
#include "base/suggest.h"

namespace foretime::cli {
namespace {

// In the order of the enumerations they stand for.
constexpr std::array<std::string_view, 5> kFormats = {"table", "json", "csv", "markdown", "html"};
constexpr std::array<std::string_view, 3> kColors = {"auto", "always", "never"};
constexpr std::array<std::string_view, 4> kWeights = {"original", "random", "zero", "none"};
constexpr std::array<std::string_view, 3> kRules = {"standard", "dnn-analyzer", "nn-meter:DEVICE"};
constexpr std::string_view kNnMeter = "nn-meter:";
constexpr std::array<std::string_view, 4> kProtocols = {"networks", "families", "few", "devices"};
constexpr std::array<std::string_view, 1> kCompat = {"annette"};
constexpr std::array<std::string_view, 2> kInputs = {"random", "zeros"};
constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

template <typename Names>
std::vector<std::string> strings(const Names& names) {
  return {names.begin(), names.end()};
}

template <typename Names>
std::size_t position_of(const Names& names, std::string_view flag, const std::string& word) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw UsageError(std::string(flag), fmt::format("'{}' is not one of its values", word),
                   fmt::format("one of {}", fmt::join(names, ", ")));
}

template <typename Number>
Number number(std::string_view flag, std::string_view text, Number least, std::string_view accepted) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < least) {
    throw UsageError(std::string(flag), fmt::format("'{}' is not a number it takes", text),
                     std::string(accepted));
  }
  return value;
}

constexpr std::string_view kSize = "a whole number from 1";

/// "NAME=REST", cut at the last '=': names of tensors may hold one themselves.
std::pair<std::string, std::string> named_value(std::string_view flag, const std::string& text,
                                                std::string_view form, std::string_view example) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(std::string(flag), fmt::format("'{}' is not of the form {}", text, form),
                     fmt::format("as in {}", example));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void set_dim(Arguments& arguments, const std::string& text) {
  const auto [name, size] = named_value("--dim", text, "NAME=N", "batch=8");
  const std::int64_t value = number<std::int64_t>("--dim " + name, size, 1, kSize);
  if (!arguments.bindings.dims.emplace(name, value).second) {
    throw UsageError("--dim " + name, "is given twice", "each name once");
  }
}

void set_shape(Arguments& arguments, const std::string& text) {
  const auto [name, sizes] = named_value("--shape", text, "INPUT=AxBxC", "input=1x3x224x224");
  std::vector<std::int64_t> shape;
  for (std::string_view rest = sizes; true;) {
    const std::size_t cross = rest.find('x');
    shape.push_back(number<std::int64_t>("--shape " + name, rest.substr(0, cross), 1,
                                         "whole numbers from 1 with x between them, as in 1x3x224x224"));
    if (cross == std::string_view::npos) break;
    rest.remove_prefix(cross + 1);
  }
  if (!arguments.bindings.shapes.emplace(name, std::move(shape)).second) {
    throw UsageError("--shape " + name, "is given twice", "each input once");
  }
}

/// "90s", "10m", "1.5h", "500ms"; a bare number is seconds.
Milliseconds duration(std::string_view flag, const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 5> kUnits = {
      {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit = std::string_view(text).substr(digits);
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& u) { return u.first == unit; });
  if (digits == 0 || (!unit.empty() && found == kUnits.end())) {
    throw UsageError(std::string(flag), fmt::format("'{}' is no length of time", text),
                     "as in 90s, 10m, 500ms");
  }
  const double value =
      number<double>(flag, std::string_view(text).substr(0, digits), 0, "as in 90s, 10m, 500ms");
  return {value * (unit.empty() ? 1e3 : found->second)};
}

int count(std::string_view flag, const std::string& text) {
  return number<int>(flag, text, 1, kSize);
}

double percent(std::string_view flag, const std::string& text) {
  return number<double>(flag, text, 0.0, "a number of percent");
}

void set_option(std::map<std::string, std::string>& options, std::string_view flag, const std::string& text) {
  const auto [name, value] = named_value(flag, text, "NAME=VALUE", "optimization=basic");
  if (!options.emplace(name, value).second)
    throw UsageError(std::string(flag) + " " + name, "is given twice");
}

/// Numbers with commas between them.
std::vector<int> numbers(std::string_view flag, std::string_view text, int least, std::string_view accepted) {
  std::vector<int> list;
  while (true) {
    const std::size_t comma = text.find(',');
    list.push_back(number<int>(flag, text.substr(0, comma), least, accepted));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

void set_processors(Arguments& arguments, const std::string& text) {
  arguments.measure.run.processors = numbers("--cpus", text, 0, "numbers of processors, as in 2,3");
}

void set_threads(Arguments& arguments, const std::string& text) {
  arguments.threads = numbers("--threads", text, 1, kSize);
  arguments.measure.run.threads = arguments.threads.front();
}

void set_input(Arguments& arguments, const std::string& text) {
  const auto [name, path] = named_value("--input", text, "NAME=FILE", "image=cat.npy");
  if (!arguments.measure.run.input_files.emplace(name, path).second) {
    throw UsageError("--input " + name, "is given twice", "each input once");
  }
}

std::vector<std::string> rules() {
  std::vector<std::string> names = strings(kRules);
  names.pop_back();  // in its place the devices there are
  for (const std::string& device : api::nn_meter_devices()) names.push_back(std::string(kNnMeter) + device);
  return names;
}

void set_rules(Arguments& arguments, const std::string& text) {
  if (text.starts_with(kNnMeter)) {
    arguments.rules = api::Rules::nn_meter;
    arguments.nn_meter_device = text.substr(kNnMeter.size());
    return;
  }
  arguments.rules = static_cast<api::Rules>(position_of(kRules, "--rules", text));
}

void set_columns(Arguments& arguments, const std::string& text) {
  for (std::string_view rest = text; true;) {
    const std::size_t comma = rest.find(',');
    arguments.selection.columns.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
}

void set_energy_window(Arguments& arguments, const std::string& text) {
  constexpr std::string_view kAccepted = "BEGIN:END in seconds of the trace, as in 2.5:8";
  const std::size_t colon = text.find(':');
  const std::string_view whole = text;
  TimeSpan span;
  span.begin = number<double>("--energy-window", whole.substr(0, colon), 0.0, kAccepted);
  span.end = number<double>("--energy-window", colon == std::string::npos ? "" : whole.substr(colon + 1), 0.0,
                            kAccepted);
  if (!(span.end > span.begin)) {
    throw UsageError("--energy-window", fmt::format("'{}' ends before it begins", text),
                     std::string(kAccepted));
  }
  arguments.measure.energy.wanted = true;
  arguments.measure.energy.window = span;
}

constexpr Flag kFlags[] = {
    {"--format", "FORMAT", Values::format, "table (default), json, csv, markdown or html",
     [](Arguments& a, const std::string& text) {
       a.format = static_cast<OutputFormat>(position_of(kFormats, "--format", text));
     }},
    {"--output", "FILE", Values::file, "write the result to FILE instead of stdout",
     [](Arguments& a, const std::string& text) { a.output = text; }},
    {"--dim", "NAME=N", Values::anything, "bind a named dimension (repeatable)", set_dim},
    {"--shape", "INPUT=AxBxC", Values::anything, "bind the shape of an input (repeatable)", set_shape},
    {"--rules", "RULES", Values::rules, "standard (default), dnn-analyzer, nn-meter:DEVICE", set_rules},
    {"--no-alias", "", Values::none, "count views (Reshape, …) as copies in peak memory",
     [](Arguments& a, const std::string&) { a.alias = false; }},
    {"--kernels", "", Values::none, "also show the kernels a device launches",
     [](Arguments& a, const std::string&) { a.kernels = true; }},
    {"--device", "ID", Values::device, "a device's id or profile file (repeatable)",
     [](Arguments& a, const std::string& text) { a.devices.push_back(text); }},
    {"--compat", "NAME", Values::compat, "predict as a predecessor does: annette",
     [](Arguments& a, const std::string& text) {
       a.compat = kCompat[position_of(kCompat, "--compat", text)];
     }},
    {"--mapping", "NAME|FILE", Values::mapping, "its mapping model: none, ov, dnndk, or a file",
     [](Arguments& a, const std::string& text) { a.mapping = text; }},
    {"--layers", "NAME|FILE", Values::layers, "its layer model: ncs2-roofline, …, or a file",
     [](Arguments& a, const std::string& text) { a.layers = text; }},
    {"--original", "", Values::none, "json and csv in the predecessor's own form",
     [](Arguments& a, const std::string&) { a.original = true; }},
    {"--columns", "A,B,…", Values::anything, "show these columns of the main table", set_columns},
    {"--sort", "COLUMN", Values::anything, "sort the main table; -COLUMN: largest first",
     [](Arguments& a, const std::string& text) { a.selection.sort = text; }},
    {"--top", "N", Values::anything, "show N rows of the main table",
     [](Arguments& a, const std::string& text) {
       a.selection.top = number<std::size_t>("--top", text, 1, kSize);
     }},
    {"--to", "FORMAT", Values::model_format, "format to write; default: by the file's suffix",
     [](Arguments& a, const std::string& text) { a.to = text; }},
    {"--weights", "KIND", Values::weights, "original, random, zero or none",
     [](Arguments& a, const std::string& text) {
       a.weights = static_cast<Weights>(position_of(kWeights, "--weights", text));
       a.measure.run.weights = a.weights;
     }},
    {"--seed", "N", Values::anything, "of whatever is random (default 0)",
     [](Arguments& a, const std::string& text) {
       a.seed = number<std::uint64_t>("--seed", text, 0, "a whole number from 0");
       a.measure.run.seed = a.seed;
     }},
    {"--name", "ID", Values::anything, "id of the profile; default: the device's name in the data",
     [](Arguments& a, const std::string& text) { a.name = text; }},
    {"--like", "ID", Values::device, "a profile with the same device, precision and fusion rules",
     [](Arguments& a, const std::string& text) { a.like = text; }},
    {"--fusion-rules", "FILE", Values::file, "how the device merges layers (docs/fusion-rules.md)",
     [](Arguments& a, const std::string& text) { a.fusion_rules = text; }},
    {"--physics", "NAME", Values::anything, "what costs are counted in: cpu, gpu, myriad",
     [](Arguments& a, const std::string& text) { a.physics = text; }},
    {"--kind", "KIND", Values::kind, "additive (default), roofline, refined, statistical or mixed",
     [](Arguments& a, const std::string& text) {
       a.kind = static_cast<ModelKind>(position_of(kModelKinds, "--kind", text));
     }},
    {"--profile-out", "FILE", Values::file, "write the profile to FILE instead of the user's folder",
     [](Arguments& a, const std::string& text) { a.profile_out = text; }},
    {"--column", "NAME", Values::anything, "the device's name in the data; default: the profile's id",
     [](Arguments& a, const std::string& text) { a.column = text; }},
    {"--protocol", "NAME", Values::protocol, "score fitting itself: networks, families, few or devices",
     [](Arguments& a, const std::string& text) {
       a.protocol = static_cast<Protocol>(position_of(kProtocols, "--protocol", text));
     }},
    {"--from", "ID", Values::device, "of --protocol devices: another device's profile; may be repeated",
     [](Arguments& a, const std::string& text) { a.from.push_back(text); }},
    {"--choose", "N", Values::anything, "fit nothing: name the N networks of POOL to measure first",
     [](Arguments& a, const std::string& text) {
       a.choose = number<std::size_t>("--choose", text, 1, kSize);
     }},
    {"--rows", "", Values::none, "also show every network",
     [](Arguments& a, const std::string&) { a.rows = true; }},
    {"--runtime", "NAME", Values::runtime, "what runs the model: {} (default: the first)",
     [](Arguments& a, const std::string& text) { a.measure.run.runtime = text; }},
    {"--threads", "N", Values::anything,
     "threads that compute (default 1); of calibrate also several, as in 1,2", set_threads},
    {"--provider", "NAME", Values::anything, "part of the runtime that computes: cpu, cuda, …",
     [](Arguments& a, const std::string& text) { a.measure.run.provider = text; }},
    {"--precision", "NAME", Values::anything,
     "fp32, int8, …: what a model computes in; int8 quantises one of floats",
     [](Arguments& a, const std::string& text) { a.measure.run.precision = text; }},
    {"--runtime-option", "NAME=VALUE", Values::anything, "an option of the runtime (repeatable)",
     [](Arguments& a, const std::string& text) {
       set_option(a.measure.run.options, "--runtime-option", text);
     }},
    {"--library", "FILE", Values::file, "the runtime's library, instead of the one found",
     [](Arguments& a, const std::string& text) { a.measure.run.library = text; }},
    {"--command", "TEMPLATE", Values::anything, "with --runtime command: what to run; {model} is the file",
     [](Arguments& a, const std::string& text) {
       a.measure.run.runtime = "command";
       a.measure.run.options["command"] = text;
     }},
    {"--input", "NAME=FILE", Values::anything, "values of an input: .npy or raw bytes (repeatable)",
     set_input},
    {"--inputs", "KIND", Values::inputs, "values of other inputs: random (default) or zeros",
     [](Arguments& a, const std::string& text) {
       a.measure.run.zeros = position_of(kInputs, "--inputs", text) == 1;
     }},
    {"--cpus", "A,B,…", Values::anything, "stay on these processors; default: the least busy",
     set_processors},
    {"--no-pin", "", Values::none, "let the system choose processors",
     [](Arguments& a, const std::string&) { a.measure.run.pin = false; }},
    {"--budget", "T", Values::anything, "time to spend: 30s, 10m, …",
     [](Arguments& a, const std::string& text) { a.budget = duration("--budget", text); }},
    {"--duet", "", Values::none, "run both at the same time, on processors of their own",
     [](Arguments& a, const std::string&) { a.duet = true; }},
    {"--black-box", "", Values::none, "time whole networks only, even if the runtime has a profiler",
     [](Arguments& a, const std::string&) { a.black_box = true; }},
    {"--sampling", "NAME", Values::sampling,
     "what is measured next: active (default), random, kernels, pairs or fine-grained",
     [](Arguments& a, const std::string& text) {
       a.sampling = static_cast<api::Sampling>(position_of(api::kSamplings, "--sampling", text));
     }},
    {"--probe-fusion", "", Values::none, "only find out which neighbouring layers run as one kernel",
     [](Arguments& a, const std::string&) { a.probe_fusion = true; }},
    {"--continue", "", Values::none, "measure more for a device that was calibrated before",
     [](Arguments& a, const std::string&) { a.go_on = true; }},
    {"--target", "PERCENT", Values::anything, "half width of the median's interval (default 1)",
     [](Arguments& a, const std::string& text) { a.measure.target_percent = percent("--target", text); }},
    {"--launches", "N", Values::anything, "processes at least (default 5)",
     [](Arguments& a, const std::string& text) { a.measure.launches = count("--launches", text); }},
    {"--sessions", "N", Values::anything, "loadings in each process (default 2)",
     [](Arguments& a, const std::string& text) { a.measure.sessions = count("--sessions", text); }},
    {"--cooldown", "T", Values::anything, "pause before each launch",
     [](Arguments& a, const std::string& text) { a.measure.cooldown = duration("--cooldown", text); }},
    {"--timeout", "T", Values::anything, "stop a runtime that gives no answer (default 5m)",
     [](Arguments& a, const std::string& text) { a.measure.run.timeout = duration("--timeout", text); }},
    {"--energy", "", Values::none, "also measure energy, with the best sensor there is",
     [](Arguments& a, const std::string&) { a.measure.energy.wanted = true; }},
    {"--energy-sensor", "NAME", Values::anything, "with this one: rapl, hwmon:RAIL, battery:NAME, nvml:N",
     [](Arguments& a, const std::string& text) {
       a.measure.energy.wanted = true;
       a.measure.energy.sensor = text;
     }},
    {"--energy-trace", "FILE", Values::file, "with a power meter's trace: .pt4 or CSV",
     [](Arguments& a, const std::string& text) {
       a.measure.energy.wanted = true;
       a.measure.energy.trace = text;
     }},
    {"--energy-window", "BEGIN:END", Values::anything, "where in the trace the runs are, in its seconds",
     set_energy_window},
    {"--energy-runs", "N", Values::anything, "how many runs the window holds",
     [](Arguments& a, const std::string& text) {
       a.measure.energy.wanted = true;
       a.measure.energy.runs = count("--energy-runs", text);
     }},
    {"--sustained", "T", Values::anything, "also run for so long without a pause: does it slow down?",
     [](Arguments& a, const std::string& text) { a.measure.sustained = duration("--sustained", text); }},
    {"--check-against", "NAME", Values::runtime, "compare the outputs with another runtime's",
     [](Arguments& a, const std::string& text) { a.measure.check_against = text; }},
    {"--trace", "FILE", Values::file, "write the kernels as a Chrome trace",
     [](Arguments& a, const std::string& text) {
       a.measure.trace = text;
       a.measure.kernels = true;
     }},
    {"--db", "FILE", Values::file, "database of measurements; none: keep nothing",
     [](Arguments& a, const std::string& text) { a.measure.database = text; }},
    {"--runtime-b", "NAME", Values::runtime, "of B, if another",
     [](Arguments& a, const std::string& text) { a.runtime_b = text; }},
    {"--threads-b", "N", Values::anything, "of B, if others",
     [](Arguments& a, const std::string& text) { a.threads_b = count("--threads-b", text); }},
    {"--provider-b", "NAME", Values::anything, "of B, if another",
     [](Arguments& a, const std::string& text) { a.provider_b = text; }},
    {"--library-b", "FILE", Values::file, "of B, if another build",
     [](Arguments& a, const std::string& text) { a.library_b = text; }},
    {"--runtime-option-b", "NAME=VALUE", Values::anything, "of B, besides those of A (repeatable)",
     [](Arguments& a, const std::string& text) { set_option(a.options_b, "--runtime-option-b", text); }},
    {"--same-within", "PERCENT", Values::anything, "a smaller difference is none (default 1)",
     [](Arguments& a, const std::string& text) { a.same_within_percent = percent("--same-within", text); }},
    {"--model", "NAME", Values::model, "the network a report is of; default: as it says",
     [](Arguments& a, const std::string& text) { a.model = text; }},
    {"--older-than", "T", Values::anything, "measurements of an age: 30d, 12h",
     [](Arguments& a, const std::string& text) { a.older_than = duration("--older-than", text); }},
    {"--color", "WHEN", Values::color, "auto (default: on a terminal), always or never",
     [](Arguments& a, const std::string& text) {
       a.color = static_cast<Color>(position_of(kColors, "--color", text));
     }},
    {"--quiet", "", Values::none, "no notes on stderr",
     [](Arguments& a, const std::string&) { a.quiet = true; }},
    {"--stats", "", Values::none, "where our own time went, on stderr",
     [](Arguments& a, const std::string&) { a.stats = true; }},
};

}  // namespace

std::span<const Flag> flags() {
  return kFlags;
}

const Flag& flag_named(std::string_view name) {
  return *std::find_if(std::begin(kFlags), std::end(kFlags),
                       [&](const Flag& flag) { return flag.name == name; });
}

std::vector<std::string> choices(Values values) {
  switch (values) {
    case Values::format:
      return strings(kFormats);
    case Values::color:
      return strings(kColors);
    case Values::weights:
      return strings(kWeights);
    case Values::rules:
      return rules();
    case Values::compat:
      return strings(kCompat);
    case Values::mapping:
      return api::annette_mappings();
    case Values::layers:
      return api::annette_layer_models();
    case Values::protocol:
      return strings(kProtocols);
    case Values::runtime:
      return api::runtime_names();
    case Values::inputs:
      return strings(kInputs);
    case Values::sampling:
      return strings(api::kSamplings);
    case Values::kind:
      return strings(kModelKinds);
    case Values::shell:
      return strings(kShells);
    default:
      return {};
  }
}

}  // namespace foretime::cli
