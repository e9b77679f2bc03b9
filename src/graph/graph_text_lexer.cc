#include "graph/graph_text_lexer.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace foretime {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
}
bool continues_word(char c) {
  return starts_word(c) || is_digit(c) || c == '.' || c == '-';
}

constexpr std::array<std::string_view, 12> kSigns = {"::", "..", "{", "}", "(", ")",
                                                     "[",  "]",  ",", ":", "=", "?"};

/// 0 to 15, or -1.
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The letter after a backslash and what both stand for; \x and two hexadecimal digits stand for any other
/// byte.
struct Escape {
  char letter;
  char byte;
};
constexpr std::array<Escape, 5> kEscapes = {
    {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}}};

/// Letters of the escape at the start of `text`, the backslash included; 0 when it is none.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] == 'x') return text.size() >= 4 && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0 ? 4 : 0;
  return std::any_of(kEscapes.begin(), kEscapes.end(), [&](Escape e) { return e.letter == text[1]; }) ? 2 : 0;
}

char escaped_byte(std::string_view text) {
  if (text[1] == 'x') return static_cast<char>(hex_digit(text[2]) * 16 + hex_digit(text[3]));
  return std::find_if(kEscapes.begin(), kEscapes.end(), [&](Escape e) { return e.letter == text[1]; })->byte;
}

std::string escaped(char c) {
  for (const Escape& escape : kEscapes) {
    if (escape.byte == c) return {'\\', escape.letter};
  }
  constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
}

bool is_printable(std::string_view character) {
  return character.size() > 1 ||
         (character[0] >= ' ' && character[0] != '"' && character[0] != '\\' && character[0] != '\x7f');
}

}  // namespace

Token GraphTextLexer::next() {
  skip_blanks();
  const std::string_view rest = text_.substr(at_);
  if (rest.empty()) return take(Token::Kind::end, 0);
  if (rest[0] == '"') return quoted();
  if (starts_word(rest[0])) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), continues_word);
    return take(Token::Kind::word, static_cast<std::size_t>(end - rest.begin()));
  }
  if (const std::size_t length = number_length(); length > 0) return take(Token::Kind::number, length);
  for (const std::string_view sign : kSigns) {
    if (rest.starts_with(sign)) return take(Token::Kind::sign, sign.size());
  }
  problem_ = "this character means nothing here (names other than words are written in quotes)";
  return take(Token::Kind::none, 1);
}

void GraphTextLexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (std::string_view(" \t\r\n").find(text_[at_]) == std::string_view::npos) {
      return;
    } else {
      ++at_;
    }
  }
}

Token GraphTextLexer::take(Token::Kind kind, std::size_t length) {
  const Token token{kind, text_.substr(at_, length), at_};
  at_ += length;
  return token;
}

Token GraphTextLexer::quoted() {
  const std::size_t start = at_;
  for (std::size_t i = at_ + 1; i < text_.size() && text_[i] != '\n';) {
    if (text_[i] == '"') {
      at_ = i + 1;
      return {Token::Kind::string, text_.substr(start + 1, i - start - 1), start};
    }
    const std::size_t length = text_[i] == '\\' ? escape_length(text_.substr(i)) : 1;
    if (length == 0) {
      problem_ =
          "unknown escape in a string (known are \\n, \\t, \\r, \\\", \\\\ and \\x with two hexadecimal "
          "digits)";
      at_ = i;
      return take(Token::Kind::none, 1);
    }
    i += length;
  }
  problem_ = "this string does not end on its line (a line end in a string is written \\n)";
  return take(Token::Kind::none, 1);
}

/// "12", "-1", "0.5", "1e-05", "-inf"; not the dots of "1..64".
std::size_t GraphTextLexer::number_length() const {
  const std::string_view rest = text_.substr(at_);
  std::size_t i = rest[0] == '-' ? 1 : 0;
  if (i == 1 && rest.substr(1).starts_with("inf")) return 4;
  const std::size_t first = i;
  const auto digits = [&] {
    while (i < rest.size() && is_digit(rest[i])) ++i;
  };
  digits();
  if (i == first) return 0;
  if (rest.substr(i).starts_with(".") && !rest.substr(i).starts_with("..")) {
    ++i;
    digits();
  }
  if (i < rest.size() && (rest[i] == 'e' || rest[i] == 'E')) {
    ++i;
    if (i < rest.size() && (rest[i] == '-' || rest[i] == '+')) ++i;
    digits();
  }
  return i;
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const bool escape = text[0] == '\\';
    bytes += escape ? escaped_byte(text) : text[0];
    text.remove_prefix(escape ? escape_length(text) : 1);
  }
  return bytes;
}

std::string written_name(std::string_view name) {
  const bool plain = !name.empty() && name != "_" && starts_word(name[0]) &&
                     std::all_of(name.begin(), name.end(), continues_word);
  return plain ? std::string(name) : written_string(name);
}

std::string written_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, utf8_character(text)));
    const bool whole = utf8_character(text) > 0;
    if (whole && is_printable(character)) {
      out += character;
    } else {
      out += escaped(character[0]);
    }
    text.remove_prefix(whole ? character.size() : 1);
  }
  return out + "\"";
}

}  // namespace foretime
