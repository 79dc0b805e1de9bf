#include "cluster/replay/kept_log.hpp"

#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "cluster/replay/scorecard.hpp"
#include "messages/convert.hpp"
#include "models/interval.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace forestage::cluster {

using models::errc;
using models::interval_number;
using models::result;

namespace {

namespace logs = adapters::logs;

class kept_log final : public request_log {
public:
  kept_log(std::filesystem::path directory, std::unique_ptr<adapters::sqlite_demand_log> log,
           const log_shape& shape, models::interval_grid grid, actors::rollup_span span)
      : directory_(std::move(directory))
      , log_(std::move(log))
      , shape_(shape)
      , grid_(grid)
      , span_(span) {
    std::error_code unknown;
    bytes_ = std::max<std::uint64_t>(1, std::filesystem::file_size(directory_ / "demand.db", unknown));
    notes_.push_back("a data directory: the counts of " + utc_text(grid_.start(span_.from)) + " to " +
                     utc_text(grid_.start(span_.to)) + ", in intervals of " +
                     std::to_string(shape_.interval_seconds) + " s");
  }

  // Day by day, so that rows come nearly in order and a day of counts is all that is held.
  result<logs::read_report> read(logs::log_sink& sink) const override {
    logs::read_report report;
    for (auto from = span_.from; from < span_.to;) {
      const auto to = std::min(span_.to, from + (grid_.per_day() - grid_.slot_of_day(from)));
      auto parts = read_parts(from, to);
      if (!parts) return parts.failure();
      for (const auto& part : *parts)
        if (auto told = tell(part, sink, report); !told) return told.failure();
      from = to;
      const auto done = static_cast<double>(from - span_.from) / static_cast<double>(span_.to - span_.from);
      if (!sink.on_progress(from < span_.to ? static_cast<std::uint64_t>(static_cast<double>(bytes_) * done)
                                            : bytes_,
                            bytes_))
        return stopped();
    }
    report.rows = report.selected_rows = report.events;
    return report;
  }

  std::string place_of(const logs::log_event& event) const override {
    return directory_.string() + ": the roll-up of " + utc_text(event.time_us / 1'000'000);
  }
  std::string columns() const override { return {}; }
  bool has_peers() const noexcept override { return false; }
  bool has_segments() const noexcept override { return true; }
  const std::vector<std::string>& notes() const noexcept override { return notes_; }
  std::optional<std::int64_t> interval_seconds() const noexcept override { return shape_.interval_seconds; }

private:
  static models::error stopped() { return {errc::interrupted, "reading the log was stopped"}; }

  // The roll-ups of every shard, by interval.
  [[nodiscard]] result<std::vector<actors::stored_rollup>> read_parts(interval_number from,
                                                                      interval_number to) const {
    std::vector<actors::stored_rollup> parts;
    for (std::uint32_t shard = 0; shard < shape_.shards; ++shard) {
      auto some = log_->read_rollups(models::shard_id{shard}, from, to);
      if (!some) return some.failure();
      std::move(some->begin(), some->end(), std::back_inserter(parts));
    }
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& a, const auto& b) { return a.interval < b.interval; });
    return parts;
  }

  models::status tell(const actors::stored_rollup& part, logs::log_sink& sink,
                      logs::read_report& report) const {
    v1::EventBatch batch;
    if (!batch.ParseFromString(part.bytes)) return broken(part);
    const auto counts = messages::from_proto(batch);
    if (!counts) return broken(part);
    logs::log_event event;
    event.time_us = grid_.start(part.interval) * 1'000'000;
    for (const auto& e : counts->entries) {
      if (e.cell.interval != part.interval) return broken(part);
      event.resource = counts->resources[e.resource].text();
      event.region = counts->regions[e.region].text();
      event.segment = e.segment == 0 ? std::string_view{} : counts->segments[e.segment - 1].text();
      event.count = e.cell.count;
      event.value = static_cast<double>(e.cell.count);
      ++report.events;
      if (!sink.on_event(event)) return stopped();
    }
    event.segment = {};
    event.count = 0;
    event.value = 0;
    event.missing = true;
    for (const auto& m : counts->missing) {
      if (m.interval != part.interval) return broken(part);
      event.resource = counts->resources[m.resource].text();
      event.region = counts->regions[m.region].text();
      ++report.events;
      if (!sink.on_event(event)) return stopped();
    }
    return models::success();
  }

  [[nodiscard]] models::status broken(const actors::stored_rollup& part) const {
    return {errc::invalid_data, directory_.string() + ": the roll-up of " +
                                    utc_text(grid_.start(part.interval)) +
                                    " cannot be read; the file was changed by hand or another version of "
                                    "forestage wrote it: restore a backup"};
  }

  std::filesystem::path directory_;
  std::unique_ptr<adapters::sqlite_demand_log> log_;
  log_shape shape_;
  models::interval_grid grid_;
  actors::rollup_span span_;
  std::uint64_t bytes_ = 1;
  std::vector<std::string> notes_;
};

} // namespace

std::string to_json(const log_shape& shape) {
  return nlohmann::ordered_json{{"interval_seconds", shape.interval_seconds}, {"shards", shape.shards}}
      .dump();
}

result<log_shape> parse_log_shape(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto number = [&json](const char* key) {
    const auto at = json.is_object() ? json.find(key) : json.end();
    return at != json.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
  };
  const auto seconds = number("interval_seconds"), shards = number("shards");
  if (seconds == 0 || seconds > std::uint64_t{models::seconds_per_day} || shards == 0 || shards > 65'536)
    return {errc::invalid_data, "the shape of the demand log cannot be read: " + text};
  return log_shape{static_cast<std::int64_t>(seconds), static_cast<std::uint32_t>(shards)};
}

result<std::unique_ptr<request_log>> open_kept_log(const std::filesystem::path& directory) {
  const auto name = directory.string();
  if (std::error_code unknown; !std::filesystem::exists(directory / "demand.db", unknown))
    return {errc::invalid_argument,
            name + " is a folder without a demand log (demand.db); name the files inside "
                   "it, or the --data-dir of a run"};
  auto log = adapters::sqlite_demand_log::open(directory);
  if (!log) return log.failure();
  const auto text = (*log)->get(log_shape_key);
  if (!text) return text.failure();
  if (!text->has_value())
    return {errc::invalid_data, name + " holds no run that kept its counts yet; replay the log itself"};
  const auto shape = parse_log_shape(**text);
  if (!shape) return {shape.failure().code, name + ": " + shape.failure().text};
  const auto grid = models::interval_grid::make(shape->interval_seconds);
  if (!grid) return grid.failure();
  std::optional<actors::rollup_span> all;
  for (std::uint32_t shard = 0; shard < shape->shards; ++shard) {
    const auto span = (*log)->span_of_rollups(models::shard_id{shard});
    if (!span) return span.failure();
    if (!*span) continue;
    if (!all) all = **span;
    all = actors::rollup_span{std::min(all->from, (*span)->from), std::max(all->to, (*span)->to)};
  }
  if (!all)
    return {errc::invalid_data, name + " keeps no counts: the run in it ended before its first round closed"};
  return std::unique_ptr<request_log>{
      std::make_unique<kept_log>(directory, std::move(*log), *shape, *grid, *all)};
}

} // namespace forestage::cluster
