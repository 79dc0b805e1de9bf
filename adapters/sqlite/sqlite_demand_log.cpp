// The port's functions as SQL: see the header; the tables are in schema.cpp.
#include "adapters/sqlite/sqlite_demand_log.hpp"

#include "actors/ports/demand_log_checks.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/directory_lock.hpp"
#include "adapters/sqlite/schema.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace forestage::adapters {

using actors::log_position;
using models::errc;
using models::result;
using models::shard_id;
using models::status;

namespace {

constexpr auto file_name = "demand.db";

enum class sql : std::size_t {
  last_position,
  set_last_position,
  insert_record,
  read_records,
  drop_records,
  upsert_rollup,
  read_rollups,
  span_of_rollups,
  drop_rollups,
  insert_snapshot,
  insert_chunk,
  find_snapshot,
  read_chunks,
  find_snapshot_at,
  oldest_of_newest,
  drop_older_chunks,
  drop_older_snapshots,
  drop_chunks,
  drop_snapshot,
  put_metadata,
  get_metadata,
  count
};

constexpr std::array<const char*, static_cast<std::size_t>(sql::count)> texts{
    "SELECT last_position FROM shard WHERE shard = ?",
    "INSERT INTO shard (shard, last_position) VALUES (?1, ?2) ON CONFLICT (shard) DO UPDATE SET "
    "last_position = ?2",
    "INSERT INTO record (key, bytes) VALUES (?, ?)",
    "SELECT key, bytes FROM record WHERE key > ? AND key <= ? ORDER BY key LIMIT ?",
    "DELETE FROM record WHERE key >= ? AND key <= ?",
    "INSERT INTO rollup (shard, interval, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (shard, interval) DO UPDATE "
    "SET bytes = ?3",
    "SELECT interval, bytes FROM rollup WHERE shard = ? AND interval >= ? AND interval < ? ORDER BY interval",
    "SELECT min(interval), max(interval), count(*) FROM (SELECT * FROM (SELECT interval FROM rollup WHERE "
    "shard = ?1 ORDER BY interval LIMIT 1) UNION ALL SELECT * FROM (SELECT interval FROM rollup WHERE "
    "shard = ?1 ORDER BY interval DESC LIMIT 1))",
    "DELETE FROM rollup WHERE shard = ? AND interval < ?",
    "INSERT INTO snapshot (shard, position, total_bytes) VALUES (?, ?, ?)",
    "INSERT INTO snapshot_chunk (snapshot, number, bytes) VALUES (?, ?, ?)",
    "SELECT id, position, total_bytes FROM snapshot WHERE shard = ? AND position <= ? ORDER BY position DESC "
    "LIMIT 1",
    "SELECT bytes FROM snapshot_chunk WHERE snapshot = ? ORDER BY number",
    "SELECT id FROM snapshot WHERE shard = ? AND position = ?",
    "SELECT position FROM (SELECT position FROM snapshot WHERE shard = ? ORDER BY position DESC LIMIT ?) "
    "ORDER BY 1 LIMIT 1",
    "DELETE FROM snapshot_chunk WHERE snapshot IN (SELECT id FROM snapshot WHERE shard = ? AND position < ?)",
    "DELETE FROM snapshot WHERE shard = ? AND position < ?",
    "DELETE FROM snapshot_chunk WHERE snapshot = ?",
    "DELETE FROM snapshot WHERE id = ?",
    "INSERT INTO metadata (key, bytes) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET bytes = ?2",
    "SELECT bytes FROM metadata WHERE key = ?",
};

// Errors that concern one entry of a group; every other one ends the transaction.
bool is_refusal(errc code) {
  return code == errc::position_conflict || code == errc::limit_exceeded;
}

// A position as a bound of a search: past the greatest position there is nothing.
std::int64_t bounded(log_position position) {
  return static_cast<std::int64_t>(std::min(position.value(), max_position));
}

} // namespace

// Everything that is open. The order matters: statements go before the connection, and the connection (which
// folds the write-ahead log into the file) before the lock.
struct sqlite_demand_log::store {
  directory_lock lock;
  std::filesystem::path file;
  sqlite_options options;
  database db;
  std::vector<statement> statements;

  [[nodiscard]] const statement& operator[](sql which) const {
    return statements[static_cast<std::size_t>(which)];
  }

  [[nodiscard]] result<log_position> last_position(shard_id shard) {
    query q{(*this)[sql::last_position]};
    const int code = q.bind(shard.value()).step();
    if (code == SQLITE_ROW) return log_position{static_cast<std::uint64_t>(q.integer(0))};
    if (code == SQLITE_DONE) return log_position{};
    return db.failure("cannot read the last position of " + actors::shard_label(shard));
  }

