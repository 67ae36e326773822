// SPDX-License-Identifier: Apache-2.0
// Several containers judged as one workload. Each has its own gates: its user namespace, its kind,
// its filter. What is merged is what was found, by what it means: a program is its path, because
// its inode differs in every container. Where the containers differ, the cautious answer wins.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/profile/confidence.h"
#include "daemon/profile/evidence_verdict.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// One judgement for all of them; of one, the same as Judge() of it. Rows, reasons and warnings are
// in the order of `profiles` where nothing else orders them.
Judgement Judge(std::span<const Profile> profiles, const CallSites& sites,
                const JudgeOptions& options = {});

// Adds up findings of one capability that mean the same.
std::vector<Finding> MergeAlike(std::vector<Finding> findings);
// Adds what `other` advises beyond the set: unsafe for one is unsafe for all.
void MergeAdvice(const Recommendation& other, Recommendation& into);
// The confidence in all, by the names of their containers: no more than in the weakest.
Confidence WeakestOf(const std::vector<std::pair<std::string, Confidence>>& members);

// The confidence in instances of one image: that in the best known of them, unless another lost
// evidence, or something new was seen of any after `last_news`, the newest in all.
Confidence ConfidenceInImage(std::span<const Profile> instances,
                             const std::vector<std::pair<std::string, Confidence>>& members,
                             const News& last_news, TimeNs stable_after);
// For each instance why what was not seen may be needed all the same; "" where the start of another
// makes up for its own.
std::vector<std::string> WhyUnknownInImage(std::span<const Profile> instances, TimeNs stable_after);
// One sentence for each fact of the surroundings in which the instances differ.
std::vector<std::string> DifferingSurroundings(std::span<const Profile> instances);

}  // namespace capmon
