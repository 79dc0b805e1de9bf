#include "messages/convert.hpp"

#include <algorithm>
#include <limits>

namespace forestage::messages {

using models::errc;
using models::result;

namespace {

template <class Id, class Texts> result<std::vector<Id>> names_from(const Texts& texts) {
  std::vector<Id> names;
  names.reserve(static_cast<std::size_t>(texts.size()));
  for (const auto& text : texts) {
    auto name = Id::make(text);
    if (!name) return name.failure();
    names.push_back(std::move(*name));
  }
  return names;
}

} // namespace

v1::EventBatch to_proto(const event_counts& counts) {
  v1::EventBatch batch;
  batch.set_session(counts.session);
  batch.set_sequence(counts.sequence);
  batch.set_provenance(counts.provenance);
  for (const auto& name : counts.resources)
    batch.add_resources(name.text());
  for (const auto& name : counts.regions)
    batch.add_regions(name.text());
  for (const auto& name : counts.segments)
    batch.add_segments(name.text());
  std::int64_t base = std::numeric_limits<std::int64_t>::max();
  for (const auto& e : counts.entries)
    base = std::min(base, e.cell.interval.value());
  if (counts.entries.empty()) base = 0;
  batch.set_base_interval(base);
  const auto size = static_cast<int>(counts.entries.size());
  batch.mutable_resource()->Reserve(size);
  batch.mutable_region()->Reserve(size);
  batch.mutable_interval_offset()->Reserve(size);
  batch.mutable_count()->Reserve(size);
  for (const auto& e : counts.entries) {
    batch.add_resource(e.resource);
    batch.add_region(e.region);
    batch.add_interval_offset(static_cast<std::uint32_t>(e.cell.interval.value() - base));
    batch.add_count(e.cell.count);
    if (!counts.segments.empty()) batch.add_segment(e.segment);
  }
  for (const auto& m : counts.missing) {
    batch.add_missing_resource(m.resource);
    batch.add_missing_region(m.region);
    batch.add_missing_interval(m.interval.value());
  }
  return batch;
}

result<event_counts> from_proto(const v1::EventBatch& batch) {
  event_counts counts;
  counts.session = batch.session();
  counts.sequence = batch.sequence();
  counts.provenance = batch.provenance();
  auto resources = names_from<models::resource_id>(batch.resources());
  if (!resources) return resources.failure();
  auto regions = names_from<models::region_id>(batch.regions());
  if (!regions) return regions.failure();
  counts.resources = std::move(*resources);
  counts.regions = std::move(*regions);
  auto segments = names_from<models::segment_id>(batch.segments());
  if (!segments) return segments.failure();
  counts.segments = std::move(*segments);
  const int size = batch.resource_size();
  if (batch.segment_size() != 0 && batch.segment_size() != size)
    return {errc::invalid_data, "an event batch whose columns differ in length"};
  if (batch.region_size() != size || batch.interval_offset_size() != size || batch.count_size() != size)
    return {errc::invalid_data, "an event batch whose columns differ in length"};
  // Any real time lies far within; differences of intervals must not overflow.
  constexpr std::int64_t most = std::int64_t{1} << 48;
  if (batch.base_interval() < -most || batch.base_interval() > most)
    return {errc::invalid_data,
            "an event batch of interval " + std::to_string(batch.base_interval()) + ", which no clock shows"};
  counts.entries.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    const auto resource = batch.resource(i);
    const auto region = batch.region(i);
    if (resource >= counts.resources.size() || region >= counts.regions.size())
      return {errc::invalid_data, "an event batch that names a resource or region it does not list"};
    const auto segment = batch.segment_size() == 0 ? 0U : batch.segment(i);
    if (segment > counts.segments.size())
      return {errc::invalid_data, "an event batch that names a segment it does not list"};
    counts.entries.push_back(
        {resource,
         region,
         {models::interval_number{batch.base_interval()} + std::int64_t{batch.interval_offset(i)},
          batch.count(i)},
         segment});
  }
  const int missing = batch.missing_resource_size();
  if (batch.missing_region_size() != missing || batch.missing_interval_size() != missing)
    return {errc::invalid_data, "an event batch whose columns differ in length"};
  for (int i = 0; i < missing; ++i) {
    const auto resource = batch.missing_resource(i);
    const auto region = batch.missing_region(i);
    const auto t = batch.missing_interval(i);
    if (resource >= counts.resources.size() || region >= counts.regions.size() || t < -most || t > most)
      return {errc::invalid_data, "an event batch with a missing count of what it does not list"};
    counts.missing.push_back({resource, region, models::interval_number{t}});
  }
  return counts;
}

