// Between protobuf and the models' types. What is read is checked: a message from outside never becomes an
// invalid value.
#pragma once

#include "messages/event.pb.h"
#include "messages/plan.pb.h"
#include "messages/record.pb.h"
#include "models/allocation/price.hpp"
#include "models/demand/key_model.hpp"
#include "models/ids.hpp"
#include "models/intents/declaration.hpp"
#include "models/yardsticks/tracker.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::messages {

// The requests of one session, by resource and region, as a shard folds them.
struct event_counts {
  struct entry {
    std::uint32_t resource = 0; // index into resources
    std::uint32_t region = 0;   // index into regions
    models::cell cell;
    std::uint32_t segment = 0; // 0: unknown; else 1 + an index into segments
    friend bool operator==(const entry&, const entry&) = default;
  };
  // A count that nobody knows.
  struct unknown {
    std::uint32_t resource = 0;
    std::uint32_t region = 0;
    models::interval_number interval{};
    friend bool operator==(const unknown&, const unknown&) = default;
  };
  std::string session;
  std::uint64_t sequence = 0;
  v1::Provenance provenance = v1::PROVENANCE_IMPORTED;
  std::vector<models::resource_id> resources;
  std::vector<models::region_id> regions;
  std::vector<entry> entries;
  std::vector<unknown> missing{};
  std::vector<models::segment_id> segments{};
  friend bool operator==(const event_counts&, const event_counts&) = default;
};

// The intents of one session, by resource and region.
struct intent_events {
  struct made {
    std::uint32_t resource = 0; // index into resources
    std::uint32_t region = 0;   // index into regions
    models::declaration is;
    friend bool operator==(const made&, const made&) = default;
  };
  struct came {
    std::uint32_t resource = 0;
    std::uint32_t region = 0;
    models::kept_intents is;
    friend bool operator==(const came&, const came&) = default;
  };
  std::string session;
  std::uint64_t sequence = 0;
  std::vector<models::resource_id> resources;
  std::vector<models::region_id> regions;
  std::vector<made> declarations; // in the order in which they were made
  std::vector<came> kept;         // in the order in which they came
  [[nodiscard]] bool empty() const noexcept { return declarations.empty() && kept.empty(); }
  friend bool operator==(const intent_events&, const intent_events&) = default;
};

[[nodiscard]] v1::EventBatch to_proto(const event_counts& counts);
// Errors: invalid_data (columns of different lengths, indices out of range, broken names, impossible times).
[[nodiscard]] models::result<event_counts> from_proto(const v1::EventBatch& batch);

[[nodiscard]] v1::IntentBatch to_proto(const intent_events& intents);
// Errors: invalid_data (as above; a weight that is no probability, an unknown source, a target that is not
// ahead).
[[nodiscard]] models::result<intent_events> from_proto(const v1::IntentBatch& batch);

[[nodiscard]] v1::Price to_proto(const models::unit_price& price);
[[nodiscard]] models::unit_price from_proto(const v1::Price& price);

[[nodiscard]] v1::PriceRequest to_proto(const models::price_request& request, const models::region_id& region,
                                        models::interval_number interval);
// Errors: invalid_data.
[[nodiscard]] models::result<models::price_request> from_proto(const v1::PriceRequest& request);

[[nodiscard]] v1::BenefitHistogram to_proto(const models::price_answer& answer,
                                            const models::region_id& region,
                                            models::interval_number interval);
// Errors: invalid_data (bins or runs out of order).
[[nodiscard]] models::result<models::price_answer> from_proto(const v1::BenefitHistogram& histogram);

[[nodiscard]] v1::CurvePoint to_proto(const models::decision& decision);

// A record as bytes, and back. Errors: invalid_data.
[[nodiscard]] std::string encode(const v1::LogRecord& record);
[[nodiscard]] models::result<v1::LogRecord> decode_record(std::string_view bytes);

} // namespace forestage::messages
