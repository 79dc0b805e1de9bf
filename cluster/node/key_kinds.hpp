// The kinds of values that keys have: each makes a config_key from where the value lives and its bounds.
// `Get` answers a reference into a node_config, const or not: [](auto& c) -> auto& { return c.node.name; }.
#pragma once

#include "cluster/node/config_keys.hpp"
#include "cluster/node/nearest.hpp"
#include "models/ids.hpp"
#include "models/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace forestage::cluster {

// A text's own rule: empty, or what is wrong with it.
using text_rule = std::function<std::string(std::string_view)>;

struct key_name {
  std::string section, name;
};

[[nodiscard]] std::string list_text(const std::vector<std::string>& items);
// A number as short as reads back, with a point in it.
[[nodiscard]] std::string real_text(double value);
// "expected a size, found a whole number".
[[nodiscard]] std::string mismatch(const std::string& expects, const adapters::toml_value& found);

template <class Get, class Parse, class Check, class Show>
config_key make_key(key_name name, std::string expects, std::string help, Get get, Parse parse, Check check,
                    Show show) {
  // parse: value -> optional of what is stored; check: what is stored -> a sentence or nothing.
  const auto expected = expects;
  config_key key{
      std::move(name.section), std::move(name.name), std::move(expects), std::move(help), {}, {}, {}};
  key.read = [=](node_config& config, const adapters::toml_value& value, const value_fault& fault) {
    auto parsed = parse(value);
    if (!parsed) return fault(value.at, mismatch(expected, value));
    if (const auto wrong = check(*parsed); !wrong.empty()) return fault(value.at, wrong);
    get(config) = static_cast<std::remove_reference_t<decltype(get(config))>>(std::move(*parsed));
  };
  key.check = [=](const node_config& config) { return check(get(config)); };
  key.show = [=](const node_config& config) { return show(get(config)); };
  return key;
}

template <class Get>
config_key text_key(key_name name, std::string expects, std::string help, Get get, text_rule rule) {
  return make_key(
      std::move(name), std::move(expects), std::move(help), get,
      [](const adapters::toml_value& v) {
        return v.kind == adapters::toml_kind::text ? std::optional{v.text} : std::nullopt;
      },
      [rule](const std::string& text) { return rule(text); },
      [](const std::string& text) { return adapters::toml_quoted(text); });
}

// Numbers between two bounds, written by `write` and read by `parse`.
template <class Number, class Get, class Parse, class Write>
config_key bounded_key(key_name name, std::string what, std::string help, Get get, Number least, Number most,
                       Parse parse, Write write) {
  auto expects = what + " from " + write(least) + " to " + write(most);
  auto check = [expects, least, most, write](Number n) {
    return n >= least && n <= most ? std::string{} : "expected " + expects + ", found " + write(n);
  };
  return make_key(std::move(name), expects, std::move(help), get, parse, check,
                  [write](Number n) { return write(n); });
}

template <class Get>
config_key whole_key(key_name name, std::string help, Get get, std::int64_t least, std::int64_t most) {
  return bounded_key<std::int64_t>(
      std::move(name), "a whole number", std::move(help), get, least, most,
      [](const adapters::toml_value& v) {
        return v.kind == adapters::toml_kind::integer ? std::optional{v.integer} : std::nullopt;
      },
      [](std::int64_t n) { return std::to_string(n); });
}

template <class Get>
config_key real_key(key_name name, std::string help, Get get, double least, double most) {
  return bounded_key<double>(
      std::move(name), "a number", std::move(help), get, least, most,
      [](const adapters::toml_value& v) -> std::optional<double> {
        if (v.kind == adapters::toml_kind::real) return v.real;
        if (v.kind == adapters::toml_kind::integer) return static_cast<double>(v.integer);
        return {};
      },
      real_text);
}

// Bounds in milliseconds. or_none: "none" stands for 0, which the bounds need not allow.
template <class Get>
config_key time_key(key_name name, std::string help, Get get, std::int64_t least, std::int64_t most,
                    bool or_none = false) {
  const auto write = [](std::int64_t n) { return models::milliseconds_text(n); };
  auto expects = "a length of time from " + write(least) + " to " + write(most) + ", such as \"5m\"" +
                 (or_none ? ", or \"none\"" : "");
  return make_key(
      std::move(name), expects, std::move(help), get,
      [or_none](const adapters::toml_value& v) -> std::optional<std::int64_t> {
        if (v.kind != adapters::toml_kind::text) return {};
        if (or_none && v.text == "none") return 0;
        const auto parsed = models::parse_milliseconds(v.text);
        return parsed ? std::optional{parsed.value()} : std::nullopt;
      },
      [=](std::int64_t n) {
        if ((n >= least && n <= most) || (or_none && n == 0)) return std::string{};
        return "expected " + expects + ", found " + (n < 0 ? "a negative one" : write(n));
      },
      [=](std::int64_t n) {
        return adapters::toml_quoted(or_none && n == 0 ? "none" : write(std::max<std::int64_t>(n, 0)));
      });
}

