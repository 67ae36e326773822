// SPDX-License-Identifier: Apache-2.0
// Which names say what code ran. A proof covers a program only by such a name: behind any other
// there may be another program, or another one later.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "daemon/profile/profile.h"

namespace capmon {

// Returns whether the file at a path is one program, whatever it is given: it is absolute, whole,
// of the image as far as a path shows it, and no shell, interpreter or set of programs in one file.
bool NamesOneProgram(std::string_view path);

// The programs of one profile, which must outlive it.
class ProgramIdentities {
 public:
  explicit ProgramIdentities(const Profile& profile);

  // Returns whether its path says what program made a check. Not where the executable has several
  // names, its path was not seen or had another file as well, or it was run from memory or from
  // outside of the container.
  bool IsKnown(const CheckKey& key) const;
  // The same of a file by its path.
  bool IsKnown(const std::string& path) const;
  bool HadSeveralFiles(const std::string& path) const { return of_several_.contains(path); }

 private:
  const Profile& profile_;
  std::set<std::string> of_several_;  // paths that more than one file had
};

}  // namespace capmon
