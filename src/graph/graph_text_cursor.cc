#include "graph/graph_text_cursor.h"

#include <algorithm>
#include <utility>

#include "graph/literals.h"

namespace foretime {

GraphTextCursor::GraphTextCursor(std::string_view text, std::string origin)
    : text_(text), origin_(std::move(origin)), lexer_(text) {
  advance();
}

void GraphTextCursor::advance() {
  token_ = lexer_.next();
  if (token_.kind == Token::Kind::none) throw error(token_.at, std::string(lexer_.problem()));
}

Token GraphTextCursor::ahead(int distance) const {
  GraphTextLexer lexer = lexer_;
  Token token = token_;
  while (distance-- > 0) token = lexer.next();
  return token;
}

bool GraphTextCursor::take(std::string_view sign) {
  if (!token_.is(sign)) return false;
  advance();
  return true;
}

bool GraphTextCursor::take_word(std::string_view word) {
  if (!token_.is_word(word)) return false;
  advance();
  return true;
}

bool GraphTextCursor::take_keyword(std::string_view word) {
  return token_.is_word(word) && ahead(1).is_name() && take_word(word);
}

void GraphTextCursor::expect(std::string_view sign) {
  if (!take(sign)) throw unexpected("'" + std::string(sign) + "'");
}

void GraphTextCursor::expect_word(std::string_view word) {
  if (!take_word(word)) throw unexpected("'" + std::string(word) + "'");
}

std::string GraphTextCursor::name(std::string_view what) {
  if (!token_.is_name() || token_.is_word("_")) throw unexpected("the name of " + std::string(what));
  const Token token = any();
  return token.kind == Token::Kind::string ? unescaped(token.text) : std::string(token.text);
}

std::int64_t GraphTextCursor::integer() {
  const auto value = token_.kind == Token::Kind::number ? integer_named(token_.text) : std::nullopt;
  if (!value) throw unexpected("an integer of 64 bits");
  advance();
  return *value;
}

Token GraphTextCursor::any() {
  const Token taken = token_;
  advance();
  return taken;
}

bool GraphTextCursor::another_before(std::string_view close) {
  if (take(",")) return true;
  if (!take(close)) throw unexpected("',' or '" + std::string(close) + "'");
  return false;
}

Error GraphTextCursor::error(std::size_t at, const std::string& what, const std::string& accepted) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return Error(origin_ + ":" + std::to_string(line) + ":" + std::to_string(at - start + 1), what, accepted);
}

Error GraphTextCursor::unexpected(const std::string& expected) const {
  return error(token_.at, "unexpected " + shown(token_), "expected " + expected);
}

std::string shown(const Token& token) {
  constexpr std::size_t kLongest = 40;
  if (token.kind == Token::Kind::end) return "end of the text";
  const bool is_string = token.kind == Token::Kind::string;
  std::string text = is_string ? unescaped(token.text) : std::string(token.text);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  text = written_string(text);
  if (!is_string) text.front() = text.back() = '\'';
  return text;
}

}  // namespace foretime
