#pragma once

#include <span>
#include <string>

#include "report/document.h"

namespace foretime::report {

/// "▁▂▅█": one block for each number, from the least to the most. Empty without numbers.
std::string sparkline(std::span<const double> values);

/// "▁▂▅█  10.1 ms … 12.3 ms over 600 s", for text.
std::string plot_text(const Plot& plot);

/// The plot as an SVG element that takes its colours from the page.
std::string plot_svg(const Plot& plot);

}  // namespace foretime::report
