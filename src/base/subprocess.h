#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace foretime {

/// A program of our own starting, spoken to in lines over its standard input and output. It leads a process
/// group, which is killed whole at the end.
class Subprocess {
 public:
  /// `command`: the program (a path, or a name looked up in $PATH) and its arguments. Error: it cannot be
  /// started.
  explicit Subprocess(const std::vector<std::string>& command);
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();

  /// Writes the line and its end. False: nobody reads any more.
  bool write_line(std::string_view line);
  /// The next line, without its end; nothing when the program closed its output or `timeout` has passed
  /// (then `timed_out`).
  std::optional<std::string> read_line(Milliseconds timeout);
  bool timed_out() const { return timed_out_; }

  /// Closes its input, waits for its end, `timeout` at most, and says how it went: "exit code 3",
  /// "signal 11 (Segmentation fault)", "no answer"; empty: it ended well.
  std::string finish(Milliseconds timeout);
  /// The last of what it wrote to standard error, at most 2 KB.
  std::string last_words() const;
  int id() const { return process_; }

 private:
  void kill();

  int process_ = -1;
  int socket_ = -1;  // its input and output
  int errors_ = -1;  // a file without a name
  std::string read_;
  bool timed_out_ = false;
  bool ended_ = false;
};

/// Where this program's own file lies; empty where the system does not say.
std::string own_path();

}  // namespace foretime
