// SQLite, owned: a connection set up as the store needs it, its statements, and its errors in our words.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace bud::store {

// What an SQLite result code (extended) means for the caller, in words that say what to do.
[[nodiscard]] Error describe(int code);

// A prepared statement. Bound bytes are not copied: they live until the statement is reset.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
  }
  explicit operator bool() const { return statement_ != nullptr; }

  Statement& bind(int index, ByteView bytes);
  // true: a row stands ready in the columns; false: done.
  [[nodiscard]] Result<bool> step();
  ByteView blob(int column) const;  // valid until the next step or reset
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  void reset();
  bool busy() const;

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// Resets a cached statement when its use is over.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(&statement) {}
  ~Use() { statement_->reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return statement_; }

 private:
  Statement* statement_;
};

class Database {
 public:
  // Opens an existing file (an empty one becomes a database), hardened against a hostile schema. Nothing is read from
  // the file yet, nor written to it.
  [[nodiscard]] static Result<Database> open(const std::string& file);
  // WAL, each commit fsynced, and no checkpoint but when asked. Reads the file.
  [[nodiscard]] Result<> make_durable();

  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database& operator=(Database&&) = delete;
  ~Database();

  [[nodiscard]] Result<> execute(const std::string& sql);
  [[nodiscard]] Result<std::int64_t> integer(const std::string& sql);
  [[nodiscard]] Result<Statement> prepare(const std::string& sql);
  bool in_transaction() const;
  sqlite3* handle() const { return handle_; }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

}  // namespace bud::store
