// SQLite's C interface behind values: see the header.
#include "adapters/sqlite/database.hpp"

#include <utility>

namespace forestage::adapters {

using models::errc;
using models::result;
using models::status;

namespace {

// What a person can do about a result code (sqlite.org/rescode.html).
std::string_view remedy(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    return "free space on the volume, raise the bound on the database, or keep less";
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return "another program is writing in this file: close it";
  case SQLITE_PERM:
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_AUTH:
    return "check that the directory exists, the owner and the permissions of the file";
  case SQLITE_CORRUPT:
    return "the file is damaged: stop, keep a copy, and restore a backup or run the sqlite3 shell's .recover";
  case SQLITE_NOTADB:
    return "this is not a database: move the file away or give another data directory";
  case SQLITE_IOERR:
    return "the disk refused: check the volume and the kernel's log";
  case SQLITE_NOMEM:
    return "give the process more memory";
  default:
    return "check the volume; if it is sound, report this as a bug";
  }
}

} // namespace

result<database> database::open(const std::filesystem::path& file, const std::string& vfs) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  database db{file, handle};
  if (code != SQLITE_OK) return db.failure("cannot open the demand log");
  return db;
}

models::error database::failure(std::string_view doing) const {
  const int code = handle_ ? sqlite3_extended_errcode(handle_.get()) : SQLITE_NOMEM;
  const char* message = handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
  const auto kind = (code & 0xff) == SQLITE_NOTADB ? errc::incompatible : errc::storage_failed;
  return {kind, file_.string() + ": " + std::string{doing} + ": " + message + " (SQLite " +
                    std::to_string(code) + "); " + std::string{remedy(code)}};
}

status database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(sql.size() < 40 ? sql : "cannot prepare the demand log");
  return models::success();
}

result<std::int64_t> database::number(const std::string& sql) {
  auto prepared = statement::prepare(*this, sql.c_str());
  if (!prepared) return prepared.failure();
  query q{*prepared};
  if (q.step() != SQLITE_ROW) return failure(sql);
  return q.integer(0);
}

result<statement> statement::prepare(database& db, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr) != SQLITE_OK)
    return db.failure(sql);
  return statement{handle};
}

query& query::bind(std::int64_t value) {
  if (bound_ == SQLITE_OK) bound_ = sqlite3_bind_int64(handle_, next_++, value);
  return *this;
}

query& query::bind_bytes(std::string_view bytes) {
  // A null pointer would be SQL's NULL, not the empty blob.
  const char* start = bytes.empty() ? "" : bytes.data();
  if (bound_ == SQLITE_OK) bound_ = sqlite3_bind_blob64(handle_, next_++, start, bytes.size(), SQLITE_STATIC);
  return *this;
}

query& query::bind_text(std::string_view text) {
  if (bound_ == SQLITE_OK)
    bound_ = sqlite3_bind_text64(handle_, next_++, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

bool query::run() {
  const int code = step();
  // Reset repeats the code of a failed step, and keeps the connection's message.
  const int after = sqlite3_reset(handle_);
  next_ = 1;
  return code == SQLITE_DONE && after == SQLITE_OK;
}

std::string_view query::bytes(int column) const {
  // The order matters: the pointer first, then its length.
  const auto* start = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const auto count = sqlite3_column_bytes(handle_, column);
  return start ? std::string_view{start, static_cast<std::size_t>(count)} : std::string_view{};
}

transaction::~transaction() {
  // A failed commit may have rolled back by itself.
  if (db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace forestage::adapters
