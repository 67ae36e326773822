// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/compare.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/profile_file/summary.h"

namespace capmon {
namespace {

// All versions of one workload.
struct Side {
  std::set<std::string> images;
  WorkloadProfile profile;
};
using Sides = std::map<std::string, Side>;

Sides ByWorkload(const ProfileSet& set) {
  Sides sides;
  for (const auto& [key, profile] : set) {
    Side& side = sides[key.workload];
    const std::string digest = key.digest.empty() ? "" : absl::StrCat("@", key.digest);
    if (!key.image.empty() || !digest.empty()) side.images.insert(absl::StrCat(key.image, digest));
    MergeInto(side.profile, profile);
  }
  return sides;
}

// Returns the word for each capability that the recommendation keeps; "" for others.
std::map<std::string, std::string> WordsOf(const Summary& summary) {
  std::map<std::string, std::string> words;
  for (const auto* findings : {&summary.needs, &summary.unknown})
    for (const auto& [name, finding] : *findings) words[name] = WordFor(finding);
  return words;
}

void CompareWords(const Summary& before, const Summary& after, Comparison& comparison) {
  auto old_words = WordsOf(before), new_words = WordsOf(after);
  std::set<std::string> names;
  for (const auto* words : {&old_words, &new_words})
    for (const auto& [name, word] : *words) names.insert(name);
  for (const std::string& name : names) {
    Difference difference{Difference::Kind::kChanged, name, old_words[name], new_words[name], true};
    if (difference.before == difference.after) continue;
    if (difference.before.empty()) difference.kind = Difference::Kind::kNew;
    if (difference.after.empty()) difference.kind = Difference::Kind::kGone;
    difference.decides = before.needs.contains(name) != after.needs.contains(name) ||
                         before.unknown.contains(name) != after.unknown.contains(name);
    comparison.differences.push_back(std::move(difference));
  }
}

void CompareText(const char* subject, const std::string& before, const std::string& after,
                 bool decides, Comparison& comparison) {
  if (before != after)
    comparison.differences.push_back({Difference::Kind::kChanged, subject, before, after, decides});
}

// "needed 2026-01-31"; "" for none.
std::string ProofText(const WorkloadProfile& profile, const std::string& name) {
  const auto proof = profile.proofs.find(name);
  if (proof == profile.proofs.end()) return "";
  const std::string& at = proof->second.at;
  return absl::StrCat(proof->second.found, " ", at.substr(0, at.find('T')));
}

void CompareProofs(const WorkloadProfile& before, const WorkloadProfile& after,
                   Comparison& comparison) {
  std::set<std::string> names;
  for (const auto* profile : {&before, &after})
    for (const auto& [name, proof] : profile->proofs) names.insert(name);
  for (const std::string& name : names)
    CompareText(absl::StrCat("proof of ", name).c_str(), ProofText(before, name),
                ProofText(after, name), false, comparison);
}

Comparison CompareSides(const std::string& workload, const Side& before, const Side& after) {
  Comparison comparison;
  comparison.workload = workload;
  const Summary was = SummaryOf(before.profile), is = SummaryOf(after.profile);
  CompareWords(was, is, comparison);
  CompareText("no_new_privileges", was.no_new_privileges, is.no_new_privileges, true, comparison);
  CompareText("non_root", was.non_root, is.non_root, true, comparison);
  CompareText("image", absl::StrJoin(before.images, ", "), absl::StrJoin(after.images, ", "), false,
              comparison);
  CompareProofs(before.profile, after.profile, comparison);
  return comparison;
}

}  // namespace

bool Comparison::decides() const {
  return only_before || only_after ||
         std::ranges::any_of(differences, [](const Difference& d) { return d.decides; });
}

std::vector<Comparison> Compare(const ProfileSet& before, const ProfileSet& after,
                                Pairing pairing) {
  const Sides left = ByWorkload(before), right = ByWorkload(after);
  if (pairing == Pairing::kOnlyOnes && left.size() == 1 && right.size() == 1) {
    const auto& [old_name, old_side] = *left.begin();
    const auto& [new_name, new_side] = *right.begin();
    const std::string name =
        old_name == new_name ? old_name : absl::StrCat(old_name, " and ", new_name);
    return {CompareSides(name, old_side, new_side)};
  }
  std::set<std::string> names;
  for (const Sides* sides : {&left, &right})
    for (const auto& [name, side] : *sides) names.insert(name);
  std::vector<Comparison> comparisons;
  for (const std::string& name : names) {
    const auto was = left.find(name), is = right.find(name);
    if (was != left.end() && is != right.end()) {
      comparisons.push_back(CompareSides(name, was->second, is->second));
      continue;
    }
    comparisons.push_back({name, was != left.end(), is != right.end(), {}});
  }
  return comparisons;
}

}  // namespace capmon
