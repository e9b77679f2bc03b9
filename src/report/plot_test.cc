#include "report/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/printers.h"

namespace foretime::report {
namespace {

using ::testing::HasSubstr;

Plot plot() {
  Plot plot;
  plot.title = "Latency <of it>";
  plot.x_title = "s";
  plot.unit = Unit::milliseconds;
  plot.x = {0, 20, 40};
  plot.y = {10, 10, 14};
  plot.y_low = {9, 9, 12};
  plot.y_high = {11, 11, 16};
  return plot;
}

TEST(PlotTest, AsALineOfBlocks) {
  EXPECT_EQ(sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(std::vector<double>{5, 5}), "▁▁");
  EXPECT_EQ(sparkline({}), "");
  EXPECT_EQ(plot_text(plot()), "▁▁█  10.0 ms … 14.0 ms over 40.0 s");
}

TEST(PlotTest, AsACurveWithItsBand) {
  const std::string svg = plot_svg(plot());
  EXPECT_THAT(svg, HasSubstr("<polyline class=\"curve\" points=\"70.0,124.3 346.0,124.3 622.0,53.4\"/>"));
  EXPECT_THAT(svg, HasSubstr("<polygon class=\"band\" points=\"70.0,106.6 346.0,106.6 622.0,18.0 622.0,88.9 "
                             "346.0,142.0 70.0,142.0\"/>"));
  EXPECT_THAT(svg, HasSubstr(">16.0 ms</text>"));
}

TEST(PlotTest, InEveryFormatForPeople) {
  Document document;
  document.title = "x";
  document.plots = {plot()};
  EXPECT_THAT(print_terminal(document, {}),
              HasSubstr("Latency <of it>\n▁▁█  10.0 ms … 14.0 ms over 40.0 s\n"));
  EXPECT_THAT(print_markdown(document),
              HasSubstr("## Latency \\<of it\\>\n\n▁▁█  10.0 ms … 14.0 ms over 40.0 s\n"));
  EXPECT_THAT(print_html(document),
              HasSubstr("<h2>Latency &lt;of it&gt;</h2>\n<svg viewBox=\"0 0 640 160\""));
}

}  // namespace
}  // namespace foretime::report
