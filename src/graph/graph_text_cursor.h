#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "graph/graph_text_lexer.h"

namespace foretime {

/// Where a parser of the text form stands: the token at hand, and the ways to take it, to look ahead, and to
/// complain.
class GraphTextCursor {
 public:
  GraphTextCursor(std::string_view text, std::string origin);

  const Token& token() const { return token_; }
  std::size_t at() const { return token_.at; }
  /// The token `distance` after the one at hand.
  Token ahead(int distance) const;

  // The token is taken if it is this.
  bool take(std::string_view sign);
  bool take_word(std::string_view word);
  /// Takes `word` where a name follows; elsewhere it is a name itself.
  bool take_keyword(std::string_view word);

  // The token is taken. Error: it is another one.
  void expect(std::string_view sign);
  void expect_word(std::string_view word);
  /// A word or a string; `what` it names is for the error ("a tensor").
  std::string name(std::string_view what);
  std::int64_t integer();
  Token any();

  /// After an item of a list: true if another follows. Error: neither a comma nor `close`.
  bool another_before(std::string_view close);

  /// An error at an offset of the text.
  Error error(std::size_t at, const std::string& what, const std::string& accepted = {}) const;
  /// The token at hand is not what is expected.
  Error unexpected(const std::string& expected) const;
  /// Runs `f`, which knows no places; its errors get this one.
  template <typename F>
  auto at_place(std::size_t at, F f) const {
    try {
      return f();
    } catch (const Error& problem) {
      throw error(at, problem.problem());
    }
  }

 private:
  void advance();

  std::string_view text_;
  std::string origin_;
  GraphTextLexer lexer_;
  Token token_;
};

/// A token in an error message: in quotes, printable, and cut when it is long.
std::string shown(const Token& token);

}  // namespace foretime
