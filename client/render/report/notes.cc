// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/render/report/parts.h"

namespace capmon {
namespace {

constexpr size_t kNamedBesideNote = 5;

}  // namespace

SharedNotes::SharedNotes(const Arranged& page) {
  std::vector<Note> all;
  std::map<std::string, size_t> places;
  const auto add = [&](const std::string& text, const char* kind, size_t number) {
    const auto [place, is_new] = places.emplace(text, all.size());
    if (is_new) all.push_back({text, kind, {}});
    std::vector<size_t>& workloads = all[place->second].workloads;
    if (workloads.empty() || workloads.back() != number) workloads.push_back(number);
  };
  for (size_t number = 0; number < page.sections; ++number) {
    if (!page.HasSection(number)) continue;
    const v1::Profile& profile = *page.report.workloads[number].profile;
    for (const std::string& text : profile.recommendation().warnings())
      add(text, "Warning", number);
    for (const std::string& text : profile.confidence().blind_spots())
      add(text, "Blind spot", number);
  }
  for (Note& note : all)
    if (note.workloads.size() > 1) {
      numbers_.emplace(note.text, notes_.size() + 1);
      notes_.push_back(std::move(note));
    }
}

size_t SharedNotes::NumberOf(const std::string& text) const {
  const auto found = numbers_.find(text);
  return found == numbers_.end() ? 0 : found->second;
}

void SharedNotes::Render(Html& html, const Arranged& page) const {
  if (notes_.empty()) return;
  html.Leaf("h2", {{"id", "notes"}}, "Notes on several workloads");
  const auto list = html.In("ol", {{"class", "notes"}});
  for (size_t at = 0; at < notes_.size(); ++at) {
    const Note& note = notes_[at];
    const auto item = html.In("li", {{"id", absl::StrCat("n", at + 1)}});
    html.Leaf("strong", {}, note.kind);
    html.Text(" " + note.text);
    const auto about = html.In("small");
    const size_t named = std::min(kNamedBesideNote, note.workloads.size());
    for (size_t i = 0; i < named; ++i) {
      html.Text(i == 0 ? " " : ", ");
      RenderNameLink(html, page, note.workloads[i]);
    }
    if (note.workloads.size() > named)
      html.Text(absl::StrCat(" and ", note.workloads.size() - named, " more"));
  }
  html.Newline();
}

}  // namespace capmon
