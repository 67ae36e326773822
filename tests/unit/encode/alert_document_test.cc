// SPDX-License-Identifier: Apache-2.0
// docs/alert-formats.md is true: its table of severities and its examples are what the code has,
// and each name in its table of fields is one of an alert. After an intended change:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_encode
//   --gtest_filter='AlertFormatsDocument.*'
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "daemon/encode/encode_alert.h"
#include "daemon/encode/severity_scale.h"
#include "generated/build_paths.h"
#include "tests/support/cef_reader.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr char kDocument[] = CAPMON_SOURCE_DIR "/docs/alert-formats.md";
constexpr AlertFormat kFormats[] = {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kEcs,
                                    AlertFormat::kCef, AlertFormat::kFalco};

std::string Document() {
  std::ifstream file(kDocument);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Compares what is between a mark and the next end; or puts it there.
void ExpectPart(const std::string& mark, const std::string& part) {
  std::string document = Document();
  const std::string begin = absl::StrCat("<!-- ", mark, " -->\n");
  size_t at = document.find(begin);
  ASSERT_NE(at, document.npos) << begin;
  at += begin.size();
  const size_t end = document.find("<!-- end -->", at);
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr)
    std::ofstream(kDocument) << document.replace(at, end - at, part);
  else
    EXPECT_EQ(document.substr(at, end - at), part);
}

std::string SeverityTable() {
  std::string table =
      "| capmon | OCSF `severity_id` | ECS `event.severity`, `log.level` | CEF | Falco | syslog | "
      "OTLP |\n|---|---|---|---|---|---|---|\n";
  for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i) {
    const auto severity = static_cast<Severity>(i);
    const SeverityScale& scale = ScaleOf(severity);
    absl::StrAppend(&table, "| ", Name(severity), " | ", scale.ocsf, " ", scale.ocsf_name, " | ",
                    scale.ecs, " ", scale.ecs_level, " | ", scale.cef, " | ", scale.falco, " | ",
                    scale.syslog, " | ", scale.otlp, " |\n");
  }
  return table;
}

TEST(AlertFormatsDocument, HasTheSeverities) { ExpectPart("severities", SeverityTable()); }

// Indented, but a list of texts stays on one line.
std::string Readable(const std::string& line) {
  const std::string text = OrderedJson::parse(line).dump(2);
  static const std::regex kFlatList("\\[[^\\[\\]{}]*\\]"), kBreak("\n *");
  std::string readable;
  auto rest = text.cbegin();
  for (std::sregex_iterator it(text.begin(), text.end(), kFlatList), end; it != end; ++it) {
    readable.append(rest, it->prefix().second);
    readable += std::regex_replace(it->str(), kBreak, " ");
    rest = it->suffix().first;
  }
  return readable.append(rest, text.cend());
}

TEST(AlertFormatsDocument, HasAnExampleOfEach) {
  const FeedMessage message = SampleAlerts()[0].message;
  for (const AlertFormat format : kFormats) {
    std::string line = EncodeAlert(format, message, SampleSensor());
    if (format != AlertFormat::kCef) line = Readable(line);
    ExpectPart(absl::StrCat("example ", Name(format)),
               absl::StrCat("`", Name(format), "`:\n\n```\n", line, "\n```\n"));
  }
}

// The names of all members, with what is below them: "a", "a.b"; a list adds "[]".
void AddNames(const Json& value, const std::string& path, std::set<std::string>& names) {
  names.insert(path);
  for (const auto& [key, member] : value.items()) {
    if (value.is_object()) AddNames(member, path.empty() ? key : path + "." + key, names);
    if (value.is_array() && member.is_structured()) AddNames(member, path + "[]", names);
  }
}

std::set<std::string> NamesOf(AlertFormat format) {
  std::set<std::string> names;
  for (const SampleAlert& sample : SampleAlerts()) {
    const std::string line = EncodeAlert(format, sample.message, SampleSensor());
    if (format != AlertFormat::kCef) {
      const Json alert = Json::parse(line);
      AddNames(alert, "", names);
      if (format == AlertFormat::kFalco) AddNames(alert["output_fields"], "", names);
    } else if (const auto read = ReadCef(line)) {
      for (const auto& [key, value] : read->extension) names.insert(key);
    }
  }
  return names;
}

// The names in code quotes of one column of the table of fields.
std::set<std::string> Column(size_t column) {
  static const std::regex kName("`([^`]+)`");
  std::set<std::string> names;
  std::istringstream document(Document());
  bool in_table = false;
  for (std::string line; std::getline(document, line);) {
    in_table = line.starts_with("| native | OCSF") || (in_table && line.starts_with("|"));
    if (!in_table) continue;
    std::istringstream row(line.substr(1));
    std::string cell;
    for (size_t i = 0; i <= column; ++i) std::getline(row, cell, '|');
    for (std::sregex_iterator it(cell.begin(), cell.end(), kName), end; it != end; ++it)
      names.insert((*it)[1]);
  }
  return names;
}

TEST(AlertFormatsDocument, NamesOnlyWhatThereIs) {
  for (size_t i = 0; i < std::size(kFormats); ++i) {
    const std::set<std::string> there_is = NamesOf(kFormats[i]);
    const std::set<std::string> named = Column(i);
    EXPECT_GT(named.size(), 30u);
    for (const std::string& name : named)
      EXPECT_TRUE(there_is.contains(name)) << Name(kFormats[i]) << ": " << name;
  }
}

TEST(AlertFormatsDocument, NamesEachNativeMember) {
  const std::set<std::string> named = Column(0);
  const std::regex below("(container\\.(labels|granted|filter)|unread)[.\\[][^]*");
  for (const std::string& name : NamesOf(AlertFormat::kNative)) {
    const auto begins = named.lower_bound(name);  // a group, of which the members are named
    if (std::regex_match(name, below)) continue;
    EXPECT_TRUE(begins != named.end() && begins->starts_with(name)) << name;
  }
}

}  // namespace
}  // namespace capmon
