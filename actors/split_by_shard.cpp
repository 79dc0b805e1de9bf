#include "actors/split_by_shard.hpp"

#include <utility>

namespace forestage::actors {

namespace {

// Parts of something with named resources and regions: each part has the names it uses.
template <class Batch> class splitter {
public:
  splitter(const Batch& whole, std::uint32_t shards)
      : whole_(whole)
      , parts_(shards)
      , regions_(shards, std::vector<std::uint32_t>(whole.regions.size(), unused)) {
    for (auto& part : parts_) {
      part.session = whole.session;
      part.sequence = whole.sequence;
    }
    places_.reserve(whole.resources.size());
    for (const auto& id : whole.resources) {
      const auto shard = models::shard_of(id, shards).value();
      places_.push_back({shard, static_cast<std::uint32_t>(parts_[shard].resources.size())});
      parts_[shard].resources.push_back(id);
    }
  }
  // Appends (resource, region, what) to the list of the part that owns the resource.
  template <class Entry> Entry& put(std::vector<Entry> Batch::*list, const Entry& e, const auto& what) {
    const auto& at = places_[e.resource];
    auto& region = regions_[at.shard][e.region];
    auto& part = parts_[at.shard];
    if (region == unused) {
      region = static_cast<std::uint32_t>(part.regions.size());
      part.regions.push_back(whole_.regions[e.region]);
    }
    (part.*list).push_back({at.index, region, what});
    return (part.*list).back();
  }
  [[nodiscard]] std::vector<Batch> take() { return std::move(parts_); }

private:
  static constexpr auto unused = ~std::uint32_t{0};
  struct place {
    std::uint32_t shard = 0, index = 0;
  };
  const Batch& whole_;
  std::vector<Batch> parts_;
  std::vector<place> places_;
  std::vector<std::vector<std::uint32_t>> regions_;
};

} // namespace

std::vector<messages::event_counts> split_by_shard(const messages::event_counts& events,
                                                   std::uint32_t shards) {
  splitter split{events, shards};
  for (const auto& e : events.entries)
    split.put(&messages::event_counts::entries, e, e.cell).segment = e.segment;
  for (const auto& m : events.missing)
    (void)split.put(&messages::event_counts::missing, m, m.interval);
  auto parts = split.take();
  for (auto& part : parts) {
    part.provenance = events.provenance;
    part.segments = events.segments;
  }
  return parts;
}

std::vector<messages::intent_events> split_intents(const messages::intent_events& intents,
                                                   std::uint32_t shards) {
  splitter split{intents, shards};
  for (const auto& d : intents.declarations)
    (void)split.put(&messages::intent_events::declarations, d, d.is);
  for (const auto& k : intents.kept)
    (void)split.put(&messages::intent_events::kept, k, k.is);
  return split.take();
}

} // namespace forestage::actors
