// SPDX-License-Identifier: Apache-2.0
// Reads fields of a manifest; a value of the wrong type becomes a finding. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/manifest/manifest.h"

namespace capmon {

// Reads fields of one map and adds findings to `findings`.
class Fields {
 public:
  // `map` may be null: then no field is there. `fallback` is the place of a missing field.
  Fields(const YamlValue& map, TextPlace fallback, ManifestFindings& findings);

  // An empty text for a missing field.
  std::string Text(const char* key);
  // A missing field leaves the setting as it is, but for the place of one without a value.
  void Flag(const char* key, Setting<bool>& into);
  // Likewise, but takes a text as well, as Compose does: "true", "Yes", "off".
  void FlagOrText(const char* key, Setting<bool>& into);
  void Number(const char* key, Setting<int64_t>& into);
  // A list of texts. `into_place` gets the key's place, and a value where the key is there.
  void Words(const char* key, std::vector<Word>& into, Setting<bool>& into_place);
  // The map at that key; a null where it is missing or no map.
  const YamlValue& Map(const char* key);
  const YamlValue& List(const char* key);
  TextPlace PlaceOf(const char* key) const;

 private:
  using ReadFlag = std::optional<bool> (*)(const YamlValue& value);

  void Flag(const char* key, Setting<bool>& into, ReadFlag read);
  const YamlMember* Present(const char* key) const;
  // True for a value that a template or a variable will replace.
  bool IsFilledIn(const char* key, const YamlValue& value);
  void Malformed(const char* key, TextPlace place, const char* takes);

  const YamlValue& map_;
  const TextPlace fallback_;
  ManifestFindings& findings_;
};

}  // namespace capmon
