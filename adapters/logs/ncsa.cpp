#include "adapters/logs/ncsa.hpp"

namespace forestage::adapters::logs {

namespace {

enum column : std::size_t {
  client,
  ident,
  user,
  time,
  method,
  path,
  query,
  protocol,
  status,
  bytes,
  referrer,
  agent
};

// Takes the text up to a blank, and the blank.
std::string_view take_word(std::string_view& rest) noexcept {
  const auto blank = rest.find(' ');
  const auto word = rest.substr(0, blank);
  rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  return word;
}

// Takes "text", where \" does not end it, and a blank behind it.
bool take_quoted(std::string_view& rest, std::string_view& text) noexcept {
  if (!rest.starts_with('"')) return false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      text = rest.substr(1, i - 1);
      rest.remove_prefix(i + 1);
      if (rest.starts_with(' ')) rest.remove_prefix(1);
      return true;
    }
  }
  return false;
}

void split_request(std::string_view request, ncsa_fields& fields) noexcept {
  fields[method] = take_word(request);
  const auto last = request.rfind(' ');
  const bool has_protocol = last != std::string_view::npos && request.substr(last + 1).starts_with("HTTP/");
  const auto target = has_protocol ? request.substr(0, last) : request;
  fields[protocol] = has_protocol ? request.substr(last + 1) : request.substr(request.size());
  const auto mark = target.find('?');
  fields[path] = target.substr(0, mark);
  fields[query] = mark == std::string_view::npos ? target.substr(target.size()) : target.substr(mark + 1);
}

} // namespace

bool split_ncsa(std::string_view line, ncsa_fields& fields) noexcept {
  auto rest = line;
  fields[client] = take_word(rest);
  fields[ident] = take_word(rest);
  // A user's name may hold blanks: it goes up to the bracket.
  const auto bracket = rest.find(" [");
  const auto closed = bracket == std::string_view::npos ? bracket : rest.find(']', bracket);
  if (fields[client].empty() || closed == std::string_view::npos) return false;
  fields[user] = rest.substr(0, bracket);
  fields[time] = rest.substr(bracket + 2, closed - bracket - 2);
  rest.remove_prefix(closed + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string_view request;
  if (!take_quoted(rest, request)) return false;
  split_request(request, fields);
  fields[status] = take_word(rest);
  fields[bytes] = take_word(rest);
  if (fields[bytes] == "-") fields[bytes] = fields[bytes].substr(1);
  if (fields[status].size() != 3) return false;
  fields[referrer] = fields[agent] = line.substr(line.size());
  if (take_quoted(rest, fields[referrer])) static_cast<void>(take_quoted(rest, fields[agent]));
  return true;
}

fetch ncsa_reader::next() {
  auto got = lines_.next();
  while (got == fetch::record && lines_.text().empty())
    got = lines_.next();
  if (got != fetch::record) return got;
  const auto text = lines_.text();
  return split_ncsa({text.data(), text.size()}, fields_) ? fetch::record : fetch::malformed;
}

std::string ncsa_reader::fault() const {
  return "not a line of an NCSA access log";
}

} // namespace forestage::adapters::logs
