#include "models/glob.hpp"

#include <cstddef>

namespace forestage::models {

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  constexpr auto none = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = none; // where to resume after the last '*'
  std::size_t star_text = 0;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; };
  while (t < text.size()) {
    const char wanted = p < pattern.size() ? pattern[p] : '\0';
    if (p < pattern.size() && wanted == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && wanted == '?') {
      ++p;
      ++t;
      while (t < text.size() && continues(text[t]))
        ++t;
      continue;
    }
    const bool literal = wanted == '\\' && p + 1 < pattern.size();
    if (p < pattern.size() && (literal ? pattern[p + 1] : wanted) == text[t]) {
      p += literal ? 2 : 1;
      ++t;
      continue;
    }
    if (star == none) return false;
    p = star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

bool is_glob(std::string_view name) noexcept {
  return name.find_first_of("*?") != std::string_view::npos;
}

} // namespace forestage::models