  [[nodiscard]] result<log_position> append(const actors::shard_append& entry);
  [[nodiscard]] status write(const actors::shard_append& entry, log_position last);
  [[nodiscard]] status write_snapshot(shard_id shard, log_position position, std::string_view state);
  [[nodiscard]] status drop_snapshot_at(shard_id shard, log_position position);
  [[nodiscard]] status drop_before(shard_id shard, log_position oldest, bool records_too);
};

status validate(const sqlite_options& options) {
  constexpr std::uint64_t max_record = std::uint64_t{512} << 20; // SQLite ends at 1e9 bytes per row
  const auto& limits = options.limits;
  if (limits.shards < 1 || limits.shards > max_shards)
    return {errc::invalid_argument, "limits.shards: give 1 to " + std::to_string(max_shards)};
  if (limits.record_bytes < 1 || limits.record_bytes > max_record)
    return {errc::invalid_argument, "limits.record_bytes: give 1 to " + std::to_string(max_record)};
  if (limits.snapshot_bytes < 1 || limits.snapshot_bytes > (std::uint64_t{1} << 40))
    return {errc::invalid_argument, "limits.snapshot_bytes: give 1 to 2^40"};
  if (options.busy_timeout.count() < 0 || options.busy_timeout > std::chrono::minutes{10})
    return {errc::invalid_argument, "busy_timeout: give 0 to 10 minutes"};
  if (options.max_database_bytes != 0 && options.max_database_bytes < (std::uint64_t{1} << 20))
    return {errc::invalid_argument, "max_database_bytes: give 1 MiB or more, or 0 for no bound"};
  return models::success();
}

result<std::unique_ptr<sqlite_demand_log>> sqlite_demand_log::open(const std::filesystem::path& directory,
                                                                   const sqlite_options& options) {
  if (auto valid = validate(options); !valid) return valid.failure();
  auto lock = directory_lock::acquire(directory);
  if (!lock) return lock.failure();
  const auto file = directory / file_name;
  auto db = database::open(file, options.vfs);
  if (!db) return db.failure();
  if (auto prepared = prepare_demand_log(*db, file, options); !prepared) return prepared.failure();
  std::vector<statement> statements;
  for (const auto* text : texts) {
    auto prepared = statement::prepare(*db, text);
    if (!prepared) return prepared.failure();
    statements.push_back(std::move(*prepared));
  }
  // The file's name has to survive power loss as well as what is in it.
  if (auto synced = sync_directory(directory); !synced) return synced.failure();
  auto opened =
      std::make_unique<store>(store{std::move(*lock), file, options, std::move(*db), std::move(statements)});
  return std::unique_ptr<sqlite_demand_log>{new sqlite_demand_log{std::move(opened)}};
}

sqlite_demand_log::sqlite_demand_log(std::unique_ptr<store> opened)
    : store_(std::move(opened)) {}
sqlite_demand_log::~sqlite_demand_log() = default;

// Appending
// ------------------------------------------------------------------------------------------------------------

status sqlite_demand_log::store::write(const actors::shard_append& entry, log_position last) {
  auto position = last.value();
  {
    query insert{(*this)[sql::insert_record]};
    for (const auto& record : entry.records)
      if (!insert.bind(record_key(entry.shard.value(), ++position)).bind_bytes(record).run())
        return db.failure("cannot append");
  }
  {
    query upsert{(*this)[sql::upsert_rollup]};
    for (const auto& rollup : entry.rollups)
      if (!upsert.bind(entry.shard.value()).bind(rollup.interval.value()).bind_bytes(rollup.bytes).run())
        return db.failure("cannot store a roll-up");
  }
  if (entry.records.empty()) return models::success();
  query set{(*this)[sql::set_last_position]};
  if (!set.bind(entry.shard.value()).bind(static_cast<std::int64_t>(position)).run())
    return db.failure("cannot append");
  return models::success();
}

result<log_position> sqlite_demand_log::store::append(const actors::shard_append& entry) {
  if (auto allowed = check_append(options.limits, entry); !allowed) return allowed.failure();
  const auto last = last_position(entry.shard);
  if (!last) return last.failure();
  if (auto same = check_expected(entry, *last); !same) return same.failure();
  if (entry.records.size() > max_position - last->value())
    return {errc::limit_exceeded, actors::shard_label(entry.shard) + " has no positions left"};
  if (auto written = write(entry, *last); !written) return written.failure();
  return log_position{last->value() + entry.records.size()};
}

