#include "cluster/node/metrics_text.hpp"

#include <fmt/format.h>

namespace forestage::cluster {

namespace {

// Backslash, quote and line break are all that the format escapes in a label's value.
void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value)
    switch (c) {
    case '\\':
      out += "\\\\";
      break;
    case '"':
      out += "\\\"";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      out += c;
    }
}

} // namespace

metrics_text& metrics_text::family(std::string_view name, metric_type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                       type == metric_type::counter ? "counter" : "gauge");
  return *this;
}

metrics_text& metrics_text::sample(double value, labels with) {
  text_ += name_;
  char separator = '{';
  for (const auto& [key, label] : with) {
    text_ += separator;
    text_ += key;
    text_ += "=\"";
    append_escaped(text_, label);
    text_ += '"';
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_ += fmt::format(" {}\n", value);
  return *this;
}

} // namespace forestage::cluster
