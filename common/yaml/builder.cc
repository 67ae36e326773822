// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

constexpr char kMergeKey[] = "<<";
constexpr size_t kMostShown = 60;  // bytes of a foreign key in a clause

}  // namespace

TextPlace PlaceOf(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

void YamlBuilder::Fail(TextPlace place, std::string what) {
  if (!fault_) fault_ = YamlFault{place, std::move(what)};
}

bool YamlBuilder::Spend(TextPlace place, size_t nodes) {
  nodes_ += nodes;
  if (nodes_ <= limits_.nodes) return true;
  Fail(place, absl::StrCat("there are more than ", limits_.nodes,
                           " values, with aliases counted where they are used"));
  return false;
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  anchors_.clear();
  frames_.clear();
  if (documents_.size() >= limits_.documents)
    Fail(PlaceOf(mark), absl::StrCat("there are more than ", limits_.documents, " documents"));
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (fault_ || !Spend(PlaceOf(mark), 1)) return;
  Sized sized;
  sized.value.place = PlaceOf(mark);
  Add(std::move(sized), anchor);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (fault_ || !Spend(PlaceOf(mark), 1)) return;
  Sized sized;
  sized.value.kind = YamlValue::Kind::kText;
  sized.value.text = value;
  sized.value.quoted = tag != "?";  // the parser's tag for a plain scalar
  sized.value.place = PlaceOf(mark);
  Add(std::move(sized), anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (fault_) return;
  if (!limits_.aliases) return Fail(PlaceOf(mark), "an alias is not accepted here");
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) return Fail(PlaceOf(mark), "an alias stands inside its own anchor");
  if (Spend(PlaceOf(mark), found->second.nodes)) Add(found->second, 0);
}

void YamlBuilder::Begin(const YAML::Mark& mark, YAML::anchor_t anchor, YamlValue::Kind kind) {
  if (fault_ || !Spend(PlaceOf(mark), 1)) return;
  if (frames_.size() >= static_cast<size_t>(limits_.depth))
    return Fail(PlaceOf(mark), absl::StrCat("values nest deeper than ", limits_.depth));
  Frame frame;
  frame.sized.value.kind = kind;
  frame.sized.value.place = PlaceOf(mark);
  frame.anchor = anchor;
  frames_.push_back(std::move(frame));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  Begin(mark, anchor, YamlValue::Kind::kList);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  Begin(mark, anchor, YamlValue::Kind::kMap);
}

void YamlBuilder::OnSequenceEnd() { End(); }
void YamlBuilder::OnMapEnd() { End(); }

void YamlBuilder::End() {
  if (fault_ || frames_.empty()) return;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Merge(frame);
  Add(std::move(frame.sized), frame.anchor);
}

// Keys of the map itself come first, then those of merged maps in their order.
void YamlBuilder::Merge(Frame& frame) {
  for (Sized& merged : frame.merged)
    for (YamlMember& member : merged.value.members)
      if (frame.keys.insert(member.key).second)
        frame.sized.value.members.push_back(std::move(member));
}

void YamlBuilder::Add(Sized sized, YAML::anchor_t anchor) {
  if (anchor != 0 && !limits_.aliases)
    return Fail(sized.value.place, "an anchor is not accepted here");
  if (anchor != 0) {
    // Counts the copy as well, because anchors inside anchors multiply.
    if (!Spend(sized.value.place, sized.nodes)) return;
    anchors_[anchor] = sized;
  }
  if (frames_.empty()) {
    documents_.push_back(std::move(sized.value));
    return;
  }
  Frame& frame = frames_.back();
  Sized& parent = frame.sized;
  parent.nodes += sized.nodes;
  parent.depth = std::max(parent.depth, sized.depth + 1);
  if (parent.depth > limits_.depth)
    return Fail(sized.value.place, absl::StrCat("values nest deeper than ", limits_.depth));
  if (parent.value.is_list())
    parent.value.items.push_back(std::move(sized.value));
  else
    AddToMap(frame, std::move(sized));
}

void YamlBuilder::AddToMap(Frame& frame, Sized sized) {
  YamlValue& value = sized.value;
  if (frame.has_key) {
    frame.has_key = false;
    if (frame.merge) return AddMerged(frame, std::move(sized));
    frame.sized.value.members.push_back(
        {std::move(frame.key), frame.key_place, std::move(sized.value)});
    return;
  }
  if (value.is_list() || value.is_map()) return Fail(value.place, "a key is a list or a map");
  frame.merge = limits_.aliases && value.text == kMergeKey && !value.quoted;
  if (!frame.merge && !frame.keys.insert(value.text).second)
    return Fail(value.place,
                absl::StrCat("the key ", value.text.substr(0, kMostShown), " stands there twice"));
  frame.has_key = true;
  frame.key = std::move(value.text);
  frame.key_place = value.place;
}

void YamlBuilder::AddMerged(Frame& frame, Sized sized) {
  const TextPlace place = sized.value.place;
  if (sized.value.is_map()) {
    frame.merged.push_back(std::move(sized));
    return;
  }
  if (!sized.value.is_list()) return Fail(place, "<< takes a map, or a list of maps");
  for (YamlValue& item : sized.value.items) {
    if (!item.is_map()) return Fail(item.place, "<< takes a map, or a list of maps");
    frame.merged.push_back({std::move(item)});
  }
}

}  // namespace capmon
