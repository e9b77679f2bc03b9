#include "report/accuracy_table.h"

#include "report/cells.h"

namespace foretime::report {

std::vector<Column> accuracy_columns(const std::string& what) {
  return {
      {.key = what, .title = what},
      {.key = "networks", .title = "networks", .unit = Unit::count},
      {.key = "mape_percent", .title = "mean error", .unit = Unit::percent},
      {.key = "rmspe_percent", .title = "root mean sq.", .unit = Unit::percent, .rank = 3},
      {.key = "within_5_percent", .title = "within 5 %", .unit = Unit::percent},
      {.key = "within_10_percent", .title = "within 10 %", .unit = Unit::percent},
      {.key = "within_15_percent", .title = "within 15 %", .unit = Unit::percent, .rank = 4},
      {.key = "spearman", .title = "rank corr.", .unit = Unit::ratio, .rank = 1},
      {.key = "interval90_coverage_percent", .title = "in interval", .unit = Unit::percent, .rank = 2},
  };
}

Row accuracy_row(const std::string& name, const AccuracyFigures& figures) {
  return {name,
          std::int64_t{figures.networks},
          cell(figures.mape_percent),
          cell(figures.rmspe_percent),
          cell(figures.within_5_percent),
          cell(figures.within_10_percent),
          cell(figures.within_15_percent),
          cell(figures.spearman),
          cell(figures.interval90_coverage_percent)};
}

void write_figures(JsonWriter& json, const AccuracyFigures& figures) {
  json.field("networks", figures.networks);
  json.field("mape_percent", figures.mape_percent);
  json.field("rmspe_percent", figures.rmspe_percent);
  json.field("within_5_percent", figures.within_5_percent);
  json.field("within_10_percent", figures.within_10_percent);
  json.field("within_15_percent", figures.within_15_percent);
  json.field("spearman", figures.spearman);
  json.field("interval90_coverage_percent", figures.interval90_coverage_percent);
}

}  // namespace foretime::report
