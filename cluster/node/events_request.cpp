#include "cluster/node/events_request.hpp"

#include "actors/peer/report_fold.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace forestage::cluster {

using models::errc;
using models::error;
using models::result;
using nlohmann::json;

namespace {

constexpr std::int64_t us_per_ms = 1'000;
constexpr std::uint64_t most_count = 1'000'000'000;

error wrong(const std::string& where, const std::string& what) {
  return {errc::invalid_data, where + ": " + what};
}

// A key that nobody knows is a mistake in another one's name.
result<models::unit> only(const json& object, std::initializer_list<std::string_view> known,
                          const std::string& where) {
  for (const auto& item : object.items())
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      std::string names;
      for (const auto name : known)
        names += (names.empty() ? "" : ", ") + std::string{name};
      return wrong(where.empty() ? "'" + item.key() + "'" : where + ".'" + item.key() + "'",
                   "no such key; there are " + names);
    }
  return models::success();
}

template <class Name>
result<Name> name_of(const json& object, const char* key, const std::string& where, const Name* otherwise) {
  const auto at = object.find(key);
  if (at == object.end() && otherwise != nullptr) return *otherwise;
  if (at == object.end() || !at->is_string())
    return wrong(where + key, "a text is expected, such as \"room/42\"");
  auto made = Name::make(at->template get_ref<const std::string&>());
  if (!made) return wrong(where + key, made.failure().text);
  return made;
}

result<std::int64_t> time_of(const json& event, const std::string& where, std::int64_t now_ms) {
  const auto at = event.find("time");
  if (at == event.end()) return now_ms;
  if (at->is_string() || at->is_number()) {
    const auto text = at->is_string() ? at->get<std::string>() : at->dump();
    if (const auto time = adapters::logs::parse_time(text); time.ok()) return time.us / us_per_ms;
  }
  return wrong(where + "time", at->dump() + " is no time; write \"2026-01-01T12:00:00Z\" or unix seconds or "
                                            "milliseconds, or leave it out for now");
}

result<std::uint64_t> number_of(const json& object, const char* key, const std::string& where,
                                std::uint64_t otherwise, std::uint64_t most) {
  const auto at = object.find(key);
  if (at == object.end()) return otherwise;
  if (!at->is_number_unsigned() || at->get<std::uint64_t>() < 1 || at->get<std::uint64_t>() > most)
    return wrong(where + key,
                 "a whole number from 1 to " + std::to_string(most) + " is expected, not " + at->dump());
  return at->get<std::uint64_t>();
}

struct parsed_event {
  models::resource_id resource;
  models::region_id region;
  std::int64_t at_ms = 0;
  std::uint64_t count = 1;
};

result<parsed_event> parse_event(const json& event, const std::string& where, const models::region_id& region,
                                 std::int64_t now_ms) {
  if (!event.is_object()) return wrong(where, "an object is expected, such as {\"resource\": \"room/42\"}");
  if (auto known = only(event, {"resource", "region", "time", "count"}, where); !known)
    return known.failure();
  const auto inside = where + ".";
  auto resource = name_of<models::resource_id>(event, "resource", inside, nullptr);
  if (!resource) return resource.failure();
  auto own = name_of<models::region_id>(event, "region", inside, &region);
  if (!own) return own.failure();
  auto time = time_of(event, inside, now_ms);
  if (!time) return time.failure();
  auto count = number_of(event, "count", inside, 1, most_count);
  if (!count) return count.failure();
  return parsed_event{std::move(*resource), std::move(*own), *time, *count};
}

// Sums of events, by what they are of.
class batch_of_events {
public:
  explicit batch_of_events(const events_context& context)
      : context_(context) {}

  void add(const parsed_event& event, events_request& out) {
    const auto [interval, ahead] =
        actors::interval_of_event(event.at_ms, context_.received_ms, context_.grid);
    if (ahead) out.ahead += event.count;
    out.requests += event.count;
    cells_[{event.resource, event.region, interval}] += event.count;
  }
  // Errors: limit_exceeded.
  [[nodiscard]] result<models::unit> put(messages::event_counts& out) const {
    std::map<models::region_id, std::uint32_t> regions;
    for (const auto& [key, count] : cells_) {
      const auto& [resource, region, interval] = key;
      if (count > std::numeric_limits<std::uint32_t>::max())
        return error{errc::limit_exceeded, "more than 4,294,967,295 requests for '" + resource.text() +
                                               "' in an interval: send them in several batches"};
      if (out.resources.empty() || out.resources.back() != resource) out.resources.push_back(resource);
      const auto [at, fresh] = regions.emplace(region, static_cast<std::uint32_t>(out.regions.size()));
      if (fresh) out.regions.push_back(region);
      messages::event_counts::entry entry;
      entry.resource = static_cast<std::uint32_t>(out.resources.size() - 1);
      entry.region = at->second;
      entry.cell = {interval, static_cast<std::uint32_t>(count)};
      out.entries.push_back(entry);
    }
    return models::success();
  }

private:
  const events_context& context_;
  std::map<std::tuple<models::resource_id, models::region_id, models::interval_number>, std::uint64_t> cells_;
};

} // namespace

result<events_request> parse_events(std::string_view text, const events_context& context) {
  const auto body = json::parse(text, nullptr, false);
  if (!body.is_object())
    return {errc::invalid_data, "the body is not a JSON object; send {\"events\": [{\"resource\": "
                                "\"room/42\"}]}"};
  if (auto known = only(body, {"session", "sequence", "region", "events"}, ""); !known)
    return known.failure();
  events_request out;
  out.counts.provenance = v1::PROVENANCE_IMPORTED;
  const bool named = body.contains("session");
  if (named != body.contains("sequence"))
    return {errc::invalid_data, "session and sequence belong together: with both a batch that is sent again "
                                "counts once, without both each one counts"};
  if (named) {
    auto session = name_of<models::resource_id>(body, "session", "", nullptr);
    if (!session) return session.failure();
    if (session->text().empty()) return wrong("session", "a name is expected");
    out.session = session->text();
    auto sequence = number_of(body, "sequence", "", 0, std::numeric_limits<std::int64_t>::max());
    if (!sequence) return sequence.failure();
    out.sequence = *sequence;
  }
  const models::region_id nowhere{};
  auto region = name_of<models::region_id>(body, "region", "", &nowhere);
  if (!region) return region.failure();
  const auto events = body.find("events");
  if (events == body.end() || !events->is_array())
    return wrong("events", "a list is expected, such as [{\"resource\": \"room/42\"}]");
  if (events->size() > context.most_events)
    return error{errc::limit_exceeded, std::to_string(events->size()) + " events; at most " +
                                           std::to_string(context.most_events) + " fit in a batch"};
  batch_of_events batch{context};
  std::size_t i = 0;
  for (const auto& each : *events) {
    auto event = parse_event(each, "events[" + std::to_string(i++) + "]", *region, context.received_ms);
    if (!event) return event.failure();
    batch.add(*event, out);
  }
  if (auto done = batch.put(out.counts); !done) return done.failure();
  return out;
}

} // namespace forestage::cluster
