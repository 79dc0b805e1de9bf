#include "cluster/node/config_text.hpp"

#include "cluster/node/config_keys.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace forestage::cluster {

namespace {

using json = nlohmann::ordered_json;

// Lines of at most 100 characters, each begun with `# `.
std::string comment(const std::string& text) {
  constexpr std::size_t width = 98;
  std::string out, line;
  for (std::size_t at = 0; at <= text.size();) {
    const auto blank = std::min(text.find(' ', at), text.size());
    const auto word = text.substr(at, blank - at);
    at = blank + 1;
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      out += "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + "# " + line + "\n";
}

json json_of(const adapters::toml_value& value) {
  using adapters::toml_kind;
  switch (value.kind) {
  case toml_kind::text:
    return value.text;
  case toml_kind::integer:
    return value.integer;
  case toml_kind::real:
    return value.real;
  case toml_kind::boolean:
    return value.boolean;
  case toml_kind::list: {
    auto out = json::array();
    for (const auto& item : value.items)
      out.push_back(json_of(item));
    return out;
  }
  case toml_kind::table: {
    auto out = json::object();
    for (const auto& member : value.members)
      out[member.key] = json_of(member.value);
    return out;
  }
  case toml_kind::time:
    break;
  }
  return nullptr;
}

// What a key shows is TOML: read back, it is a value.
json shown_value(const config_key& key, const node_config& config) {
  const auto document = adapters::parse_toml("v = " + key.show(config), key.full_name());
  return document && !document.value().members.empty() ? json_of(document.value().members.front().value)
                                                       : json{};
}

// A cell of a Markdown table.
std::string cell(std::string text) {
  std::string out;
  for (const char c : text)
    out += c == '|' ? "\\|" : std::string{c};
  return out;
}

} // namespace

std::string default_config_toml() {
  const node_config defaults;
  std::string out = "# Forestage: every key with its default. A file needs only what differs. Check it: "
                    "forestage config check FILE\n";
  for (const auto& section : config_sections()) {
    out += "\n" + comment(std::string{section.help}) + "[" + std::string{section.name} + "]\n";
    for (const auto& key : config_keys())
      if (key.section == section.name)
        out += "\n" + comment(key.help) + comment("Expected: " + key.expects + ".") + key.name + " = " +
               key.show(defaults) + "\n";
  }
  return out;
}

std::string config_markdown() {
  const node_config defaults;
  std::string out =
      "# Configuration\n\n"
      "<!-- Written by `forestage config show -o markdown`; a test compares. Change "
      "cluster/node/config_keys.cpp. -->\n\n"
      "One TOML file, `forestage node --config FILE`. Without one every default holds: a node for trying "
      "out, on loopback, everything embedded.\n"
      "`forestage config show` prints a file with all defaults to begin with; `forestage config check FILE` "
      "prints what is in force and where each\n"
      "value came from, or every mistake with its line and column (exit code 2). `configs/example.toml` is a "
      "node that others can reach.\n\n"
      "Lengths of time are a whole number with `ms`, `s`, `m`, `h` or `d`; sizes one with `B`, `KiB`, `MiB`, "
      "`GiB` or `TiB`; both are texts.\n"
      "Unknown keys are errors. A listener outside loopback is refused without TLS and without tokens.\n";
  for (const auto& section : config_sections()) {
    out += "\n## [" + std::string{section.name} + "]\n\n" + std::string{section.help} +
           "\n\n| key | default | expected | what it means |\n|---|---|---|---|\n";
    for (const auto& key : config_keys())
      if (key.section == section.name)
        out += "| `" + key.name + "` | `" + cell(key.show(defaults)) + "` | " + cell(key.expects) + " | " +
               cell(key.help) + " |\n";
  }
  return out;
}

std::string to_text(const config_reading& reading) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t width = 0;
  for (const auto& key : config_keys()) {
    const auto at = reading.set.find(key.full_name());
    lines.emplace_back(key.full_name() + " = " + key.show(reading.config),
                       at == reading.set.end() ? "default" : "line " + std::to_string(at->second.line));
    if (lines.back().first.size() <= 72) width = std::max(width, lines.back().first.size());
  }
  std::string out;
  for (const auto& [value, origin] : lines)
    out += value + std::string(value.size() < width ? width - value.size() : 0, ' ') + "  # " + origin + "\n";
  return out;
}

std::string to_json(const config_reading& reading) {
  json out{{"file", reading.file}, {"ok", reading.ok()}, {"problems", reading.problems}};
  auto& config = out["config"] = json::object();
  for (const auto& key : config_keys()) {
    const auto at = reading.set.find(key.full_name());
    const bool given = at != reading.set.end();
    config[key.section][key.name] = {{"value", shown_value(key, reading.config)},
                                     {"line", given ? json(at->second.line) : json{}},
                                     {"column", given ? json(at->second.column) : json{}}};
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace forestage::cluster
