#include "cluster/node/config_file.hpp"

#include "adapters/files/read_file.hpp"
#include "cluster/node/config_keys.hpp"
#include "cluster/node/nearest.hpp"

#include <algorithm>
#include <set>

namespace forestage::cluster {

using adapters::toml_kind;
using adapters::toml_place;
using adapters::toml_value;

namespace {

// What stands in a file may be anything; a sentence shows little of it.
std::string shown(std::string_view name) {
  constexpr std::size_t most = 64;
  auto end = std::min(name.size(), most);
  while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0U) == 0x80)
    --end; // not within a character
  return adapters::toml_quoted(name.substr(0, end)) + (end < name.size() ? "…" : "");
}

class reader {
public:
  explicit reader(config_reading& out)
      : out_(out) {}

  void read(const toml_value& document) {
    for (const auto& member : document.members)
      read_section(member);
    for (const auto& fault : validate(out_.config))
      note(fault);
    // By place; what has none, last. Stable: a file's own order within a place.
    std::stable_sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) {
      return std::pair{a.first.line == 0, a.first} < std::pair{b.first.line == 0, b.first};
    });
    for (const auto& [at, text] : problems_)
      out_.problems.push_back(adapters::place_text(out_.file, at) + text);
  }

private:
  void fail(toml_place at, std::string text) { problems_.emplace_back(at, std::move(text)); }

  void read_section(const adapters::toml_member& member) {
    const auto& sections = config_sections();
    std::vector<std::string_view> names;
    for (const auto& section : sections)
      names.push_back(section.name);
    if (std::find(names.begin(), names.end(), member.key) == names.end())
      return unknown_section(member, names);
    if (member.value.kind != toml_kind::table)
      return fail(member.at, "[" + member.key + "] is a section: write [" + member.key +
                                 "] once and its keys below, found " +
                                 std::string{to_string(member.value.kind)});
    for (const auto& entry : member.value.members)
      read_key(member.key, entry);
  }

  void unknown_section(const adapters::toml_member& member, const std::vector<std::string_view>& names) {
    if (member.value.kind != toml_kind::table)
      if (const auto owner = section_of(member.key); !owner.empty())
        return fail(member.at,
                    shown(member.key) + " stands outside a section; it belongs in [" + owner + "]");
    const auto meant = nearest_name(member.key, names);
    std::string all;
    for (const auto name : names)
      all += (all.empty() ? "" : ", ") + std::string{name};
    fail(member.at,
         "there is no section " + shown(member.key) +
             (meant.empty() ? "; sections are " + all : "; did you mean [" + std::string{meant} + "]?"));
  }

  static std::string section_of(std::string_view name) {
    for (const auto& key : config_keys())
      if (key.name == name) return key.section;
    return {};
  }

  void read_key(const std::string& section, const adapters::toml_member& entry) {
    std::vector<std::string_view> names;
    std::string all;
    for (const auto& key : config_keys()) {
      if (key.section != section) continue;
      if (key.name == entry.key) return read_value(key, entry);
      names.push_back(key.name);
      all += (all.empty() ? "" : ", ") + key.name;
    }
    std::string text = "[" + section + "] has no key " + shown(entry.key);
    if (const auto owner = section_of(entry.key); !owner.empty())
      text += "; it belongs in [" + owner + "]";
    else if (const auto meant = nearest_name(entry.key, names); !meant.empty())
      text += "; did you mean " + std::string{meant} + "?";
    else
      text += "; its keys are " + all;
    fail(entry.at, std::move(text));
  }

  void read_value(const config_key& key, const adapters::toml_member& entry) {
    out_.set[key.full_name()] = entry.at;
    key.read(out_.config, entry.value, [&](toml_place at, std::string text) {
      failed_.insert(key.full_name());
      fail(at.line == 0 ? entry.at : at, key.full_name() + ": " + std::move(text));
    });
  }

  // What hangs together with a value that was not understood would be a mistake after a mistake.
  void note(const config_fault& fault) {
    if (std::any_of(fault.keys.begin(), fault.keys.end(),
                    [&](const auto& key) { return failed_.contains(key); }))
      return;
    for (const auto& key : fault.keys)
      if (const auto at = out_.set.find(key); at != out_.set.end())
        return fail(at->second, fault.keys.front() + ": " + fault.text);
    fail({}, fault.keys.front() + ": " + fault.text);
  }

  config_reading& out_;
  std::vector<std::pair<toml_place, std::string>> problems_;
  std::set<std::string> failed_; // keys whose values were not taken
};

} // namespace

config_reading read_config(std::string_view text, std::string name) {
  config_reading out;
  out.file = std::move(name);
  const auto document = adapters::parse_toml(text, out.file);
  if (!document)
    out.problems.push_back(document.failure().text);
  else
    reader{out}.read(document.value());
  return out;
}

config_reading load_config(const std::string& path) {
  const auto text = files::read_file(path, adapters::max_toml_bytes);
  if (text) return read_config(text.value(), path);
  config_reading out;
  out.file = path;
  out.unreadable = true;
  out.problems.push_back(text.failure().text);
  return out;
}

} // namespace forestage::cluster
