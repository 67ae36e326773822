// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace capmon {
namespace {

std::string UtcNow() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  return absl::StrFormat("%04d%02d%02dT%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                         parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

Statement::Statement(Database& database, sqlite3_stmt* prepared)
    : database_(database), prepared_(prepared) {}

Statement::~Statement() {
  if (prepared_ == nullptr) return;
  sqlite3_reset(prepared_);
  sqlite3_clear_bindings(prepared_);
}

void Statement::BindNull(int position) {
  if (const int rc = sqlite3_bind_null(prepared_, position); rc != SQLITE_OK) database_.Fail(rc);
}

void Statement::BindInt(int position, int64_t value) {
  if (const int rc = sqlite3_bind_int64(prepared_, position, value); rc != SQLITE_OK)
    database_.Fail(rc);
}

void Statement::BindText(int position, std::string_view value) {
  const int rc =
      sqlite3_bind_text64(prepared_, position, value.data() == nullptr ? "" : value.data(),
                          value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (rc != SQLITE_OK) database_.Fail(rc);
}

bool Statement::Next() {
  if (!database_.status().ok()) return false;
  const int rc = sqlite3_step(prepared_);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) database_.Fail(rc);
  return rc == SQLITE_ROW;
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(prepared_, column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(prepared_, column); }

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(prepared_, column);
  if (text == nullptr) return "";
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(prepared_, column))};
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int rc =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (rc != SQLITE_OK)
    return absl::UnavailableError(absl::StrCat("open ", path, ": ", sqlite3_errstr(rc)));
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Statement Database::Prepare(const std::string& sql) {
  sqlite3_stmt*& statement = prepared_[sql];
  if (statement == nullptr) {
    const int rc =
        sqlite3_prepare_v2(handle_, sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr);
    if (rc != SQLITE_OK) Fail(rc);
  }
  return Statement(*this, statement);
}

void Database::RunScript(const char* sql) {
  if (!status_.ok()) return;
  if (const int rc = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); rc != SQLITE_OK)
    Fail(rc);
}

void Database::Fail(int code) {
  if (!status_.ok()) return;
  const int kind = code & 0xff;
  const std::string message = absl::StrCat("use ", path_, ": ", sqlite3_errmsg(handle_));
  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
    status_ = absl::DataLossError(message);
  else if (kind == SQLITE_ERROR)
    status_ = absl::InternalError(message);  // no such table or column
  else
    status_ = absl::UnavailableError(message);
}

absl::Status Database::TakeStatus() { return std::exchange(status_, absl::OkStatus()); }

absl::StatusOr<std::string> SetDatabaseAside(const std::string& path) {
  std::string aside = absl::StrCat(path, ".set-aside-", UtcNow());
  for (int i = 2; std::filesystem::exists(aside); ++i)
    aside = absl::StrCat(path, ".set-aside-", UtcNow(), "-", i);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (::rename((path + suffix).c_str(), (aside + suffix).c_str()) == 0) continue;
    if (errno != ENOENT || *suffix == '\0')
      return absl::ErrnoToStatus(errno, absl::StrCat("set aside ", path, suffix));
  }
  return aside;
}

}  // namespace capmon