std::vector<result<log_position>>
sqlite_demand_log::append_group(std::span<const actors::shard_append> group) {
  std::vector<result<log_position>> answers;
  if (group.empty()) return answers;
  // A failure of the storage takes the whole transaction; an entry that was refused stays refused.
  const auto fail = [&](const models::error& problem) {
    for (auto& answer : answers)
      if (answer) answer = problem;
    while (answers.size() < group.size())
      answers.emplace_back(problem);
    return std::move(answers);
  };
  transaction all{store_->db};
  if (auto begun = all.begin(); !begun) return fail(begun.failure());
  answers.reserve(group.size());
  for (const auto& entry : group) {
    answers.push_back(store_->append(entry));
    if (!answers.back() && !is_refusal(answers.back().failure().code)) return fail(answers.back().failure());
  }
  if (auto committed = all.commit(); !committed) return fail(committed.failure());
  return answers;
}

result<log_position> sqlite_demand_log::last_position(shard_id shard) {
  return store_->last_position(shard);
}

// Reading
// --------------------------------------------------------------------------------------------------------------

result<std::vector<actors::stored_record>> sqlite_demand_log::read(shard_id shard, log_position after,
                                                                   std::size_t limit) {
  if (auto allowed = actors::check_read_limit(limit); !allowed) return allowed.failure();
  std::vector<actors::stored_record> records;
  if (shard.value() >= max_shards) return records;
  const auto first = static_cast<std::uint64_t>(bounded(after));
  query q{(*store_)[sql::read_records]};
  q.bind(record_key(shard.value(), first)).bind(record_key(shard.value(), max_position));
  q.bind(static_cast<std::int64_t>(std::min<std::uint64_t>(limit, std::numeric_limits<std::int64_t>::max())));
  int code = q.step();
  for (; code == SQLITE_ROW; code = q.step()) {
    const auto position = static_cast<std::uint64_t>(q.integer(0)) & max_position;
    records.push_back({log_position{position}, std::string{q.bytes(1)}});
  }
  if (code != SQLITE_DONE) return store_->db.failure("cannot read " + actors::shard_label(shard));
  return records;
}

result<std::vector<actors::stored_rollup>>
sqlite_demand_log::read_rollups(shard_id shard, models::interval_number from, models::interval_number to) {
  std::vector<actors::stored_rollup> rollups;
  query q{(*store_)[sql::read_rollups]};
  q.bind(shard.value()).bind(from.value()).bind(to.value());
  int code = q.step();
  for (; code == SQLITE_ROW; code = q.step())
    rollups.push_back({models::interval_number{q.integer(0)}, std::string{q.bytes(1)}});
  if (code != SQLITE_DONE)
    return store_->db.failure("cannot read the roll-ups of " + actors::shard_label(shard));
  return rollups;
}

result<std::optional<actors::rollup_span>> sqlite_demand_log::span_of_rollups(shard_id shard) {
  query q{(*store_)[sql::span_of_rollups]};
  if (q.bind(shard.value()).step() != SQLITE_ROW)
    return store_->db.failure("cannot read the roll-ups of " + actors::shard_label(shard));
  if (q.integer(2) == 0) return std::optional<actors::rollup_span>{};
  return std::optional{
      actors::rollup_span{models::interval_number{q.integer(0)}, models::interval_number{q.integer(1)} + 1}};
}

// Snapshots
// ------------------------------------------------------------------------------------------------------------

status sqlite_demand_log::store::drop_snapshot_at(shard_id shard, log_position position) {
  query find{(*this)[sql::find_snapshot_at]};
  const int code = find.bind(shard.value()).bind(bounded(position)).step();
  if (code == SQLITE_DONE) return models::success();
  if (code != SQLITE_ROW) return db.failure("cannot look for a snapshot");
  const auto id = find.integer(0);
  for (const auto which : {sql::drop_chunks, sql::drop_snapshot}) {
    query drop{(*this)[which]};
    if (!drop.bind(id).run()) return db.failure("cannot replace a snapshot");
  }
  return models::success();
}

status sqlite_demand_log::store::write_snapshot(shard_id shard, log_position position,
                                                std::string_view state) {
  if (auto dropped = drop_snapshot_at(shard, position); !dropped) return dropped;
  {
    query insert{(*this)[sql::insert_snapshot]};
    insert.bind(shard.value()).bind(bounded(position)).bind(static_cast<std::int64_t>(state.size()));
    if (!insert.run()) return db.failure("cannot save a snapshot");
  }
  const auto id = sqlite3_last_insert_rowid(db.handle());
  query insert{(*this)[sql::insert_chunk]};
  for (std::size_t start = 0, number = 0; start < state.size(); start += snapshot_chunk_bytes, ++number) {
    insert.bind(id)
        .bind(static_cast<std::int64_t>(number))
        .bind_bytes(state.substr(start, snapshot_chunk_bytes));
    if (!insert.run()) return db.failure("cannot save a snapshot");
  }
  return models::success();
}

