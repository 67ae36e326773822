// SPDX-License-Identifier: Apache-2.0
#include "client/render/document_template.h"

#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "client/render/json_path.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

constexpr char kOption[] = "-o custom-columns: ";
constexpr size_t kMostColumns = 100;

class OneTemplate : public DocumentTemplate {
 public:
  explicit OneTemplate(JsonTemplate parsed) : parsed_(std::move(parsed)) {}

  absl::StatusOr<std::string> Render(const ordered_json& document) override {
    auto text = parsed_.Render(document);
    if (text.ok()) return text;
    return absl::InvalidArgumentError(
        absl::StrCat("-o jsonpath: ", std::string(text.status().message())));
  }

 private:
  const JsonTemplate parsed_;
};

struct OneColumn {
  std::string title;
  JsonSteps path;
};

const ordered_json* RowsOf(const ordered_json& document) {
  const bool only = document.is_object() && document.size() == 1;
  return only && document.begin()->is_array() ? &*document.begin() : nullptr;
}

class ColumnsTemplate : public DocumentTemplate {
 public:
  ColumnsTemplate(std::vector<OneColumn> columns, bool headers)
      : columns_(std::move(columns)), headers_(headers) {}

  absl::StatusOr<std::string> Render(const ordered_json& document) override {
    std::vector<Table::Column> titles;
    for (const OneColumn& column : columns_) titles.push_back({column.title});
    Table table(titles);
    const ordered_json* const rows = RowsOf(document);
    if (rows == nullptr)
      if (absl::Status added = Add(document, table); !added.ok()) return added;
    if (rows != nullptr)
      for (const ordered_json& row : *rows)
        if (absl::Status added = Add(row, table); !added.ok()) return added;
    std::ostringstream out;
    table.Print(out, std::exchange(headers_, false), 0, &widths_);
    return out.str();
  }

 private:
  absl::Status Add(const ordered_json& row, Table& table) {
    std::vector<std::string> cells;
    for (const OneColumn& column : columns_) {
      const auto found = Find(column.path, row);
      if (!found.ok())
        return absl::InvalidArgumentError(
            absl::StrCat(kOption, column.title, ": ", std::string(found.status().message())));
      std::vector<std::string> texts;
      for (const ordered_json* value : *found) texts.push_back(JsonText(*value));
      cells.push_back(texts.empty() ? "<none>" : absl::StrJoin(texts, ","));
    }
    table.Add(std::move(cells));
    return absl::OkStatus();
  }

  const std::vector<OneColumn> columns_;
  std::vector<size_t> widths_;
  bool headers_;
};

// At commas that are in no brackets and no quotes.
std::vector<std::string> ColumnSpecs(std::string_view spec) {
  std::vector<std::string> specs(1);
  int open = 0;
  char quote = 0;
  for (const char c : spec) {
    if (quote == 0 && open <= 0 && c == ',') {
      specs.emplace_back();
      continue;
    }
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else
      open += c == '[' ? 1 : c == ']' ? -1 : 0;
    specs.back() += c;
  }
  return specs;
}

}  // namespace

absl::StatusOr<std::shared_ptr<DocumentTemplate>> JsonPathOutput(std::string_view text) {
  auto parsed = JsonTemplate::Parse(text);
  if (!parsed.ok())
    return absl::InvalidArgumentError(
        absl::StrCat("-o jsonpath: ", std::string(parsed.status().message())));
  return std::make_shared<OneTemplate>(*std::move(parsed));
}

absl::StatusOr<std::shared_ptr<DocumentTemplate>> CustomColumns(std::string_view spec,
                                                                bool headers) {
  std::vector<OneColumn> columns;
  for (const std::string& one : ColumnSpecs(spec)) {
    const size_t colon = one.find(':');
    if (colon == one.npos || colon == 0)
      return absl::InvalidArgumentError(
          absl::StrCat(kOption, Quoted(one), " is not TITLE:PATH, like NAME:.workload.name"));
    auto path = ParseRelaxedPath(std::string_view(one).substr(colon + 1));
    if (!path.ok())
      return absl::InvalidArgumentError(
          absl::StrCat(kOption, one.substr(0, colon), ": ", std::string(path.status().message())));
    columns.push_back({one.substr(0, colon), *std::move(path)});
    if (columns.size() > kMostColumns)
      return absl::InvalidArgumentError(
          absl::StrCat(kOption, "there are more than ", kMostColumns, " columns"));
  }
  return std::make_shared<ColumnsTemplate>(std::move(columns), headers);
}

}  // namespace capmon
