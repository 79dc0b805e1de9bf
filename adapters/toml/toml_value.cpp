#include "adapters/toml/toml_value.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <tuple>

namespace forestage::adapters {

using models::errc;
using models::error;

namespace {

toml_place place_of(const ::toml::source_region& source) {
  return {static_cast<std::uint32_t>(source.begin.line), static_cast<std::uint32_t>(source.begin.column)};
}

toml_value value_of(const ::toml::node& node); // depth is bounded by the vendor (256)

void fill(toml_value& out, const ::toml::table& table) {
  for (const auto& [key, node] : table)
    out.members.push_back({std::string{key.str()}, place_of(key.source()), value_of(node)});
  std::sort(out.members.begin(), out.members.end(),
            [](const auto& a, const auto& b) { return std::tie(a.at, a.key) < std::tie(b.at, b.key); });
}

toml_value value_of(const ::toml::node& node) {
  toml_value out;
  out.at = place_of(node.source());
  if (const auto* table = node.as_table()) {
    out.kind = toml_kind::table;
    fill(out, *table);
  } else if (const auto* list = node.as_array()) {
    out.kind = toml_kind::list;
    for (const auto& item : *list)
      out.items.push_back(value_of(item));
  } else if (const auto* text = node.as_string()) {
    out.kind = toml_kind::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = toml_kind::integer;
    out.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    out.kind = toml_kind::real;
    out.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = toml_kind::boolean;
    out.boolean = boolean->get();
  } else {
    out.kind = toml_kind::time;
  }
  return out;
}

} // namespace

std::string_view to_string(toml_kind kind) noexcept {
  switch (kind) {
  case toml_kind::text:
    return "a text";
  case toml_kind::integer:
    return "a whole number";
  case toml_kind::real:
    return "a number with a fraction";
  case toml_kind::boolean:
    return "true or false";
  case toml_kind::list:
    return "a list";
  case toml_kind::table:
    return "a table";
  case toml_kind::time:
    return "a date or time";
  }
  return "nothing known";
}

std::string place_text(std::string_view name, toml_place at) {
  std::string text{name};
  if (at.line != 0) text += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  return text + ": ";
}

models::result<toml_value> parse_toml(std::string_view text, std::string_view name) {
  if (text.size() > max_toml_bytes)
    return {errc::limit_exceeded, std::string{name} + " holds more than 1 MiB; is it the right file?"};
  try {
    const auto table = ::toml::parse(text);
    toml_value out;
    out.at = {1, 1};
    fill(out, table);
    return out;
  } catch (const ::toml::parse_error& wrong) {
    return {errc::invalid_data,
            place_text(name, place_of(wrong.source())) + "no TOML: " + std::string{wrong.description()}};
  } catch (const std::exception& wrong) { // out of memory
    return {errc::invalid_data, std::string{name} + " cannot be read: " + wrong.what()};
  }
}

std::string toml_quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

} // namespace forestage::adapters
