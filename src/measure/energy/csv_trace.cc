#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/line_reader.h"
#include "measure/energy/power_trace.h"

namespace foretime {
namespace {

enum class Kind { time, power, current, voltage };
constexpr std::size_t kKinds = 4;
constexpr std::size_t kMostColumns = 1000;

/// A column's unit: the last word of its name, as in "power_mw", "Main (mA)".
struct UnitWord {
  std::string_view word;
  Kind kind;
  double factor;  // to s, W, A, V
};
constexpr std::array<UnitWord, 19> kUnits = {{{"s", Kind::time, 1},
                                              {"sec", Kind::time, 1},
                                              {"seconds", Kind::time, 1},
                                              {"ms", Kind::time, 1e-3},
                                              {"us", Kind::time, 1e-6},
                                              {"ns", Kind::time, 1e-9},
                                              {"w", Kind::power, 1},
                                              {"watts", Kind::power, 1},
                                              {"mw", Kind::power, 1e-3},
                                              {"uw", Kind::power, 1e-6},
                                              {"a", Kind::current, 1},
                                              {"amps", Kind::current, 1},
                                              {"ma", Kind::current, 1e-3},
                                              {"ua", Kind::current, 1e-6},
                                              {"v", Kind::voltage, 1},
                                              {"volts", Kind::voltage, 1},
                                              {"mv", Kind::voltage, 1e-3},
                                              {"uv", Kind::voltage, 1e-6},
                                              {"timestamp", Kind::time, 1}}};
/// What a column without a unit is, by the first word of its name: in s, W, A, V.
constexpr std::array<std::pair<std::string_view, Kind>, 8> kNames = {{{"time", Kind::time},
                                                                      {"timestamp", Kind::time},
                                                                      {"elapsed", Kind::time},
                                                                      {"t", Kind::time},
                                                                      {"power", Kind::power},
                                                                      {"watts", Kind::power},
                                                                      {"current", Kind::current},
                                                                      {"voltage", Kind::voltage}}};

/// Headers whose units are not what they say, or not said.
constexpr std::string_view kPowerToolHeader = "time,current,power,marker";          // s, mA, mW
constexpr std::string_view kPyMonsoonHeader = "time(ms),main(ma),main voltage(v)";  // the time is in s

constexpr std::string_view kAccepted =
    "a first line that names a time and a power, or a current and a voltage: time_s,power_mw or "
    "time_ms,current_ma,voltage_v";

// Later than September 2001: seconds since 1970.
constexpr double kOfDay = 1e9;

struct ColumnUse {
  std::size_t index = 0;
  double factor = 1;
};
using Columns = std::array<std::optional<ColumnUse>, kKinds>;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\"";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  while (cells.size() < kMostColumns) {
    const std::size_t end = line.find(separator);
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return cells;
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : lower(name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

void note_column(std::string_view name, std::size_t index, Columns& columns) {
  const std::vector<std::string> words = words_of(name);
  if (words.empty()) return;
  const auto use = [&](Kind kind, double factor) {
    std::optional<ColumnUse>& column = columns[static_cast<std::size_t>(kind)];
    if (!column) column = ColumnUse{index, factor};
  };
  const auto unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const UnitWord& u) { return u.word == words.back(); });
  if (unit != kUnits.end()) return use(unit->kind, unit->factor);
  for (const auto& [word, kind] : kNames) {
    if (words.front() == word) return use(kind, 1);
  }
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

struct CsvTrace::State {
  char separator = ',';
  bool headed = false;
  Columns columns;
  std::optional<Error> wrong;  // with the last line
  EnergyCurve curve;
  // Some meters stamp a whole batch of samples with one time: they are spread up to the next one.
  double time = 0;            // of the batch at hand
  std::vector<double> batch;  // its samples, watts
  double each = 0;            // between samples of the batch before, in seconds
  std::string format = "CSV";

  void header(std::string_view text, const std::string& where) {
    headed = true;
    for (const char candidate : {',', ';', '\t'}) {
      if (text.find(candidate) == std::string_view::npos) continue;
      separator = candidate;
      break;
    }
    const std::vector<std::string_view> names = cells_of(text, separator);
    for (std::size_t i = 0; i < names.size(); ++i) note_column(names[i], i, columns);
    const std::string all = lower(trimmed(text));
    if (all == kPowerToolHeader || all == kPyMonsoonHeader) format = "Monsoon CSV";
    if (all == kPowerToolHeader) columns = {ColumnUse{0, 1}, ColumnUse{2, 1e-3}, ColumnUse{1, 1e-3}, {}};
    if (all == kPyMonsoonHeader) columns[0]->factor = 1;
    const auto has = [&](Kind kind) { return columns[static_cast<std::size_t>(kind)].has_value(); };
    if (!has(Kind::time) || !(has(Kind::power) || (has(Kind::current) && has(Kind::voltage)))) {
      throw Error(where, "is no power trace: the line names no time and power", std::string(kAccepted));
    }
  }

  void row(std::string_view text, const std::string& where) {
    const std::vector<std::string_view> cells = cells_of(text, separator);
    const auto value = [&](Kind kind) -> std::optional<double> {
      const ColumnUse& use = *columns[static_cast<std::size_t>(kind)];
      const auto number = use.index < cells.size() ? number_of(cells[use.index]) : std::nullopt;
      return number ? std::optional(*number * use.factor) : std::nullopt;
    };
    const std::optional<double> seconds = value(Kind::time);
    std::optional<double> power;
    if (columns[static_cast<std::size_t>(Kind::power)]) {
      power = value(Kind::power);
    } else if (const auto current = value(Kind::current)) {
      if (const auto voltage = value(Kind::voltage)) power = *current * *voltage;
    }
    if (!seconds || !power || !std::isfinite(*power)) {
      wrong =
          Error(where, "the line holds no numbers where the first line says", "numbers, one row a sample");
      return;
    }
    add(*seconds, *power, where);
  }

  void add(double seconds, double watts, const std::string& where) {
    if (!batch.empty() && seconds < time) throw Error(where, "the time goes back", "times that grow");
    if (curve.size() + batch.size() >= kMostSamples) throw Error(where, "the trace has too many samples");
    if (!batch.empty() && seconds > time) {
      each = (seconds - time) / static_cast<double>(batch.size());
      flush();
    }
    time = seconds;
    batch.push_back(watts);
  }

  void flush() {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const double seconds = time + static_cast<double>(i) * each;
      if (curve.size() == 0 || seconds > last) curve.add_power(seconds, batch[i]);
      last = curve.size() == 1 ? seconds : std::max(last, seconds);
    }
    batch.clear();
  }
  double last = 0;  // time in the curve
};

CsvTrace::CsvTrace() : state_(std::make_unique<State>()) {}
CsvTrace::~CsvTrace() = default;

void CsvTrace::line(std::string_view text, const std::string& where) {
  const std::string_view content = trimmed(text);
  if (content.empty() || content.starts_with('#')) return;
  if (state_->wrong) throw *state_->wrong;
  if (state_->headed) {
    state_->row(text, where);
  } else {
    state_->header(text, where);
  }
}

PowerTrace CsvTrace::finish(const std::string& origin) {
  state_->flush();
  PowerTrace trace;
  trace.format = state_->format;
  trace.curve = std::move(state_->curve);
  if (trace.curve.size() < 2) throw Error(origin, "holds fewer than two samples", std::string(kAccepted));
  trace.of_day = trace.curve.whole().begin > kOfDay;
  return trace;
}

PowerTrace read_power_trace(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (looks_like_pt4(file->text())) return parse_pt4(file->text(), path);
  LineReader lines(path);
  CsvTrace trace;
  for (std::string line; lines.next(line);) trace.line(line, lines.where());
  return trace.finish(path);
}

}  // namespace foretime
