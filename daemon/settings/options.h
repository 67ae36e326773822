// SPDX-License-Identifier: Apache-2.0
// The one table of capmond's settings: a flag, a key of capmond.yaml, what it accepts, what it
// means. Flags, the reader of the file, the sample file and docs/configuration.md follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/settings/config.h"

namespace capmon {

struct Option {
  enum class Form {
    kText,
    kAddress,      // unix:///absolute/path
    kListen,       // 127.0.0.1:9464, or unix:///absolute/path
    kNewFile,      // a file that capmond creates
    kFile,         // a file that exists
    kPathOrNone,   // an absolute path, or "none"
    kDirectory,    // a directory that exists
    kPathsOrNone,  // a list of those, or "none"
    kNames,        // a list of users and groups
    kTcpAddress,   // HOST:PORT
    kWord,         // one of `words`
    kNumber,
    kSeconds,  // in the file also "5m"
    kSwitch,
  };
  using Member = std::variant<std::string Config::*, std::vector<std::string> Config::*,
                              int64_t Config::*, uint32_t Config::*, bool Config::*>;

  std::string flag;  // "--keys-per-container"; more spellings follow after a comma
  std::string key;
  Form form = Form::kText;
  Member member;
  std::string help;
  std::string example = {};  // a value to write, where the default is none
  int64_t least = 0;         // of numbers and seconds
  int64_t most = 0;
  std::vector<std::string> words = {};
};

const std::vector<Option>& Options();

// Returns null if there is no such key.
const Option* FindOption(std::string_view key);

// What the option accepts: "a number from 16 to 65536".
std::string Accepts(const Option& option);
// The value as the file has it: "300", "[/run]"; "" for one that is not set.
std::string AsYaml(const Option& option, const Config& config);
// A line that could stand in the file: "baseline_after: 300".
std::string ExampleOf(const Option& option);

bool Equal(const Option& option, const Config& one, const Config& other);
void Copy(const Option& option, const Config& from, Config& to);

}  // namespace capmon
