// See the header. Every change of a table raises demand_log_version and says here how an older file is
// brought up.
#include "adapters/sqlite/schema.hpp"

#include <string>

namespace forestage::adapters {

using models::errc;
using models::status;

namespace {

constexpr auto tables = R"sql(
CREATE TABLE shard (
  shard INTEGER PRIMARY KEY,
  last_position INTEGER NOT NULL           -- survives retention, so positions keep growing
) STRICT;
CREATE TABLE record (
  key INTEGER PRIMARY KEY,                 -- shard << 40 | position
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE rollup (
  shard INTEGER NOT NULL,
  interval INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (shard, interval)
) STRICT;
CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  shard INTEGER NOT NULL,
  position INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  UNIQUE (shard, position)
) STRICT;
CREATE TABLE snapshot_chunk (
  snapshot INTEGER NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (snapshot, number)
) STRICT;
CREATE TABLE metadata (
  key TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
-- For people with the sqlite3 shell.
CREATE VIEW records AS SELECT key >> 40 AS shard, key & 0xffffffffff AS position, bytes FROM record;
)sql";

status use_write_ahead_log(database& db, const std::filesystem::path& file) {
  auto prepared = statement::prepare(db, "PRAGMA journal_mode=WAL");
  if (!prepared) return prepared.failure();
  query q{*prepared};
  if (q.step() != SQLITE_ROW) return db.failure("cannot begin a write-ahead log");
  // Where the file system cannot share memory, SQLite stays in the mode it was in and says which.
  if (q.bytes(0) == "wal") return models::success();
  return {errc::storage_failed,
          file.string() +
              ": no write-ahead log is possible there: put the data directory on a local file system"};
}

status set_up_connection(database& db, const std::filesystem::path& file, const sqlite_options& options) {
  // The size of a page holds for the life of a file, and has to be set before the mode (docs/adr/0004).
  if (auto sized = db.execute("PRAGMA page_size=8192"); !sized) return sized;
  if (auto mode = use_write_ahead_log(db, file); !mode) return mode;
  // The first two bound the -wal file; cache_size is in KiB.
  auto sql = std::string{"PRAGMA wal_autocheckpoint=1000;"
                         "PRAGMA journal_size_limit=67108864;"
                         "PRAGMA cache_size=-16384;"
                         "PRAGMA temp_store=MEMORY;"
                         "PRAGMA secure_delete=FAST;"
                         "PRAGMA foreign_keys=OFF;"};
  sql +=
      options.durable == durability::power_loss ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;";
  if (auto done = db.execute(sql); !done) return done;
  if (options.max_database_bytes == 0) return models::success();
  auto page = db.number("PRAGMA page_size");
  if (!page) return page.failure();
  const auto pages = options.max_database_bytes / static_cast<std::uint64_t>(*page);
  return db.execute("PRAGMA max_page_count=" + std::to_string(pages));
}

status make_tables(database& db) {
  transaction all{db};
  if (auto begun = all.begin(); !begun) return begun;
  if (auto made = db.execute(tables); !made) return made;
  // Both live in the file's header, and so belong to the transaction.
  if (auto marked = db.execute("PRAGMA application_id=" + std::to_string(demand_log_application_id)); !marked)
    return marked;
  if (auto marked = db.execute("PRAGMA user_version=" + std::to_string(demand_log_version)); !marked)
    return marked;
  return all.commit();
}

} // namespace

status prepare_demand_log(database& db, const std::filesystem::path& file, const sqlite_options& options) {
  const auto timeout = static_cast<int>(options.busy_timeout.count());
  if (auto set = db.execute("PRAGMA busy_timeout=" + std::to_string(timeout)); !set) return set;
  // Reads only, until it is known whose file this is.
  const auto application = db.number("PRAGMA application_id");
  if (!application) return application.failure();
  const auto version = db.number("PRAGMA user_version");
  if (!version) return version.failure();
  const auto entries = db.number("SELECT count(*) FROM sqlite_schema");
  if (!entries) return entries.failure();

  const bool fresh = *application == 0 && *version == 0 && *entries == 0;
  if (!fresh && *application != demand_log_application_id)
    return {errc::incompatible, file.string() + " is a database of another program (application id " +
                                    std::to_string(*application) +
                                    "): move it away or give another data directory"};
  if (!fresh && *version != demand_log_version)
    return {errc::incompatible, file.string() + " has format version " + std::to_string(*version) +
                                    " and this program writes version " + std::to_string(demand_log_version) +
                                    ": use the program that wrote it, or give another data directory"};
  if (auto ready = set_up_connection(db, file, options); !ready) return ready;
  return fresh ? make_tables(db) : models::success();
}

} // namespace forestage::adapters
