#include "cli/failures.h"

#include "cli/terminal.h"

namespace foretime::cli {

int report_failures(const std::vector<api::Failure>& failures) {
  for (const api::Failure& failure : failures) {
    const bool named = failure.error.starts_with(failure.model);
    write_error(named ? failure.error : failure.model + ": " + failure.error);
  }
  return failures.empty() ? 0 : 3;
}

}  // namespace foretime::cli
