#include "adapters/logs/catalogue.hpp"

#include "adapters/files/read_file.hpp"
#include "adapters/logs/named_table.hpp"
#include "models/ids.hpp"

#include <array>
#include <utility>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::array<std::string_view, 2> names{"resource", "kind"};
enum column : std::size_t { resource, kind };
constexpr table_shape shape{names, 2, true, "a catalogue", "resource,kind"};

} // namespace

result<catalogue_file> parse_catalogue(std::string_view text, const std::string& name) {
  if (text.empty())
    return models::error{errc::invalid_data, name + " is empty; a catalogue begins with resource,kind"};
  auto source = open_source(memory_input(name, text));
  if (!source) return source.failure(); // some other kind of file
  named_table table{std::move(*source), name, shape};
  if (auto found = table.read_header(); !found) return found.failure();
  catalogue_file out;
  while (true) {
    const auto more = table.next();
    if (!more) return more.failure();
    if (!*more) break;
    if (out.entries.size() == most_catalogue_rows)
      return models::error{errc::limit_exceeded, name + ": more than " + std::to_string(most_catalogue_rows) +
                                                     " rows; name resources with globs"};
    models::catalogue_entry entry{std::string{table.field(resource)}, std::string{table.field(kind)}};
    if (entry.resource.empty()) return table.wrong("no resource; name one, or a glob such as room/*");
    for (const auto* text_of : {&entry.resource, &entry.kind})
      if (auto id = models::resource_id::make(*text_of); !id) return table.wrong(id.failure().text);
    out.entries.push_back(std::move(entry));
  }
  auto made = models::catalogue::make(out.entries);
  if (!made) return models::error{made.failure().code, name + ": " + made.failure().text};
  out.catalogue = std::move(*made);
  return out;
}

result<catalogue_file> read_catalogue(const std::string& path) {
  auto text = files::read_file(path);
  if (!text) return text.failure();
  return parse_catalogue(*text, path);
}

} // namespace forestage::adapters::logs
