// SPDX-License-Identifier: Apache-2.0
// What containers do only while their files are new, and so not when they are merely started again.
// The rules are described in docs/verdicts.md, under unknown. Pure.
#pragma once

#include <span>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"

namespace capmon {

// Whether a container that was stopped and is started again has the files it had: what it did with
// new ones, it does not do again.
bool KeepsFiles(const Container& container);
// Whether a start with new files was seen.
bool BeganAnew(const Profile& profile);
// What a container may need only while it has new files, where none was seen with new ones.
struct SetUp {
  CapabilitySet capabilities;
  std::string why;
  bool no_new_privileges = false;  // each holds it already, so that nothing is gained at any exec
};
SetUp WhatOnlyNewFilesNeed(std::span<const Profile> instances);

}  // namespace capmon
