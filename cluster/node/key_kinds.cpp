#include "cluster/node/key_kinds.hpp"

namespace forestage::cluster {

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items)
    text += (text.empty() ? "" : ", ") + adapters::toml_quoted(item);
  return "[" + text + "]";
}

std::string real_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string out{text.data(), end};
  return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

std::string mismatch(const std::string& expects, const adapters::toml_value& found) {
  using adapters::toml_kind;
  std::string what{to_string(found.kind)};
  if (found.kind == toml_kind::integer) what += ", " + std::to_string(found.integer);
  if (found.kind == toml_kind::text && found.text.size() <= 80) what = adapters::toml_quoted(found.text);
  return "expected " + expects + ", found " + what;
}

} // namespace forestage::cluster
