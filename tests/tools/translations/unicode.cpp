#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

constexpr char32_t first_syllable = 0xAC00, last_syllable = 0xD7A3;
constexpr int finals = 28;  // of a vowel: none, and 27
constexpr int rieul_of_finals = 8;
constexpr char32_t leads[] = {0xC0, 0xE0, 0xF0};  // of 2, 3 and 4 bytes

}  // namespace

std::u32string from_utf8(std::string_view text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
    result += c;
    i += length;
  }
  return result;
}

std::string to_utf8(std::u32string_view text) {
  std::string result;
  for (const char32_t c : text) {
    if (c < 0x80) {
      result += static_cast<char>(c);
      continue;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    result += static_cast<char>(leads[more - 1] | c >> (6 * more));
    for (int k = more - 1; k >= 0; --k) result += static_cast<char>(0x80u | (c >> (6 * k) & 0x3Fu));
  }
  return result;
}

bool is_hangul(char32_t c) { return c >= first_syllable && c <= last_syllable; }

Final final_of(char32_t syllable) {
  const int final = static_cast<int>((syllable - first_syllable) % finals);
  if (final == 0) return Final::none;
  return final == rieul_of_finals ? Final::rieul : Final::other;
}

bool is_word_letter(char32_t c) {
  if (c < 0x80)
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  if (c == 0xD7 || c == 0xF7) return false;  // the signs of product and quotient
  return (c >= 0xC0 && c < 0x2000) || (c >= 0x3040 && c <= last_syllable);
}

std::string one_spaced(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) result += c;
    if (blank && !result.empty() && result.back() != ' ') result += ' ';
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string first_words(std::string_view text, std::size_t most) {
  const std::u32string all = from_utf8(one_spaced(text));
  if (all.size() <= most) return to_utf8(all);
  const std::size_t end = all.rfind(U' ', most);
  return to_utf8(all.substr(0, end == std::u32string::npos ? most : end)) + " …";
}

}  // namespace gradus
