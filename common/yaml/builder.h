// SPDX-License-Identifier: Apache-2.0
// Builds the tree from the parser's events, and rejects input beyond the limits.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/yaml/yaml_reader.h"

namespace capmon {

class YamlBuilder : public YAML::EventHandler {
 public:
  explicit YamlBuilder(const YamlLimits& limits) : limits_(limits) {}

  // After the first error further events are ignored.
  const std::optional<YamlFault>& fault() const { return fault_; }
  std::vector<YamlValue>& documents() { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A value with its size.
  struct Sized {
    YamlValue value;
    size_t nodes = 1;
    int depth = 1;
  };
  // A list or map that is being read.
  struct Frame {
    Sized sized;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    TextPlace key_place;
    bool merge = false;         // the key is "<<"
    std::vector<Sized> merged;  // maps to merge, in the order of precedence
    std::set<std::string> keys;
  };

  void Fail(TextPlace place, std::string what);
  bool Spend(TextPlace place, size_t nodes);
  void Begin(const YAML::Mark& mark, YAML::anchor_t anchor, YamlValue::Kind kind);
  void End();
  void Merge(Frame& frame);
  void Add(Sized sized, YAML::anchor_t anchor);
  void AddToMap(Frame& frame, Sized sized);
  void AddMerged(Frame& frame, Sized sized);

  const YamlLimits& limits_;
  size_t nodes_ = 0;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Sized> anchors_;
  std::vector<YamlValue> documents_;
  std::optional<YamlFault> fault_;
};

TextPlace PlaceOf(const YAML::Mark& mark);

}  // namespace capmon
