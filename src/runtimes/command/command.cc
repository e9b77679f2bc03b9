#include "runtimes/command/command.h"

#include <array>
#include <charconv>
#include <regex>

#include "base/error.h"
#include "base/json.h"
#include "base/one_line.h"
#include "base/stopwatch.h"
#include "base/subprocess.h"

namespace foretime::command {
namespace {

constexpr std::array<RuntimeOption, 7> kOptions = {{
    {"command", "what to run, in a shell; {model} becomes the model's file, {threads} the number of threads"},
    {"pattern", "a regular expression; its first group is the time in the output"},
    {"json", "instead: where the time is in the JSON that is printed, as in results.0.mean"},
    {"unit", "of the time: ms (default), us, ns or s"},
    {"limit", "seconds for one run (default 120)"},
    {"retries", "runs that may fail before giving up (default 2)"},
    {"version", "what to report as the runtime's version"},
}};

constexpr std::string_view kUnits[] = {"ms", "us", "ns", "s"};
constexpr double kMsPerUnit[] = {1, 1e-3, 1e-6, 1e3};

double number_of(const SessionRequest& request, const std::string& name, std::string_view otherwise) {
  const std::string text = option_or(request, name, otherwise);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    throw Error("--runtime-option " + name, "'" + text + "' is not a number it takes", "a number from 0");
  }
  return value;
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

class CommandSession final : public Session {
 public:
  explicit CommandSession(const SessionRequest& request)
      : command_(option_or(request, "command", "")),
        pattern_(option_or(request, "pattern", "")),
        json_(option_or(request, "json", "")),
        ms_per_unit_(kMsPerUnit[option_choice(request, "unit", "ms", kUnits)]),
        limit_{number_of(request, "limit", "120") * 1e3},
        retries_(static_cast<int>(number_of(request, "retries", "2"))) {
    if (command_.empty())
      throw Error("--command", "is missing", "what to run, as in 'ssh board bench {model}'");
    if (pattern_.empty() == json_.empty()) {
      throw Error("--command", "needs one way to find the time in what it prints",
                  "--runtime-option pattern=REGEX, or --runtime-option json=PATH");
    }
    (void)option_or(request, "version", "");
    replace_all(command_, "{model}", quoted(request.model));
    replace_all(command_, "{threads}", std::to_string(request.threads));
    description_ = {"command",      option_or(request, "version", ""), "command", request.precision, "",
                    request.threads};
  }

  const RuntimeDescription& description() const override { return description_; }

  std::optional<Milliseconds> run() override {
    for (int attempt = 0;; ++attempt) {
      try {
        return Milliseconds{find_number(output(), pattern_, json_) * ms_per_unit_};
      } catch (const Error&) {
        if (attempt >= retries_) throw;
      }
    }
  }

  std::vector<TensorValue> outputs() override { return {}; }
  KernelProfile profile(int) override {
    throw Error("--kernels", "a command tells only the whole time", "another --runtime");
  }

 private:
  /// What the command printed.
  std::string output() const {
    const Stopwatch watch;
    Subprocess process({"sh", "-c", command_ + " 2>&1"});
    std::string all;
    while (auto line = process.read_line(limit_ + Milliseconds{-watch.elapsed().value})) all += *line + "\n";
    if (process.timed_out()) {
      throw Error("--command",
                  "took longer than " + std::to_string(static_cast<int>(limit_.value / 1e3)) + " s",
                  "a longer --runtime-option limit");
    }
    constexpr Milliseconds kPatience{10'000};
    const std::string ended = process.finish(kPatience);
    constexpr std::size_t kTail = 400;
    const std::string tail = one_line(all.size() > kTail ? all.substr(all.size() - kTail) : all);
    if (!ended.empty()) throw Error("--command", "ended with " + ended + ": " + tail);
    return all;
  }

  std::string command_;
  std::string pattern_;
  std::string json_;
  double ms_per_unit_;
  Milliseconds limit_;
  int retries_;
  RuntimeDescription description_;
};

/// The JSON value that the text ends with: from the first brace or bracket from which on all is JSON.
Json last_json(const std::string& text) {
  for (std::size_t at = text.find_first_of("{["); at != std::string::npos;
       at = text.find_first_of("{[", at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;  // it begins a line
    Json json = Json::parse(text.substr(at), nullptr, false);
    if (!json.is_discarded()) return json;
  }
  throw Error("--command", "what it printed does not end with JSON: " + one_line(text.substr(0, 200)));
}

const Json* at_path(const Json& json, const std::string& path) {
  const Json* here = &json;
  for (std::string_view rest = path; here != nullptr;) {
    const std::string key(rest.substr(0, rest.find('.')));
    if (here->is_array()) {
      std::size_t place = here->size();
      std::from_chars(key.data(), key.data() + key.size(), place);
      here = place < here->size() ? &(*here)[place] : nullptr;
    } else {
      here = here->is_object() && here->contains(key) ? &here->at(key) : nullptr;
    }
    if (key.size() == rest.size()) break;
    rest.remove_prefix(key.size() + 1);
  }
  return here;
}

}  // namespace

std::span<const RuntimeOption> options() {
  return kOptions;
}

std::unique_ptr<Session> open(const SessionRequest& request) {
  return std::make_unique<CommandSession>(request);
}

std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

double find_number(const std::string& output, const std::string& pattern, const std::string& path) {
  if (pattern.empty()) {
    const Json json = last_json(output);
    const Json* found = at_path(json, path);
    if (found == nullptr || !found->is_number()) {
      throw Error("--runtime-option json=" + path, "there is no number in what the command printed");
    }
    return found->get<double>();
  }
  std::regex expression;
  try {
    expression = std::regex(pattern);
  } catch (const std::regex_error& error) {
    throw Error("--runtime-option pattern=" + pattern,
                std::string("is no regular expression: ") + error.what());
  }
  std::string number;
  for (std::sregex_iterator match(output.begin(), output.end(), expression), end; match != end; ++match) {
    number = match->size() > 1 ? (*match)[1].str() : match->str();
  }
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || error != std::errc{}) {
    throw Error("--runtime-option pattern=" + pattern,
                "finds no number in what the command printed: " + one_line(output.substr(0, 200)));
  }
  return value;
}

}  // namespace foretime::command
