#pragma once

// One function per output format. They know documents, not verbs.

#include <string>

#include "report/document.h"

namespace foretime::report {

struct TerminalStyle {
  int width = 0;       // columns of the terminal; 0: as wide as it gets (a file, a pipe)
  bool color = false;  // ANSI escapes
};

/// Aligned tables. Diagnostics are not in it: see notes.h.
std::string print_terminal(const Document& document, const TerminalStyle& style);

/// RFC 4180: header line, raw numbers, an empty field for what is not known, CRLF line ends.
std::string print_csv(const Document& document);

/// GitHub's dialect, numbers as people read them, diagnostics as a list.
std::string print_markdown(const Document& document);

/// One page that needs nothing else: tables sort by a click, light or dark as the reader's system.
std::string print_html(const Document& document);

}  // namespace foretime::report
