// SPDX-License-Identifier: Apache-2.0
// Just enough of SQLite in C++. The first failure of a database sticks: statements after it do
// nothing, so a caller checks once, at the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace capmon {

class Database;

// A prepared statement, reset when it goes.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* prepared);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  template <typename... Values>
  void Bind(const Values&... values) {
    int position = 0;
    (BindOne(++position, values), ...);
  }
  void BindNull(int position);
  void BindInt(int position, int64_t value);
  void BindText(int position, std::string_view value);
  // True while there is a row.
  bool Next();
  bool IsNull(int column) const;
  int64_t Int(int column) const;
  uint64_t Unsigned(int column) const { return static_cast<uint64_t>(Int(column)); }
  std::string Text(int column) const;

 private:
  template <typename Value>
  void BindOne(int position, const Value& value) {
    if constexpr (std::is_convertible_v<Value, std::string_view>)
      BindText(position, value);
    else
      BindInt(position, static_cast<int64_t>(value));
  }

  Database& database_;
  sqlite3_stmt* prepared_;
};

class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  Database(const Database&) = delete;
  ~Database();

  // Statements are prepared once and kept: at most one of the same text in use at a time.
  Statement Prepare(const std::string& sql);
  template <typename... Values>
  void Run(const std::string& sql, const Values&... values) {
    Statement statement = Prepare(sql);
    statement.Bind(values...);
    while (statement.Next()) continue;
  }
  void RunScript(const char* sql);

  const std::string& path() const { return path_; }
  const absl::Status& status() const { return status_; }
  absl::Status TakeStatus();
  void Fail(int code);  // remembers the first

 private:
  explicit Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

  sqlite3* handle_;
  std::string path_;
  absl::Status status_;
  std::unordered_map<std::string, sqlite3_stmt*> prepared_;
};

// Renames a database that is not open, with its journals, to a name with the time; returns the
// new name.
absl::StatusOr<std::string> SetDatabaseAside(const std::string& path);

}  // namespace capmon
