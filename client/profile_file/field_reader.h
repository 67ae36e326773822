// SPDX-License-Identifier: Apache-2.0
// Reads the keys of one map, each at most once, and reports the first error with its place.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "client/profile_file/workload_profile.h"
#include "common/yaml/yaml_reader.h"

namespace capmon {

// "web.yaml:3:5: needs takes ..."
absl::Status FaultAt(const std::string& file, TextPlace place, std::string_view what);

class FieldReader {
 public:
  // `what` names the map in errors: "the profile".
  FieldReader(const YamlValue& map, std::string file, std::string what);

  // A missing key leaves `into` unchanged. A wrong value is an error.
  void Text(const char* key, std::string& into);
  void Count(const char* key, uint64_t& into);
  void Flag(const char* key, bool& into);
  void Choice(const char* key, const std::set<std::string>& words, std::string& into);
  void Texts(const char* key, std::map<std::string, std::string>& into);
  // Reads capabilities with verdicts that `is_meant` accepts; `meaning` names them in errors.
  void Capabilities(const char* key, bool (*is_meant)(Verdict), const char* meaning,
                    Verdicts& into);
  const YamlValue* Value(const char* key);
  void Require(const char* key);
  void Fail(TextPlace place, std::string_view what);
  void Take(const absl::Status& fault);  // an error that has its place already

  // Returns the first error; an unknown key is one.
  absl::Status Finish();

  const YamlValue& map() const { return map_; }
  const std::string& file() const { return file_; }

 private:
  const YamlValue& map_;
  const std::string file_;
  const std::string what_;
  std::set<std::string> known_;
  absl::Status status_;
};

// The largest count in a file: the sum of all rows of all files has room in 64 bits, and no capmond
// counts further.
inline constexpr uint64_t kMaxCount = 1'000'000'000'000;

// "NET_RAW": the only spelling in a file, so that equal profiles give equal files.
bool IsCapabilityOfFile(const std::string& name);

}  // namespace capmon
