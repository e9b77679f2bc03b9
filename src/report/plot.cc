#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/numbers.h"

namespace foretime::report {
namespace {

// Of the drawing, in its own units; the page scales it.
constexpr double kWidth = 640;
constexpr double kHeight = 160;
constexpr double kLeft = 70;  // room for numbers
constexpr double kMargin = 18;

struct Range {
  double low = 0;
  double high = 0;

  void add(std::span<const double> values) {
    for (const double value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  /// 0 to 1; the middle where there is no extent.
  double place(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

Range range_of(std::span<const double> values) {
  Range range{values.front(), values.front()};
  range.add(values);
  return range;
}

double across(double value, const Range& x) {
  return kLeft + x.place(value) * (kWidth - kLeft - kMargin);
}
double up(double value, const Range& y) {
  return kHeight - kMargin - y.place(value) * (kHeight - 2 * kMargin);
}

/// Points of a path through the values.
std::string points(const Plot& plot, std::span<const double> values, const Range& x, const Range& y) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += fmt::format("{}{:.1f},{:.1f}", text.empty() ? "" : " ", across(plot.x[i], x), up(values[i], y));
  }
  return text;
}

std::string over(const Plot& plot) {
  return fmt::format("{} {}", human_text(Cell{plot.x.back() - plot.x.front()}, Unit::ratio), plot.x_title);
}

}  // namespace

std::string sparkline(std::span<const double> values) {
  constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty()) return {};
  const Range range = range_of(values);
  std::string text;
  for (const double value : values) {
    const double level = range.high > range.low ? range.place(value) * (kBlocks.size() - 1) : 0;
    text += kBlocks[static_cast<std::size_t>(std::lround(level))];
  }
  return text;
}

std::string plot_text(const Plot& plot) {
  if (plot.y.empty() || plot.points) return {};
  const Range range = range_of(plot.y);
  return fmt::format("{}  {} … {} over {}", sparkline(plot.y), human_text(Cell{range.low}, plot.unit),
                     human_text(Cell{range.high}, plot.unit), over(plot));
}

std::string plot_svg(const Plot& plot) {
  if (plot.y.empty()) return {};
  const Range x = range_of(plot.x);
  Range y = range_of(plot.y);
  y.add(plot.y_low);
  y.add(plot.y_high);
  std::string text = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                                 kHeight, plot.points ? plot.title : plot_text(plot));
  if (!plot.y_low.empty()) {
    std::string band = points(plot, plot.y_high, x, y);
    Plot back = plot;  // the lower edge is walked from right to left
    std::reverse(back.x.begin(), back.x.end());
    std::reverse(back.y_low.begin(), back.y_low.end());
    band += " " + points(back, back.y_low, x, y);
    text += fmt::format("<polygon class=\"band\" points=\"{}\"/>\n", band);
  }
  if (plot.points) {
    for (std::size_t i = 0; i < plot.y.size(); ++i) {
      text += fmt::format("<circle class=\"point\" r=\"2\" cx=\"{:.1f}\" cy=\"{:.1f}\"/>\n",
                          across(plot.x[i], x), up(plot.y[i], y));
    }
  } else {
    text += fmt::format("<polyline class=\"curve\" points=\"{}\"/>\n", points(plot, plot.y, x, y));
  }
  text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 6, kMargin + 4,
                      human_text(Cell{y.high}, plot.unit));
  text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 6, kHeight - kMargin,
                      human_text(Cell{y.low}, plot.unit));
  text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n</svg>\n", kWidth - kMargin,
                      kHeight - 2, over(plot));
  return text;
}

}  // namespace foretime::report
