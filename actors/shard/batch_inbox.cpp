#include "actors/shard/batch_inbox.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace forestage::actors {

namespace {

// A shard tells counts and intents of one session apart by nothing but their sequence.
constexpr const char* counts_session = "inbox/counts";
constexpr const char* intents_session = "inbox/intents";

// The number of a name in a batch that is being written; new names go to the end.
template <class Name>
std::uint32_t number_in(std::vector<Name>& names, std::unordered_map<Name, std::uint32_t>& numbers,
                        const Name& name) {
  const auto [at, fresh] = numbers.try_emplace(name, static_cast<std::uint32_t>(names.size()));
  if (fresh) names.push_back(name);
  return at->second;
}

std::uint32_t add_held(std::uint32_t a, std::uint32_t b) {
  return a > std::numeric_limits<std::uint32_t>::max() - b ? std::numeric_limits<std::uint32_t>::max()
                                                           : a + b;
}

} // namespace

std::size_t batch_inbox::hash_of_key::operator()(const key& k) const noexcept {
  return models::mixed(k.resource.hash() ^ models::mixed(k.region.hash() ^ models::mixed(k.segment.hash())));
}

batch_inbox::session* batch_inbox::session_of(const std::string& id) {
  const auto at = sessions_.find(id);
  if (at != sessions_.end()) return &at->second;
  // Room is made by those that can only repeat what would be late.
  if (sessions_.size() >= limits_.sessions && swept_ != open_) {
    forget_quiet_sessions(limits_.ahead + 1);
    swept_ = open_;
  }
  if (sessions_.size() >= limits_.sessions) return nullptr;
  return &sessions_.try_emplace(id).first->second;
}

inbox_answer batch_inbox::accept(const messages::event_counts& batch) {
  // Every entry may be a new one: room for all of them is asked for before anything is touched.
  if (waiting_ + batch.entries.size() + batch.missing.size() > limits_.entries)
    return {.verdict = inbox_verdict::full};
  auto* const from = session_of(batch.session);
  if (from == nullptr) return {.verdict = inbox_verdict::full};
  if (!from->events.accept(batch.sequence)) return {.verdict = inbox_verdict::repeated};
  from->heard = open_;
  const auto out = gather(batch);
  late_ += out.late;
  early_ += out.early;
  return out;
}

inbox_answer batch_inbox::gather(const messages::event_counts& batch) {
  inbox_answer out;
  const auto last = open_ + limits_.ahead;
  for (const auto& e : batch.entries) {
    if (e.cell.count == 0) continue;
    if (e.cell.interval < open_ || e.cell.interval > last) {
      (e.cell.interval < open_ ? out.late : out.early) += e.cell.count;
      continue;
    }
    auto& counts = intervals_[e.cell.interval].counts;
    const auto segment = e.segment == 0 ? models::segment_id{} : batch.segments[e.segment - 1];
    const auto [at, fresh] =
        counts.try_emplace({batch.resources[e.resource], batch.regions[e.region], segment}, 0U);
    at->second = add_held(at->second, e.cell.count);
    waiting_ += fresh ? 1 : 0;
    out.counted += e.cell.count;
  }
  for (const auto& m : batch.missing)
    if (m.interval >= open_ && m.interval <= last) {
      const auto [at, fresh] = intervals_[m.interval].missing.try_emplace(
          {batch.resources[m.resource], batch.regions[m.region]}, true);
      waiting_ += fresh ? 1 : 0;
    }
  return out;
}

inbox_answer batch_inbox::accept(const messages::intent_events& batch) {
  const auto said = batch.declarations.size() + batch.kept.size();
  if (waiting_ + said > limits_.entries) return {.verdict = inbox_verdict::full};
  auto* const from = session_of(batch.session);
  if (from == nullptr) return {.verdict = inbox_verdict::full};
  if (!from->intents.accept(batch.sequence)) return {.verdict = inbox_verdict::repeated};
  from->heard = open_;
  gather(batch);
  return {};
}

void batch_inbox::gather(const messages::intent_events& batch) {
  const auto here = [&](auto each) {
    each.resource = number_in(intents_.resources, intent_resources_, batch.resources[each.resource]);
    each.region = number_in(intents_.regions, intent_regions_, batch.regions[each.region]);
    return each;
  };
  for (const auto& d : batch.declarations)
    intents_.declarations.push_back(here(d));
  for (const auto& k : batch.kept)
    intents_.kept.push_back(here(k));
  waiting_ += batch.declarations.size() + batch.kept.size();
}

std::int64_t batch_inbox::waiting_requests() const {
  std::int64_t sum = 0;
  for (const auto& [interval, open] : intervals_)
    for (const auto& [of, count] : open.counts)
      sum += count;
  return sum;
}