template <class Get>
config_key size_key(key_name name, std::string help, Get get, std::int64_t least, std::int64_t most) {
  const auto write = [](std::int64_t n) {
    return models::bytes_text(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0)));
  };
  auto expects = "a size from " + write(least) + " to " + write(most) + ", such as \"64KiB\"";
  return make_key(
      std::move(name), expects, std::move(help), get,
      [](const adapters::toml_value& v) -> std::optional<std::int64_t> {
        if (v.kind != adapters::toml_kind::text) return {};
        const auto parsed = models::parse_bytes(v.text);
        return parsed ? std::optional{static_cast<std::int64_t>(parsed.value())} : std::nullopt;
      },
      [=](std::int64_t n) {
        return n >= least && n <= most ? std::string{} : "expected " + expects + ", found " + write(n);
      },
      [=](std::int64_t n) { return adapters::toml_quoted(write(n)); });
}

template <class Choice> using choices = std::vector<std::pair<std::string_view, Choice>>;

template <class Choice, class Get>
config_key choice_key(key_name name, std::string help, Get get, choices<Choice> all) {
  std::string expects;
  std::vector<std::string_view> names;
  for (const auto& [text, choice] : all) {
    const auto* before = names.empty() ? "" : names.size() + 1 == all.size() ? " or " : ", ";
    expects += before + adapters::toml_quoted(text);
    names.push_back(text);
  }
  auto key = make_key(
      std::move(name), expects, std::move(help), get,
      [all](const adapters::toml_value& v) -> std::optional<Choice> {
        for (const auto& [text, choice] : all)
          if (v.kind == adapters::toml_kind::text && v.text == text) return choice;
        return {};
      },
      [all, expects](Choice is) {
        for (const auto& [text, choice] : all)
          if (choice == is) return std::string{};
        return "expected " + expects;
      },
      [all](Choice is) {
        for (const auto& [text, choice] : all)
          if (choice == is) return adapters::toml_quoted(text);
        return std::string{"\"\""};
      });
  key.read = [read = key.read, names](node_config& config, const adapters::toml_value& value,
                                      const value_fault& fault) {
    read(config, value, [&](adapters::toml_place at, std::string text) {
      const auto meant =
          value.kind == adapters::toml_kind::text ? nearest_name(value.text, names) : std::string_view{};
      fault(at, meant.empty() ? text : text + "; did you mean \"" + std::string{meant} + "\"?");
    });
  };
  return key;
}

// Texts, each under a rule.
template <class Get>
config_key list_key(key_name name, std::string expects, std::string help, Get get, text_rule rule) {
  auto key = make_key(
      std::move(name), expects, std::move(help), get,
      [](const adapters::toml_value& v) -> std::optional<std::vector<std::string>> {
        if (v.kind != adapters::toml_kind::list || v.items.size() > 256) return {};
        std::vector<std::string> out;
        for (const auto& item : v.items) {
          if (item.kind != adapters::toml_kind::text) return {};
          out.push_back(item.text);
        }
        return out;
      },
      [rule](const std::vector<std::string>& items) {
        for (const auto& item : items)
          if (auto wrong = rule(item); !wrong.empty()) return wrong;
        return std::string{};
      },
      list_text);
  return key;
}

// Names of the file's own choice (patterns of regions) with a value each, under rules. write: of a value.
template <class Value, class Get, class Parse, class Write>
config_key map_key(key_name name, std::string expects, std::string help, Get get, Parse parse,
                   std::function<std::string(const std::string&, const Value&)> rule, Write write) {
  const auto expected = expects;
  auto show = [write](const std::map<std::string, Value>& all) {
    std::string text;
    for (const auto& [pattern, value] : all)
      text += (text.empty() ? " " : ", ") + adapters::toml_quoted(pattern) + " = " + write(value);
    return "{" + text + (text.empty() ? "}" : " }");
  };
  config_key key{
      std::move(name.section), std::move(name.name), std::move(expects), std::move(help), {}, {}, {}};
  key.read = [=](node_config& config, const adapters::toml_value& table, const value_fault& fault) {
    if (table.kind != adapters::toml_kind::table) return fault(table.at, mismatch(expected, table));
    for (const auto& member : table.members) {
      std::optional<Value> value = parse(member.value);
      if (!value) {
        fault(member.value.at, mismatch(expected, member.value));
      } else if (const auto wrong = rule(member.key, *value); !wrong.empty()) {
        fault(member.at, wrong);
      } else {
        get(config)[member.key] = std::move(*value);
      }
    }
  };
  key.check = [=](const node_config& config) {
    for (const auto& [pattern, value] : get(config))
      if (auto wrong = rule(pattern, value); !wrong.empty()) return wrong;
    return std::string{};
  };
  key.show = [=](const node_config& config) { return show(get(config)); };
  return key;
}

} // namespace forestage::cluster