v1::IntentBatch to_proto(const intent_events& intents) {
  v1::IntentBatch batch;
  batch.set_session(intents.session);
  batch.set_sequence(intents.sequence);
  for (const auto& name : intents.resources)
    batch.add_resources(name.text());
  for (const auto& name : intents.regions)
    batch.add_regions(name.text());
  std::int64_t base = std::numeric_limits<std::int64_t>::max();
  for (const auto& d : intents.declarations)
    base = std::min(base, d.is.made.value());
  for (const auto& k : intents.kept)
    base = std::min(base, k.is.came.value());
  if (intents.empty()) base = 0;
  batch.set_base_interval(base);
  for (const auto& [resource, region, d] : intents.declarations) {
    batch.add_resource(resource);
    batch.add_region(region);
    batch.add_made(static_cast<std::uint32_t>(d.made.value() - base));
    batch.add_ahead(static_cast<std::uint32_t>(d.target - d.made));
    batch.add_peer(d.peer);
    batch.add_expected(d.expected);
    batch.add_weight(d.weight);
    batch.add_source(static_cast<v1::IntentSource>(d.source));
  }
  for (const auto& [resource, region, k] : intents.kept) {
    batch.add_kept_resource(resource);
    batch.add_kept_region(region);
    batch.add_came(static_cast<std::uint32_t>(k.came.value() - base));
    batch.add_kept_shift(k.shift);
    batch.add_kept_in_time(k.in_time);
    batch.add_kept_count(k.count);
    batch.add_kept_source(static_cast<v1::IntentSource>(k.source));
  }
  return batch;
}

result<intent_events> from_proto(const v1::IntentBatch& batch) {
  intent_events intents;
  intents.session = batch.session();
  intents.sequence = batch.sequence();
  auto resources = names_from<models::resource_id>(batch.resources());
  if (!resources) return resources.failure();
  auto regions = names_from<models::region_id>(batch.regions());
  if (!regions) return regions.failure();
  intents.resources = std::move(*resources);
  intents.regions = std::move(*regions);
  const int made = batch.resource_size();
  const int kept = batch.kept_resource_size();
  if (batch.region_size() != made || batch.made_size() != made || batch.ahead_size() != made ||
      batch.peer_size() != made || batch.expected_size() != made || batch.weight_size() != made ||
      batch.source_size() != made || batch.kept_region_size() != kept || batch.came_size() != kept ||
      batch.kept_shift_size() != kept || batch.kept_in_time_size() != kept ||
      batch.kept_count_size() != kept || (batch.kept_source_size() != 0 && batch.kept_source_size() != kept))
    return {errc::invalid_data, "a batch of intents whose columns differ in length"};
  constexpr std::int64_t most = std::int64_t{1} << 48;
  if (batch.base_interval() < -most || batch.base_interval() > most)
    return {errc::invalid_data, "a batch of intents of interval " + std::to_string(batch.base_interval()) +
                                    ", which no clock shows"};
  const models::interval_number base{batch.base_interval()};
  const auto named = [&](std::uint32_t resource, std::uint32_t region) {
    return resource < intents.resources.size() && region < intents.regions.size();
  };
  const models::error unnamed{errc::invalid_data,
                              "a batch of intents that names a resource or region it does not list"};
  for (int i = 0; i < made; ++i) {
    if (!named(batch.resource(i), batch.region(i))) return unnamed;
    const float weight = batch.weight(i);
    const auto source = static_cast<int>(batch.source(i));
    if (!(weight >= 0 && weight <= 1) || batch.expected(i) == 0 || source < 0 ||
        source >= static_cast<int>(models::intent_source_count))
      return {errc::invalid_data, "a batch of intents with a declaration that cannot be: a weight that is no "
                                  "probability, nothing expected, or an unknown source"};
    if (batch.ahead(i) == 0)
      return {errc::invalid_data,
              "a batch of intents with a declaration for the interval it was made in or one "
              "before: a target lies ahead"};
    const auto at = base + std::int64_t{batch.made(i)};
    intents.declarations.push_back({batch.resource(i),
                                    batch.region(i),
                                    {at, at + std::int64_t{batch.ahead(i)}, batch.peer(i), batch.expected(i),
                                     weight, static_cast<models::intent_source>(source)}});
  }
  for (int i = 0; i < kept; ++i) {
    if (!named(batch.kept_resource(i), batch.kept_region(i))) return unnamed;
    if (batch.kept_count(i) == 0)
      return {errc::invalid_data, "a batch of intents of which no request came and which says that one did"};
    if (batch.kept_shift(i) < -1 || batch.kept_shift(i) > 1)
      return {errc::invalid_data, "a batch of intents with a request too far from its declaration"};
    const auto source = batch.kept_source_size() == 0 ? 0 : static_cast<int>(batch.kept_source(i));
    if (source < 0 || source >= static_cast<int>(models::intent_source_count))
      return {errc::invalid_data, "a batch of intents with a kept declaration of an unknown source"};
    intents.kept.push_back(
        {batch.kept_resource(i),
         batch.kept_region(i),
         {base + std::int64_t{batch.came(i)}, static_cast<std::int8_t>(batch.kept_shift(i)),
          batch.kept_in_time(i), batch.kept_count(i), static_cast<models::intent_source>(source)}});
  }
  return intents;
}

