#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace foretime {

/// A piece of the text form. `text` is the piece as written, a string's without its quotes but with its
/// escapes.
struct Token {
  enum class Kind : std::uint8_t { end, word, string, number, sign, none };  // none: see problem()

  Kind kind = Kind::end;
  std::string_view text;
  std::size_t at = 0;  // offset in the text

  bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
  /// A word or a string: what names tensors, nodes and operators.
  bool is_name() const { return kind == Kind::word || kind == Kind::string; }
};

/// Cuts the text form into tokens, skipping white space and comments ("#" to the end of the line). Cheap to
/// copy: a copy looks ahead.
class GraphTextLexer {
 public:
  explicit GraphTextLexer(std::string_view text) : text_(text) {}

  /// The token at the front, which is taken.
  Token next();
  /// Why the last token is none, and what would be one.
  std::string_view problem() const { return problem_; }

 private:
  void skip_blanks();
  Token take(Token::Kind kind, std::size_t length);
  Token quoted();
  std::size_t number_length() const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view problem_;
};

/// What the text between the quotes of a string token stands for. REQUIRES: the lexer made it.
std::string unescaped(std::string_view text);

/// A name or a string as the lexer reads it: plain if it is a word, else quoted and escaped.
std::string written_name(std::string_view name);
std::string written_string(std::string_view text);

}  // namespace foretime