inbox_round batch_inbox::take(interval_number to) {
  assert(to >= open_);
  inbox_round out;
  ++rounds_;
  auto& counts = out.counts;
  counts.session = counts_session;
  counts.sequence = rounds_;
  counts.provenance = v1::PROVENANCE_REPORTED;
  std::unordered_map<models::resource_id, std::uint32_t> resources;
  std::unordered_map<models::region_id, std::uint32_t> regions;
  std::unordered_map<models::segment_id, std::uint32_t> segments;
  // By name, so that what is handed over does not depend on the order in which it came.
  std::vector<std::pair<const key*, models::cell>> found;
  std::vector<std::pair<const std::pair<models::resource_id, models::region_id>*, interval_number>> missing;
  const auto end = intervals_.lower_bound(to);
  for (auto at = intervals_.begin(); at != end; ++at) {
    for (const auto& [k, count] : at->second.counts)
      found.push_back({&k, {at->first, count}});
    for (const auto& [k, unused] : at->second.missing)
      missing.push_back({&k, at->first});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    const auto names =
        std::tie(a.first->resource, a.first->region) <=> std::tie(b.first->resource, b.first->region);
    if (names != 0) return names < 0;
    if (a.second.interval != b.second.interval) return a.second.interval < b.second.interval;
    return a.first->segment < b.first->segment;
  });
  std::sort(missing.begin(), missing.end(), [](const auto& a, const auto& b) {
    return std::tie(*a.first, a.second) < std::tie(*b.first, b.second);
  });
  for (const auto& [k, cell] : found)
    counts.entries.push_back(
        {number_in(counts.resources, resources, k->resource), number_in(counts.regions, regions, k->region),
         cell, k->segment.text().empty() ? 0U : number_in(counts.segments, segments, k->segment) + 1});
  for (const auto& [k, interval] : missing)
    counts.missing.push_back({number_in(counts.resources, resources, k->first),
                              number_in(counts.regions, regions, k->second), interval});
  intervals_.erase(intervals_.begin(), end);

  auto said = std::exchange(intents_, {});
  intent_resources_.clear();
  intent_regions_.clear();
  auto& intents = out.intents;
  intents.session = intents_session;
  intents.sequence = rounds_;
  std::unordered_map<models::resource_id, std::uint32_t> intent_resources;
  std::unordered_map<models::region_id, std::uint32_t> intent_regions;
  const auto given = [&](auto each) {
    each.resource = number_in(intents.resources, intent_resources, said.resources[each.resource]);
    each.region = number_in(intents.regions, intent_regions, said.regions[each.region]);
    return each;
  };
  const auto kept_back = [&](auto each) {
    each.resource = number_in(intents_.resources, intent_resources_, said.resources[each.resource]);
    each.region = number_in(intents_.regions, intent_regions_, said.regions[each.region]);
    return each;
  };
  for (auto d : said.declarations) {
    if (d.is.made >= to) {
      intents_.declarations.push_back(kept_back(d));
      continue;
    }
    d.is.made = std::max(d.is.made, open_);
    intents.declarations.push_back(given(d));
  }
  for (const auto& k : said.kept) {
    if (k.is.came >= to)
      intents_.kept.push_back(kept_back(k));
    else if (k.is.came >= open_)
      intents.kept.push_back(given(k)); // its requests are counted as late otherwise
  }
  // As a round wants them: by the interval that they were made or came in.
  std::stable_sort(intents.declarations.begin(), intents.declarations.end(),
                   [](const auto& a, const auto& b) { return a.is.made < b.is.made; });
  std::stable_sort(intents.kept.begin(), intents.kept.end(),
                   [](const auto& a, const auto& b) { return a.is.came < b.is.came; });
  waiting_ -= found.size() + missing.size() + said.declarations.size() + said.kept.size();
  waiting_ += intents_.declarations.size() + intents_.kept.size();
  open_ = to;
  forget_quiet_sessions(std::max(limits_.session_quiet, limits_.ahead + 1));
  return out;
}

void batch_inbox::write_to(models::byte_writer& write) const {
  write(open_, rounds_, late_, early_, static_cast<std::uint64_t>(sessions_.size()));
  std::vector<const std::pair<const std::string, session>*> sessions;
  for (const auto& each : sessions_)
    sessions.push_back(&each);
  std::sort(sessions.begin(), sessions.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* each : sessions)
    write(each->first, each->second);
  // What waits, as a batch of each interval would bring it.
  auto copy = *this;
  const auto last = intervals_.empty() ? open_ : intervals_.rbegin()->first + 1;
  const auto waiting = copy.take(last).counts;
  write(messages::to_proto(waiting).SerializeAsString(), messages::to_proto(intents_).SerializeAsString());
}

bool batch_inbox::read_from(models::byte_reader& read, inbox_limits limits, batch_inbox& out) {
  out = batch_inbox{interval_number{}, limits};
  std::uint64_t sessions = 0;
  read(out.open_, out.rounds_, out.late_, out.early_, sessions);
  for (std::uint64_t i = 0; i < sessions && read.ok(); ++i) {
    std::string id;
    session known;
    read(id, known);
    out.sessions_.insert_or_assign(std::move(id), known);
  }
  std::string counts;
  std::string intents;
  read(counts, intents);
  v1::EventBatch counts_batch;
  v1::IntentBatch intents_batch;
  if (!read.ok() || !counts_batch.ParseFromString(counts) || !intents_batch.ParseFromString(intents))
    return false;
  auto waiting = messages::from_proto(counts_batch);
  auto said = messages::from_proto(intents_batch);
  if (!waiting || !said) return false;
  out.gather(*waiting);
  out.gather(*said);
  return true;
}

void batch_inbox::forget_quiet_sessions(std::int64_t intervals) {
  std::erase_if(sessions_, [&](const auto& each) { return open_ - each.second.heard > intervals; });
}

} // namespace forestage::actors