v1::Price to_proto(const models::unit_price& price) {
  v1::Price out;
  out.set_stands(!price.value.has_value());
  if (!price.value) return out;
  out.set_value(price.value->fixed);
  out.set_line_hash(price.line.hash);
  out.set_line_resource(price.line.resource);
  out.set_line_unit(price.line.unit);
  return out;
}

models::unit_price from_proto(const v1::Price& price) {
  if (price.stands()) return {};
  return {models::benefit{price.value()}, {price.line_hash(), price.line_resource(), price.line_unit()}};
}

v1::PriceRequest to_proto(const models::price_request& request, const models::region_id& region,
                          models::interval_number interval) {
  v1::PriceRequest out;
  out.set_region(region.text());
  out.set_interval(interval.value());
  out.set_form(static_cast<std::uint32_t>(request.form));
  out.set_field(static_cast<std::uint32_t>(request.field));
  out.set_first_rank(request.first_rank);
  out.set_last_rank(request.last_rank);
  out.set_shift(request.shift);
  out.set_tied(request.tied.fixed);
  return out;
}

result<models::price_request> from_proto(const v1::PriceRequest& request) {
  if (request.form() > 1 || request.field() > 1 || request.shift() > 63)
    return {errc::invalid_data, "a price request of an unknown form"};
  models::price_request out{static_cast<models::answer_form>(request.form()),
                            static_cast<models::price_field>(request.field()),
                            request.first_rank(),
                            request.last_rank(),
                            static_cast<std::uint8_t>(request.shift()),
                            models::benefit{request.tied()}};
  if (auto valid = models::validate(out); !valid) return valid.failure();
  return out;
}

v1::BenefitHistogram to_proto(const models::price_answer& answer, const models::region_id& region,
                              models::interval_number interval) {
  v1::BenefitHistogram out;
  out.set_region(region.text());
  out.set_interval(interval.value());
  for (const auto& bin : answer.bins) {
    auto& b = *out.add_bins();
    b.set_bin(bin.bin);
    b.set_units(bin.units);
    b.set_runs(bin.runs);
    b.set_lowest_rank(bin.lowest_rank);
    b.set_highest_rank(bin.highest_rank);
  }
  for (const auto& run : answer.runs) {
    auto& r = *out.add_runs();
    r.set_benefit_rank(run.benefit_rank);
    r.set_hash(run.hash);
    r.set_resource(run.resource);
    r.set_first_unit(run.first_unit);
    r.set_last_unit(run.last_unit);
  }
  return out;
}

result<models::price_answer> from_proto(const v1::BenefitHistogram& histogram) {
  models::price_answer out;
  for (const auto& b : histogram.bins()) {
    if (!out.bins.empty() && out.bins.back().bin >= b.bin())
      return {errc::invalid_data, "a benefit histogram whose bins do not rise"};
    out.bins.push_back({b.bin(), b.units(), b.runs(), b.lowest_rank(), b.highest_rank()});
  }
  for (const auto& r : histogram.runs()) {
    if (r.first_unit() == 0 || r.last_unit() < r.first_unit())
      return {errc::invalid_data, "a benefit histogram with an empty run of units"};
    out.runs.push_back({r.benefit_rank(), r.hash(), r.resource(), r.first_unit(), r.last_unit()});
    if (out.runs.size() > 1 && !(out.runs[out.runs.size() - 2] < out.runs.back()))
      return {errc::invalid_data, "a benefit histogram whose runs are out of order"};
  }
  return out;
}

v1::CurvePoint to_proto(const models::decision& decision) {
  v1::CurvePoint point;
  point.set_mean(decision.mean);
  point.set_dispersion(decision.dispersion);
  for (const float p : decision.at_least)
    point.add_at_least(p);
  point.set_allocation(decision.allocation);
  return point;
}

std::string encode(const v1::LogRecord& record) {
  return record.SerializeAsString();
}

result<v1::LogRecord> decode_record(std::string_view bytes) {
  v1::LogRecord record;
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      record.record_case() == v1::LogRecord::RECORD_NOT_SET)
    return {errc::invalid_data,
            "a record of the demand log that cannot be read: it is damaged, or a newer version wrote it"};
  return record;
}

} // namespace forestage::messages
