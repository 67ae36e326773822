// SPDX-License-Identifier: Apache-2.0
// Reads the keys of one map of a settings file and reports every fault with its place and its
// remedy. A missing key leaves the value as it was.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/yaml_reader.h"
#include "daemon/settings/fault.h"
#include "daemon/settings/host_facts.h"

namespace capmon {

struct Secret;

// What all sections of one file share.
struct ReadContext {
  Faults& faults;
  const HostFacts& host;
};

class SectionReader {
 public:
  // `what` names the section in sentences: "the sink siem".
  SectionReader(const YamlValue& map, std::string what, ReadContext context);

  // Null if the key is missing, or has no value, which is a fault.
  const YamlMember* Take(const char* key);
  bool Has(const char* key) const { return map_.Find(key) != nullptr; }

  // `example` is a value that would do: it ends the sentence.
  bool Text(const char* key, std::string& into, std::string_view example);
  bool Texts(const char* key, std::vector<std::string>& into, std::string_view example);
  bool Switch(const char* key, bool& into);
  bool Number(const char* key, int64_t least, int64_t most, int64_t& into,
              std::string_view example);
  bool Time(const char* key, std::chrono::milliseconds least, std::chrono::milliseconds most,
            std::chrono::milliseconds& into, std::string_view example);
  bool Size(const char* key, uint64_t least, uint64_t most, uint64_t& into,
            std::string_view example);
  std::optional<size_t> Word(const char* key, const std::vector<std::string>& words);
  // An absolute path of a file that capmond can read.
  bool ReadableFile(const char* key, std::string& into, std::string_view example);
  bool SecretSource(const char* key, Secret& into);

  void Fail(const char* key, const std::string& what);  // at the key's value, or at the section
  void Fail(TextPlace place, const std::string& what) { context_.faults.Add(place, what); }
  void Warn(const char* key, const std::string& what);
  // True if the section has the key.
  bool Require(const char* key, std::string_view example);
  // Reports the key as one that has no meaning here; the caller's sentence.
  void Reject(const char* key, const std::string& what);
  // Reports unknown keys; call it last.
  void Finish();

  TextPlace place() const { return map_.place; }
  const YamlValue& map() const { return map_; }
  const std::string& what() const { return what_; }
  const ReadContext& context() const { return context_; }

 private:
  void Wrong(const YamlMember& member, std::string_view accepts, std::string_view example);

  const YamlValue& map_;
  const std::string what_;
  const ReadContext context_;
  std::set<std::string> known_, rejected_;
};

// Reads "file:/path" or "env:NAME"; reports anything else, without its text.
bool ReadSecret(const std::string& key, const YamlValue& value, ReadContext context, Secret& into);
// Whether capmond can append to the file. Reports it otherwise.
bool CheckNewFile(const std::string& key, const std::string& path, TextPlace place,
                  ReadContext context);
// The texts of a list, or of a single text. Reports other values.
bool ReadTexts(const std::string& key, const YamlValue& value, std::string_view example,
               ReadContext context, std::vector<std::string>& into);

}  // namespace capmon
