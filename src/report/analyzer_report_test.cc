#include "report/analyzer_report.h"

#include <gtest/gtest.h>

namespace foretime::report {
namespace {

api::LayerRow row(std::string op, std::int64_t parameters, const api::AnalyzerColumns& figures) {
  api::LayerRow layer;
  layer.op = std::move(op);
  layer.parameters = parameters;
  layer.analyzer = figures;
  return layer;
}

api::InspectResult with_totals(std::vector<api::LayerRow> layers) {
  api::InspectResult result;
  result.totals.analyzer.emplace();
  for (const api::LayerRow& layer : layers) {
    result.totals.parameters += layer.parameters;
    result.totals.analyzer->macs += layer.analyzer->macs;
    result.totals.analyzer->storage_bytes += layer.analyzer->storage_bytes;
    result.totals.analyzer->inference_bytes += layer.analyzer->inference_bytes;
    result.totals.analyzer->mem_read_bytes += layer.analyzer->mem_read_bytes;
    result.totals.analyzer->mem_write_bytes += layer.analyzer->mem_write_bytes;
  }
  result.layers = std::move(layers);
  return result;
}

// What tabulate 0.9 prints for these rows, and Python for the totals.
TEST(AnalyzerReport, PrintsWhatThePredecessorPrints) {
  const api::InspectResult result =
      with_totals({row("Conv2d", 864, {2709504, {3456}, {1605632}, {605568}, {1605632}}),
                   row("Dropout", 0, {0, {0}, {5120}, {0}, {0}}),
                   row("Linear", 1281000, {1280000, {5124000}, {4000}, {5124000}, {4000}}),
                   row("Conv2d", 37748736, {1849688000.5, {150994944}, {4096}, {1234567890123}, {4096}})});
  EXPECT_EQ(
      print_analyzer(result),
      R"(+---------------+--------------+-----------------+------------------+----------------+------------------+---------------+---------------+
| module name   |   parameters |   mem read (MB) |   mem write (MB) |   storage (MB) |   inference (MB) |   MACs (Mega) | duration[%]   |
|---------------+--------------+-----------------+------------------+----------------+------------------+---------------+---------------|
| Conv2d        |          864 |     0.578       |            1.531 |          0.003 |            1.531 |          2.71 | -             |
| Dropout       |            0 |     0           |            0     |          0     |            0.005 |          0    | -             |
| Linear        |      1281000 |     4.887       |            0.004 |          4.887 |            0.004 |          1.28 | -             |
| Conv2d        |     37748736 |     1.17738e+06 |            0.004 |        144     |            0.004 |       1849.69 | -             |
+---------------+--------------+-----------------+------------------+----------------+------------------+---------------+---------------+
Total Storage:  148.89 MB
Total Parameters:  39030600
Total inference memory:  1.54 MB
Total number of Macs:  1.85 GMAC
Total Memory Read + Write:  1.12 TB
)");
}

TEST(AnalyzerReport, ShowsSmallSumsAsPythonDoes) {
  const auto last_lines = [](const api::InspectResult& result) {
    const std::string text = print_analyzer(result);
    return text.substr(text.find("Total number"));
  };
  EXPECT_EQ(last_lines(with_totals({row("Dropout", 0, {0, {0}, {512}, {0}, {0}})})),
            "Total number of Macs:  0MAC\nTotal Memory Read + Write:  0B\n");
  EXPECT_EQ(last_lines(with_totals({row("Conv2d", 0, {432, {0}, {512}, {512 * 1024}, {0}})})),
            "Total number of Macs:  432.0MAC\nTotal Memory Read + Write:  512.0 KB\n");
}

}  // namespace
}  // namespace foretime::report
