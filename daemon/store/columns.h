// SPDX-License-Identifier: Apache-2.0
// Rows as named columns. A table names its columns and the values behind them once, in
//   static void Columns(auto& column, auto&... row) { column("name", row.member); ... }
// and the functions here insert and read whole rows with it. Integers, enumerations and sets of
// capabilities are SQLite's integers (those of 64 bits as signed ones), an optional without a value
// is NULL, text is text, and every list, set or map is JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "daemon/model/capability.h"
#include "daemon/store/sqlite.h"

namespace capmon {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// Collects the names.
struct ColumnNames {
  std::vector<std::string> names;

  void operator()(const char* name, const auto&) { names.emplace_back(name); }
};

// Binds a row's values, in the order of its columns.
class ColumnWriter {
 public:
  explicit ColumnWriter(Statement& statement) : statement_(statement) {}
  void operator()(const char*, const auto& value) { Put(++position_, value); }

 private:
  template <typename T>
  void Put(int position, const T& value) {
    if constexpr (kIsOptional<T>) {
      value ? Put(position, *value) : statement_.BindNull(position);
    } else if constexpr (std::is_same_v<T, CapabilitySet>) {
      statement_.BindInt(position, static_cast<int64_t>(value.bits()));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      statement_.BindInt(position, static_cast<int64_t>(value));
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      statement_.BindText(position, value);
    } else {  // replaces what is not UTF-8, which would throw
      statement_.BindText(position, nlohmann::json(value).dump(
                                        -1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
  }

  Statement& statement_;
  int position_ = 0;
};

// Reads a row's values, in the order of its columns.
class ColumnReader {
 public:
  explicit ColumnReader(const Statement& statement) : statement_(statement) {}
  void operator()(const char*, auto& value) { Get(position_++, value); }

 private:
  template <typename T>
  void Get(int position, T& value) {
    if constexpr (kIsOptional<T>) {
      value.reset();
      if (!statement_.IsNull(position)) Get(position, value.emplace());
    } else if constexpr (std::is_same_v<T, CapabilitySet>) {
      value = CapabilitySet(static_cast<uint64_t>(statement_.Int(position)));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      value = static_cast<T>(statement_.Int(position));
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = statement_.Text(position);
    } else {
      value = FromJson<T>(statement_.Text(position));
    }
  }
  // Empty when the text is not what ColumnWriter writes.
  template <typename T>
  static T FromJson(const std::string& text) {
    const auto parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    try {
      return parsed.is_discarded() ? T() : parsed.template get<T>();
    } catch (const nlohmann::json::exception&) {
      return T();
    }
  }

  const Statement& statement_;
  int position_ = 0;
};

template <typename Table>
std::vector<std::string> ColumnsOf() {
  ColumnNames columns;
  typename Table::Row row;
  std::apply([&](auto&... values) { Table::Columns(columns, values...); }, row);
  return columns.names;
}

// "a, b, c"; with `each`, that in place of every name.
inline std::string Listed(const std::vector<std::string>& names, const char* each = nullptr) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + (each ? each : name);
  return list;
}

// Replaces the row of the same key.
template <typename Table, typename... Values>
void Insert(Database& database, const Values&... row) {
  static const std::string sql = [] {
    const std::vector<std::string> names = ColumnsOf<Table>();
    return std::string("INSERT OR REPLACE INTO ") + Table::kName + "(" + Listed(names) +
           ") VALUES(" + Listed(names, "?") + ")";
  }();
  Statement statement = database.Prepare(sql);
  ColumnWriter writer(statement);
  Table::Columns(writer, row...);
  statement.Next();
}

// Calls `function` with the values of each row that `condition` selects, in the order it names:
// "WHERE id = ?" with the values behind its question marks.
template <typename Table, typename Function, typename... Values>
void ForEachRow(Database& database, const std::string& condition, const Function& function,
                const Values&... bound) {
  static const std::string sql =
      "SELECT " + Listed(ColumnsOf<Table>()) + " FROM " + Table::kName + " ";
  Statement statement = database.Prepare(sql + condition);
  statement.Bind(bound...);
  while (statement.Next()) {
    typename Table::Row row;
    ColumnReader reader(statement);
    std::apply(
        [&](auto&... values) {
          Table::Columns(reader, values...);
          function(values...);
        },
        row);
  }
}

}  // namespace capmon
