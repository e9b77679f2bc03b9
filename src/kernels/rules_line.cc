#include "kernels/rules_line.h"

#include <algorithm>
#include <cstdint>

#include "graph/graph_text_cursor.h"

namespace foretime {

bool RuleLine::next_line() {
  while (at_ < text_.size()) {
    if (!at_end()) return true;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    at_ = std::min(end + 1, text_.size());
    ++line_;
  }
  return false;
}

bool RuleLine::at_end() {
  skip_blanks();
  return rest().empty() || rest()[0] == '\n' || rest()[0] == '#';
}

void RuleLine::expect_end() {
  if (!at_end()) throw unexpected("the end of the line");
}

bool RuleLine::take(std::string_view sign) {
  skip_blanks();
  if (!rest().starts_with(sign)) return false;
  at_ += sign.size();
  return true;
}

bool RuleLine::take_word(std::string_view word) {
  const Token token = at_end() ? Token{} : peek();
  if (!token.is_word(word)) return false;
  at_ += token.text.size();
  return true;
}

void RuleLine::expect(std::string_view sign) {
  if (!take(sign)) throw unexpected("'" + std::string(sign) + "'");
}

std::string RuleLine::word(std::string_view what) {
  const Token token = at_end() ? Token{} : peek();
  if (!token.is_name()) throw unexpected(std::string(what));
  std::string name = taken(token);
  if (name.empty()) throw error("a name is empty", "expected " + std::string(what));
  return name;
}

std::string RuleLine::value() {
  const Token token = at_end() ? Token{} : peek();
  if (!token.is_name() && token.kind != Token::Kind::number) throw unexpected("a number or a word");
  return taken(token);
}

std::string_view RuleLine::braced() {
  GraphTextLexer lexer(rest());
  std::int64_t depth = 0;
  for (Token token = lexer.next();; token = lexer.next()) {
    if (token.kind == Token::Kind::none) throw error(std::string(lexer.problem()));
    if (token.kind == Token::Kind::end) throw error("the pattern does not end", "expected '}'");
    depth += token.is("{") ? 1 : token.is("}") ? -1 : 0;
    if (depth > 0 || !token.is("}")) continue;
    const std::string_view all = rest().substr(0, token.at + token.text.size());
    at_ += all.size();
    line_ += static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
    return all;
  }
}

std::string RuleLine::padding(std::string_view part) const {
  const auto start = static_cast<std::size_t>(part.data() - text_.data());
  const std::string_view before = text_.substr(0, start);
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return std::string(lines, '\n') + std::string(start - (before.rfind('\n') + 1), ' ');  // npos + 1 is 0
}

Error RuleLine::error(const std::string& what, const std::string& accepted) const {
  return Error(origin_ + ":" + std::to_string(line_), what, accepted);
}

Error RuleLine::unexpected(const std::string& expected) {
  const std::string what = at_end() ? "end of the line" : shown(peek());
  return error("unexpected " + what, "expected " + expected);
}

void RuleLine::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
}

/// REQUIRES: not at the end of the line, so that the token lies in it.
Token RuleLine::peek() {
  GraphTextLexer lexer(rest());
  Token token = lexer.next();
  // A word may hold "-", but not that of "->".
  const bool arrow = token.kind == Token::Kind::word && token.text.ends_with('-') &&
                     rest().substr(token.text.size()).starts_with('>');
  if (arrow) token.text.remove_suffix(1);
  return token;
}

std::string RuleLine::taken(const Token& token) {
  const bool quoted = token.kind == Token::Kind::string;
  at_ += token.text.size() + (quoted ? 2 : 0);
  return quoted ? unescaped(token.text) : std::string(token.text);
}

}  // namespace foretime
