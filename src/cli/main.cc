#include <malloc.h>

#include "cli/run.h"

namespace {

/// Big graphs are many small allocations and a few growing tables: the heap grows in large steps and gives
/// nothing back on the way, instead of asking the system again and again.
void tune_heap() {
  mallopt(M_TOP_PAD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
}

}  // namespace

// A reader that goes away (`foretime … | head`) ends the program by SIGPIPE, quietly: the default is right.
int main(int argc, char** argv) {
  tune_heap();
  return foretime::cli::run({argv + 1, argv + argc});
}
