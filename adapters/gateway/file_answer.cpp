#include "adapters/gateway/file_answer.hpp"

#include "adapters/gateway/http_date.hpp"

#include <array>
#include <cstdio>

namespace forestage::adapters::gateway {

namespace {
// Whether a list of tags ("a", W/"b", *) has this one; weak comparison, as If-None-Match wants it.
bool names_tag(std::string_view list, std::string_view tag) {
  if (list == "*") return true;
  while (!list.empty()) {
    const auto begin = list.find('"');
    if (begin == list.npos) return false;
    const auto end = list.find('"', begin + 1);
    if (end == list.npos) return false;
    if (list.substr(begin, end - begin + 1) == tag) return true;
    list.remove_prefix(end + 1);
  }
  return false;
}

bool not_modified(const request& asked, const file_facts& file) {
  const auto none_match = asked.header("If-None-Match");
  if (!none_match.empty()) return names_tag(none_match, file.entity_tag); // it outranks the date
  const auto since = parse_http_date(asked.header("If-Modified-Since"));
  return since && file.changed <= *since;
}

// A range is honoured only when the client's part is of the same file.
bool range_counts(const request& asked, const file_facts& file) {
  const auto condition = asked.header("If-Range");
  if (condition.empty()) return true;
  if (condition.front() == '"') return condition == file.entity_tag;
  const auto date = parse_http_date(condition);
  return date && *date == file.changed;
}
} // namespace

file_answer answer_with_file(const request& asked, const file_facts& file) {
  file_answer out;
  out.headers = {{"ETag", file.entity_tag},
                 {"Last-Modified", format_http_date(file.changed)},
                 {"Accept-Ranges", "bytes"}};
  if (not_modified(asked, file)) {
    out.status = 304;
    return out;
  }
  out.length = file.size;
  // Range means something for GET alone (RFC 9110 §14.2).
  if (asked.method != "GET" || !range_counts(asked, file)) return out;
  const auto range = parse_range(asked.header("Range"), file.size);
  if (range.kind == range_kind::whole) return out;
  out.from = range.from;
  out.length = range.length;
  const auto size = std::to_string(file.size);
  if (range.kind == range_kind::unsatisfiable) {
    out.status = 416;
    out.headers.emplace_back("Content-Range", "bytes */" + size);
  } else {
    out.status = 206;
    out.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.from) + "-" +
                                                  std::to_string(range.from + range.length - 1) + "/" + size);
  }
  return out;
}

std::string entity_tag_of(std::uint64_t size, std::int64_t changed_nanoseconds) {
  std::array<char, 48> out{};
  const int used =
      std::snprintf(out.data(), out.size(), "\"%llx-%llx\"", static_cast<unsigned long long>(size),
                    static_cast<unsigned long long>(changed_nanoseconds));
  return {out.data(), static_cast<std::size_t>(used)};
}

} // namespace forestage::adapters::gateway
