#pragma once

#include <functional>
#include <string>

#include "cli/arguments.h"

namespace foretime::cli {

/// One line on stderr that shows how far long work is; only on a terminal, and not with --quiet.
class ProgressBar {
 public:
  explicit ProgressBar(const Arguments& arguments);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// What long work of api/ calls; empty when nothing is to be shown. REQUIRES: the bar outlives it.
  std::function<void(int done, int all, const std::string& what)> sink();
  /// Takes the line off the screen.
  void clear();

 private:
  void show(int done, int all, const std::string& what);

  bool shown_;
  bool dirty_ = false;
};

}  // namespace foretime::cli
