#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "graph/graph_text_lexer.h"

namespace foretime {

/// Where the parser of rules stands in its text: words, numbers and quoted names as in graph_text.h, and the
/// signs of rules. A rule ends with its line.
class RuleLine {
 public:
  RuleLine(std::string_view text, const std::string& origin) : text_(text), origin_(origin) {}

  /// Skips to the next line that holds a rule; false: there is none.
  bool next_line();
  /// Nothing but blanks or a comment is left in the line.
  bool at_end();
  /// Error: something is left in the line.
  void expect_end();

  /// The sign, or the word, is taken if it is what comes next.
  bool take(std::string_view sign);
  bool take_word(std::string_view word);
  /// Error: something else comes next.
  void expect(std::string_view sign);

  /// A word or a quoted name, which is not empty. Error, that says `what` was expected.
  std::string word(std::string_view what);
  /// A number as written, a word, or a quoted name.
  std::string value();

  /// The text from here to the brace that closes the first one; it may end on a later line.
  std::string_view braced();
  /// Blanks and line ends that put a text at its place in the file, for errors inside it.
  std::string padding(std::string_view part) const;

  Error error(const std::string& what, const std::string& accepted = {}) const;
  Error unexpected(const std::string& expected);

 private:
  void skip_blanks();
  std::string_view rest() const { return text_.substr(at_); }
  Token peek();
  std::string taken(const Token& token);

  std::string_view text_;
  const std::string& origin_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace foretime