status sqlite_demand_log::save_snapshot(shard_id shard, log_position position, std::string_view state) {
  const auto last = store_->last_position(shard);
  if (!last) return last.failure();
  if (auto allowed = check_snapshot(store_->options.limits, shard, position, *last, state.size()); !allowed)
    return allowed;
  transaction all{store_->db};
  if (auto begun = all.begin(); !begun) return begun;
  if (auto written = store_->write_snapshot(shard, position, state); !written) return written;
  return all.commit();
}

result<std::optional<actors::stored_snapshot>> sqlite_demand_log::load_snapshot(shard_id shard,
                                                                                log_position at_most) {
  query find{(*store_)[sql::find_snapshot]};
  const int found = find.bind(shard.value()).bind(bounded(at_most)).step();
  if (found == SQLITE_DONE) return std::optional<actors::stored_snapshot>{};
  if (found != SQLITE_ROW)
    return store_->db.failure("cannot read the snapshots of " + actors::shard_label(shard));
  actors::stored_snapshot snapshot{log_position{static_cast<std::uint64_t>(find.integer(1))}, {}};
  const auto total = static_cast<std::size_t>(find.integer(2));
  snapshot.state.reserve(total);
  query q{(*store_)[sql::read_chunks]};
  q.bind(find.integer(0));
  int code = q.step();
  for (; code == SQLITE_ROW; code = q.step())
    snapshot.state += q.bytes(0);
  if (code != SQLITE_DONE)
    return store_->db.failure("cannot read a snapshot of " + actors::shard_label(shard));
  if (snapshot.state.size() != total)
    return {errc::storage_failed, store_->file.string() + ": the snapshot of " + actors::shard_label(shard) +
                                      " at position " + std::to_string(snapshot.position.value()) +
                                      " lacks a part; the file was changed by hand: restore a backup"};
  return std::optional{std::move(snapshot)};
}

// Retention
// ------------------------------------------------------------------------------------------------------------

status sqlite_demand_log::store::drop_before(shard_id shard, log_position oldest, bool records_too) {
  for (const auto which : {sql::drop_older_chunks, sql::drop_older_snapshots}) {
    query drop{(*this)[which]};
    if (!drop.bind(shard.value()).bind(bounded(oldest)).run()) return db.failure("cannot drop old snapshots");
  }
  if (!records_too) return models::success();
  query drop{(*this)[sql::drop_records]};
  drop.bind(record_key(shard.value(), 0)).bind(record_key(shard.value(), oldest.value()));
  return drop.run() ? models::success() : status{db.failure("cannot drop old records")};
}

status sqlite_demand_log::retain(shard_id shard, const actors::retention_rule& rule) {
  if (auto allowed = check_retention(rule); !allowed) return allowed;
  if (shard.value() >= max_shards) return models::success();
  transaction all{store_->db};
  if (auto begun = all.begin(); !begun) return begun;
  std::optional<log_position> oldest;
  {
    query q{(*store_)[sql::oldest_of_newest]};
    const auto most = std::min<std::uint64_t>(rule.snapshots, std::numeric_limits<std::int64_t>::max());
    const int code = q.bind(shard.value()).bind(static_cast<std::int64_t>(most)).step();
    if (code == SQLITE_ROW) oldest = log_position{static_cast<std::uint64_t>(q.integer(0))};
    if (code != SQLITE_ROW && code != SQLITE_DONE) return store_->db.failure("cannot look for old snapshots");
  }
  if (oldest)
    if (auto dropped = store_->drop_before(shard, *oldest, rule.records_after_oldest_snapshot_only); !dropped)
      return dropped;
  if (rule.rollups_from) {
    query drop{(*store_)[sql::drop_rollups]};
    if (!drop.bind(shard.value()).bind(rule.rollups_from->value()).run())
      return store_->db.failure("cannot drop old roll-ups");
  }
  return all.commit();
}

// Metadata
// -------------------------------------------------------------------------------------------------------------

status sqlite_demand_log::put(std::string_view key, std::string_view bytes) {
  if (auto allowed = actors::check_metadata_key(key); !allowed) return allowed;
  if (auto size = actors::check_size("a metadata value", bytes.size(), store_->options.limits.record_bytes);
      !size)
    return size;
  query q{(*store_)[sql::put_metadata]};
  return q.bind_text(key).bind_bytes(bytes).run() ? models::success()
                                                  : status{store_->db.failure("cannot put metadata")};
}

result<std::optional<std::string>> sqlite_demand_log::get(std::string_view key) {
  if (auto allowed = actors::check_metadata_key(key); !allowed) return allowed.failure();
  query q{(*store_)[sql::get_metadata]};
  const int code = q.bind_text(key).step();
  if (code == SQLITE_ROW) return std::optional{std::string{q.bytes(0)}};
  if (code == SQLITE_DONE) return std::optional<std::string>{};
  return store_->db.failure("cannot read metadata");
}

} // namespace forestage::adapters
