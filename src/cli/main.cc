#include "cli/run.h"

// A reader that goes away (`foretime … | head`) ends the program by SIGPIPE, quietly: the default is right.
int main(int argc, char** argv) {
  return foretime::cli::run({argv + 1, argv + argc});
}
