#include "cluster/replay/intent_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace forestage::cluster {

using models::errc;
using models::result;
using models::synthetic::intent_simulation;

namespace {

models::error bad(std::string_view key, std::string_view value, std::string_view remedy) {
  return {errc::invalid_argument, fmt::format("--intents: {}={}: {}", key, value, remedy)};
}

std::optional<double> number(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return percent ? value / 100 : value;
}

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

models::status read_lead(std::string_view value, intent_simulation& out) {
  const auto dash = value.find('-');
  const auto from = whole(value.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : whole(value.substr(dash + 1));
  if (!from || !to || *from < 1 || *to < *from || *to > 100)
    return bad("lead", value, "give the intervals ahead of a request, from 1 to 100, such as 1-3 or 2");
  out.lead_from = static_cast<std::int64_t>(*from);
  out.lead_to = static_cast<std::int64_t>(*to);
  return models::success();
}

models::status read_one(std::string_view key, std::string_view value, intent_simulation& out) {
  const auto read_share = [&](double& into, double most, std::string_view remedy) -> models::status {
    const auto x = number(value);
    if (!x || *x < 0 || *x > most) return bad(key, value, remedy);
    into = *x;
    return models::success();
  };
  const auto read_whole = [&](auto& into, std::uint64_t least, std::uint64_t most,
                              std::string_view remedy) -> models::status {
    const auto x = whole(value);
    if (!x || *x < least || *x > most) return bad(key, value, remedy);
    into = static_cast<std::remove_reference_t<decltype(into)>>(*x);
    return models::success();
  };
  if (key == "p") return read_share(out.p, 1, "give the share of requests that is declared, 0 to 1");
  if (key == "noshow")
    return read_share(out.noshow, .95, "give the share of declarations that is not kept, 0 to .95");
  if (key == "jitter")
    return read_share(out.jitter, 1, "give the share of declarations that is one interval off, 0 to 1");
  if (key == "liars") return read_share(out.liars, .95, "give the share of peers that lies, 0 to .95");
  if (key == "liar-rate")
    return read_share(out.liar_rate, 1,
                      "give the share of requests that liars declare as if they were honest, 0 to 1");
  if (key == "sleepers")
    return read_share(out.sleepers, .95,
                      "give the share of peers that lies from the evaluation part on, 0 to .95");
  if (key == "share-noise")
    return read_share(out.share_noise, 2, "give the standard deviation of the declared share's log, 0 to 2");
  if (key == "flood") {
    const auto x = number(value);
    if (!x || *x < 1 || *x > 1'000)
      return bad(key, value, "give how many times as much liars declare during a flood, 1 to 1000");
    out.flood = *x;
    return models::success();
  }
  if (key == "lead") return read_lead(value, out);
  if (key == "peers")
    return read_whole(out.peers, 1, 10'000'000, "give the number of honest peers, 1 to 10000000");
  if (key == "top")
    return read_whole(out.top, 1, 100'000, "give how many of the busiest keys are declared for, 1 to 100000");
  if (key == "seed")
    return read_whole(out.seed, 0, std::numeric_limits<std::uint64_t>::max(), "give a whole number");
  return {
      errc::invalid_argument,
      fmt::format("--intents: '{}' is none of p, noshow, jitter, liars, liar-rate, flood, sybil, sleepers, "
                  "share-noise, lead, peers, top, seed; write for instance p=.5,noshow=.3",
                  key)};
}

} // namespace

result<intent_simulation> parse_intents(std::string_view text) {
  intent_simulation out;
  std::vector<std::string_view> seen;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const auto item = text.substr(at, comma - at);
    at = comma + 1;
    const auto equals = item.find('=');
    const auto key = item.substr(0, equals);
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      return models::error{errc::invalid_argument,
                           fmt::format("--intents: '{}' is given twice; keep one of them", key)};
    seen.push_back(key);
    if (key == "sybil" && equals == std::string_view::npos) {
      out.sybil = true;
      continue;
    }
    if (key == "sybil")
      return bad(key, item.substr(equals + 1), "it has no value; write sybil, or leave it out");
    const auto value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    if (auto read = read_one(key, value, out); !read) return read.failure();
  }
  if (std::find(seen.begin(), seen.end(), "p") == seen.end())
    return models::error{
        errc::invalid_argument,
        "--intents: p is missing: give the share of requests that is declared, such as p=.5"};
  if (out.liar_rate >= 0 && !(out.liars > 0) && !(out.sleepers > 0))
    return models::error{errc::invalid_argument,
                         "--intents: liar-rate has no liars to belong to; add liars=.5"};
  for (const auto& [given, name] : {std::pair{out.flood > 1, "flood"}, std::pair{out.sybil, "sybil"}})
    if (given && !(out.liars > 0) && !(out.sleepers > 0))
      return models::error{errc::invalid_argument,
                           fmt::format("--intents: {} has no liars to belong to; add liars=.5", name)};
  return out;
}

std::string to_string(const intent_simulation& i) {
  return fmt::format(
      "p={:g},noshow={:g},jitter={:g},liars={:g}{},flood={:g}{},sleepers={:g},share-noise={:g},"
      "lead={}-{},peers={},top={},seed={}",
      i.p, i.noshow, i.jitter, i.liars,
      i.liar_rate >= 0 && (i.liars > 0 || i.sleepers > 0) ? fmt::format(",liar-rate={:g}", i.liar_rate) : "",
      i.flood, i.sybil ? ",sybil" : "", i.sleepers, i.share_noise, i.lead_from, i.lead_to, i.peers, i.top,
      i.seed);
}

} // namespace forestage::cluster
