// A SQLite connection, its prepared statements and transactions as values, and its errors in the product's
// words. Private to this adapter. Threading: one thread at a time.
#pragma once

#include "models/result.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace forestage::adapters {

class database {
public:
  // Opens or makes the file. vfs: a registered SQLite VFS, empty for the system's. Errors: storage_failed.
  [[nodiscard]] static models::result<database> open(const std::filesystem::path& file,
                                                     const std::string& vfs);

  // Runs one or more statements without results. Errors: storage_failed, incompatible.
  [[nodiscard]] models::status execute(const std::string& sql);
  // The first column of the first row of a statement. Errors: as execute.
  [[nodiscard]] models::result<std::int64_t> number(const std::string& sql);

  // The last failure with the file's name, what was being done, and the remedy.
  [[nodiscard]] models::error failure(std::string_view doing) const;
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

private:
  struct closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  database(std::filesystem::path file, sqlite3* handle)
      : file_(std::move(file))
      , handle_(handle) {}

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, closer> handle_;
};

// A statement, prepared once.
class statement {
public:
  [[nodiscard]] static models::result<statement> prepare(database& db, const char* sql);
  [[nodiscard]] sqlite3_stmt* handle() const { return handle_.get(); }

private:
  struct finalizer {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  explicit statement(sqlite3_stmt* handle)
      : handle_(handle) {}
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

// One use of a statement: bind, step, read columns. The end of its life ends the read transaction that it may
// have begun. Bound bytes are not copied: they have to outlive the steps.
class query {
public:
  explicit query(const statement& prepared)
      : handle_(prepared.handle()) {}
  query(const query&) = delete;
  query& operator=(const query&) = delete;
  ~query() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }

  query& bind(std::int64_t value);
  query& bind_bytes(std::string_view bytes);
  query& bind_text(std::string_view text);
  // SQLITE_ROW, SQLITE_DONE or an error.
  [[nodiscard]] int step() { return bound_ == SQLITE_OK ? sqlite3_step(handle_) : bound_; }
  // Runs a statement without results, and makes it ready for other values.
  [[nodiscard]] bool run();

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  // Valid until the next step.
  [[nodiscard]] std::string_view bytes(int column) const;

private:
  sqlite3_stmt* handle_;
  int bound_ = SQLITE_OK;
  int next_ = 1;
};

// Everything until commit, or nothing. Rolls back at the end of its life when it was not committed.
class transaction {
public:
  explicit transaction(database& db)
      : db_(db) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();
  // Takes the write lock at once, so that a foreign writer is met here and not half-way.
  [[nodiscard]] models::status begin() { return db_.execute("BEGIN IMMEDIATE"); }
  [[nodiscard]] models::status commit() { return db_.execute("COMMIT"); }

private:
  database& db_;
};

} // namespace forestage::adapters
