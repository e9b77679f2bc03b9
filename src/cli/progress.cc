#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace foretime::cli {
namespace {

constexpr int kBar = 24;  // characters

int width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressBar::ProgressBar(const Arguments& arguments)
    : shown_(!arguments.quiet && ::isatty(STDERR_FILENO) == 1) {}

std::function<void(int, int, const std::string&)> ProgressBar::sink() {
  if (!shown_) return {};
  return [this](int done, int all, const std::string& what) { show(done, all, what); };
}

void ProgressBar::show(int done, int all, const std::string& what) {
  const int filled = all > 0 ? kBar * std::min(done, all) / all : 0;
  std::string line = fmt::format("[{}{}] {}/{}  {}", std::string(static_cast<std::size_t>(filled), '#'),
                                 std::string(static_cast<std::size_t>(kBar - filled), '.'), done, all, what);
  line.resize(std::min(line.size(), static_cast<std::size_t>(std::max(1, width() - 1))));
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
  dirty_ = true;
}

void ProgressBar::clear() {
  if (dirty_) std::fputs("\r\x1b[K", stderr);
  dirty_ = false;
}

}  // namespace foretime::cli
